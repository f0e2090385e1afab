"""Two contests: one of 2024 that is over (the manual's first page of 申报状态查询), one of this year in every stage."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.forms.id_numbers import check_digit
from app.platform.identity import people as identity
from app.platform.identity import posts, regions
from app.platform.registry import Ground
from app.platform.runtime import firing
from app.systems.permits import codes, declarations
from app.systems.permits.demo import steps
from app.systems.permits.entities import Authorisation, Project
from app.systems.permits.roles import DISTRICT_ADMIN

HERE, THERE, BEYOND = "130402", "130403", "130404"
OPENED = datetime(2024, 3, 1, 1, 0, tzinfo=UTC)
CLOSED = datetime(2024, 5, 31, 10, 0, tzinfo=UTC)
SHOWN = frozenset({4, 18, 22, 23, 24, 25, 27, 28, 29, 30})  # serials of the district on the manual's page
SUBMITTED = 23
CODES = 201  # of that district: the manual's pager says 21 pages
CATEGORY, GROUP = "机器人综合技能", "小学组"
WAYS = {
    HERE: (
        "begun",
        "filled",
        "waiting",
        "waiting",
        "returned",
        "passed",
        "approved",
        "refused",
        "resubmitted",
    ),
    THERE: ("begun", "waiting", "passed", "approved"),
    BEYOND: ("filled", "passed"),
}
TEAMS = (
    *("启明星", "火花", "蓝鲸", "小工匠", "追风", "银河", "萤火虫", "雄鹰"),
    *("小海豚", "闪电", "星火", "极客", "飞鱼", "麦田", "白杨"),
)
PUPILS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰"


def walk(ground: Ground, people: Mapping[str, str]) -> None:
    """Hold both contests."""
    know_pupil(ground, people["xuesheng"], OPENED)
    _past(_Contest(ground, people, _past_project(ground)))
    with ground.sessions() as session:
        this_year = select(Project.id).where(Project.prefix == "R", Project.year == ground.now.year)
        project = session.scalars(this_year.order_by(Project.id.desc())).first()
    assert project is not None
    _present(_Contest(ground, people, project))


def _past_project(ground: Ground) -> str:
    with ground.sessions() as session, transaction(session):
        project = Project(
            name="青少年机器人竞赛",
            place=regions.path_of(session, "130400"),
            prefix="R",
            year=OPENED.year,
            categories=[CATEGORY, "机器人创意"],
            groups=["小学组", "初中组", "高中组"],
            declare_from=OPENED,
            declare_to=CLOSED,
            review_to=CLOSED + timedelta(days=20),
        )
        session.add(project)
        session.flush()
        return project.id


def _past(contest: _Contest) -> None:
    """Thirty codes used in turn by three districts, one team of the first submitted, passed and passed by the city."""
    contest.manage(HERE, OPENED - timedelta(days=10))
    here = contest.issue(HERE, 200, OPENED) + contest.issue(HERE, CODES - 200, OPENED)
    elsewhere = contest.issue(THERE, 12, OPENED) + contest.issue(BEYOND, 8, OPENED)
    for serial in range(1, max(SHOWN) + 1):
        at = OPENED + timedelta(days=serial, hours=serial % 7)
        code = here.pop(0) if serial in SHOWN else elsewhere.pop(0)
        instance = contest.begin(code, at)
        if serial == SUBMITTED:
            contest.go(instance, "approved", serial, at)
    after = CLOSED + timedelta(hours=1)
    firing.fire_due(contest.ground.sessions, lambda: after, "demonstration")
    contest.ground.work(after)


def _present(contest: _Contest) -> None:
    """Declarations in every stage in the first district, some in the others; spare codes everywhere."""
    start = contest.ground.now - timedelta(days=20)
    number = 0
    for district, ways in WAYS.items():
        contest.manage(district, start)
        made = contest.issue(district, len(ways) + 4, start)
        for code, way in zip(made, ways, strict=False):
            at = start + timedelta(days=number % 9, hours=number % 5, minutes=7 * number % 60)
            contest.go(contest.begin(code, at), way, number, at)
            number += 1


@dataclass(frozen=True)
class _Contest:
    """One project, and who acts in it."""

    ground: Ground
    people: Mapping[str, str]
    project: str

    def manage(self, district: str, at: datetime) -> None:
        """Let the demonstration's district administrator manage a district, unless he does."""
        with self.ground.sessions() as session, transaction(session):
            person, path = self.people["quxian"], regions.path_of(session, district)
            held = posts.of(session, person, self.ground.now)
            if (DISTRICT_ADMIN, path, self.project) not in {(p.role, p.place, p.subject) for p in held}:
                posts.grant(session, person, DISTRICT_ADMIN, path, self.project, at, None)

    def issue(self, district: str, count: int, at: datetime) -> list[str]:
        """Codes of the city, in the order of their issue."""
        with self.ground.sessions() as session:
            order = codes.Order(self.project, district, CATEGORY, GROUP, count)
            made = codes.issue(session, order, steps.acting(session, self.people["shiji"], at), at)
            return _typed(session, made)

    def begin(self, code: str, at: datetime) -> str:
        """The teacher types a code."""
        with self.ground.sessions() as session:
            by = steps.acting(session, self.people["jiaoshi"], at)
            entry = steps.start_entry(session, declarations.PROCESS, {"code": [code]}, by, at)
            return declarations.begin(session, entry, by, at, address="192.0.2.10")

    def go(self, instance: str, way: str, number: int, at: datetime) -> None:
        """Walk a declaration as far as its way says."""
        if way == "begun":
            return
        self._team(instance, "fill", "next", at + timedelta(minutes=20), _filled(number))
        if way == "filled":
            return
        self._team(instance, "submit", "submit", at + timedelta(minutes=30))
        if way in ("returned", "resubmitted"):
            until = (self.ground.now + timedelta(days=12)).date().isoformat()
            why, sent = "队员信息有误，请核对后重新提交。", {"resubmit_by": [until]}
            self._decide("quxian", instance, "district_review", "fail", at + timedelta(days=1), sent, why)
        if way == "resubmitted":
            self._team(instance, "correct", "next", at + timedelta(days=1, hours=3), _filled(number))
            self._team(instance, "resubmit", "submit", at + timedelta(days=1, hours=4))
        if way in ("passed", "approved", "refused"):
            sent = {"recommendation": ["同意推荐"]}
            self._decide("quxian", instance, "district_review", "pass", at + timedelta(days=1), sent)
        if way == "approved":
            self._decide("shiji", instance, "city_review", "pass", at + timedelta(days=2), {})
        if way == "refused":
            why = "作品与所报项目类型不符。"
            self._decide("shiji", instance, "city_review", "fail", at + timedelta(days=2), {}, why)

    def _team(
        self, instance: str, element: str, outcome: str, at: datetime, sent: steps.Sent | None = None
    ) -> None:
        self._decide("jiaoshi", instance, element, outcome, at, sent or {})

    def _decide(
        self,
        who: str,
        instance: str,
        element: str,
        outcome: str,
        at: datetime,
        sent: steps.Sent,
        comment: str = "",
    ) -> None:
        steps.decide(self.ground, self.people[who], instance, element, outcome, sent, at, comment)


def _typed(session: Session, made: Sequence[str]) -> list[str]:
    rows = session.scalars(select(Authorisation).where(Authorisation.id.in_(made)).order_by(Authorisation.id))
    return [row.code for row in rows]


def _filled(number: int) -> dict[str, list[str]]:
    """What a team fills in; nobody's names and numbers."""
    pupils = (("钱多多", PUPIL), *((f"演示学生{PUPILS[number % len(PUPILS)]}", _id_number(number)),))
    members = [
        {"name": [name], "gender": ["male"], "id_number": [id_number], "grade": ["五年级"]}
        for name, id_number in (pupils if number in (2, 6) else pupils[1:])
    ]
    return {
        "team_name": [TEAMS[number % len(TEAMS)] + "队"],
        "school": [f"演示第{number % 5 + 1}小学"],
        "coach": ["赵立新"],
        "coach_phone": ["13900000003"],
        "about": ["能够识别并分拣不同颜色积木的自动小车。"],
        "members": [json.dumps(member, ensure_ascii=False) for member in members],
    }


def _id_number(number: int) -> str:
    body = f"1304022015{number % 12 + 1:02}{number % 27 + 1:02}{number + 100:03}"
    return body + check_digit(body)


PUPIL = _id_number(800)


def know_pupil(ground: Ground, person: str, at: datetime) -> None:
    """Let the demonstration's pupil be known by the identity number under which teams name him."""
    with ground.sessions() as session, transaction(session):
        facts = {"id_type": "resident_id", "id_number": PUPIL}
        identity.change(session, person, facts, steps.acting(session, person, at), at)
