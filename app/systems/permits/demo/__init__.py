"""Demonstration data of permits, made through the verbs alone: people, projects, and cases in every state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from app.platform.data import transaction
from app.platform.identity import accounts, posts, regions
from app.platform.registry import Ground
from app.systems.permits.demo import applications, contests, summaries
from app.systems.permits.entities import Project
from app.systems.permits.roles import CITY_ADMIN, ORGANISER, STUDENT, TEACHER
from app.systems.permits.rules import CHINA

CITY = "130400"
PROJECTS = (
    ("青少年机器人竞赛", "R", ["机器人综合技能", "机器人创意", "FLL工程挑战"]),
    ("青少年科技创新大赛", "C", ["科技创新成果", "科技实践活动", "科幻画"]),
    ("青少年无人机大赛", "U", ["编程挑战", "物流搬运"]),
)
ORGANISERS = ("陈雨桐", "刘子涵", "周思远", "吴佳宁", "郑博文", "孙晓萌", "高明轩", "何静怡")
BEGINNING = datetime(2024, 1, 2, 1, 0, tzinfo=UTC)  # before the oldest contest


def plant(ground: Ground) -> Iterator[tuple[str, str]]:
    """Plant it, unless it is there; yield (role, user name) of the accounts one can walk in with."""
    with ground.sessions() as session:
        planted = session.scalar(select(Project.id).limit(1)) is not None
    names = dict(_accounts(ground, planted))
    if not planted:
        _projects(ground)
        applications.walk(ground, names)
        contests.walk(ground, names)
        summaries.walk(ground, names)
    yield from (
        ("市级管理员", "shiji"),
        ("组织者（有各种状态的申请）", "zuzhizhe"),
        ("组织者（尚未建档）", "xinren"),
        ("教师", "jiaoshi"),
        ("学生", "xuesheng"),
        ("区县管理员（已获授权的组织者）", "quxian"),
    )


def _accounts(ground: Ground, planted: bool) -> Iterator[tuple[str, str]]:
    """Make the accounts: (user name, person id)."""
    wanted: list[tuple[str, str, str]] = [
        ("shiji", "王建国", CITY_ADMIN),
        ("xinren", "林小雨", ORGANISER),
        ("xinren2", "钱小满", ORGANISER),
        ("jiaoshi", "赵立新", TEACHER),
        ("xuesheng", "钱多多", STUDENT),
        ("zuzhizhe", ORGANISERS[0], ORGANISER),
        ("quxian", ORGANISERS[1], ORGANISER),
        *((f"zuzhizhe{n}", name, ORGANISER) for n, name in enumerate(ORGANISERS[2:], 2)),
    ]
    if planted:
        return
    start = min(BEGINNING, ground.now - timedelta(days=60))
    with ground.sessions() as session, transaction(session):
        for number, (username, name, role) in enumerate(wanted):
            person, _ = accounts.create(
                session,
                username,
                name,
                None,
                start,
                password=ground.password,
                phone=f"1390000{number:04}",
                demo=True,
            )
            place = regions.path_of(session, CITY) if role == CITY_ADMIN else ""
            posts.grant(session, person, role, place, None, start, None)
            yield username, person


def _projects(ground: Ground) -> None:
    year = ground.now.year
    with ground.sessions() as session, transaction(session):
        city = regions.path_of(session, CITY)
        for name, prefix, categories in PROJECTS:
            session.add(
                Project(
                    name=name,
                    place=city,
                    prefix=prefix,
                    year=year,
                    categories=categories,
                    groups=["小学组", "初中组", "高中组"],
                    declare_from=_nine(ground.now) - timedelta(days=30),
                    declare_to=_nine(ground.now) + timedelta(days=60, hours=9),
                    review_to=_nine(ground.now) + timedelta(days=75, hours=9),
                )
            )
        session.flush()


def _nine(moment: datetime) -> datetime:
    """Nine in the morning of that day in China."""
    return moment.astimezone(CHINA).replace(hour=9, minute=0, second=0, microsecond=0).astimezone(UTC)
