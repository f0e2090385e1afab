"""The report comes once to whoever has chosen it, about what lies in his reach."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.platform import notices
from app.platform.data import transaction
from app.platform.identity import accounts, roles
from app.platform.monitoring import folding, reports
from app.platform.notices import Notice
from app.platform.runtime.entities import Instance
from tests.platform.runtime.steps import begin
from tests.world import World

MONDAY = datetime(2026, 3, 9, 1, 30, tzinfo=UTC)  # 9:30 in Shanghai
HERE, NEXT = "市平台管", "邻市平台管"


@pytest.mark.parametrize(
    ("kind", "today", "days"),
    [
        (reports.WEEKLY, date(2026, 3, 9), (date(2026, 3, 2), date(2026, 3, 8))),
        (reports.WEEKLY, date(2026, 3, 12), (date(2026, 3, 2), date(2026, 3, 8))),
        (reports.MONTHLY, date(2026, 3, 1), (date(2026, 2, 1), date(2026, 2, 28))),
        (reports.MONTHLY, date(2026, 1, 1), (date(2025, 12, 1), date(2025, 12, 31))),
    ],
)
def test_a_report_is_of_the_week_or_month_before(kind: str, today: date, days: tuple[date, date]) -> None:
    assert reports.period(kind, today) == days


def test_it_goes_out_in_the_morning_of_its_day() -> None:
    assert reports.is_due(reports.WEEKLY, MONDAY)
    assert not reports.is_due(reports.WEEKLY, MONDAY + timedelta(hours=6))
    assert not reports.is_due(reports.WEEKLY, MONDAY + timedelta(days=1))
    assert reports.is_due(reports.MONTHLY, datetime(2026, 4, 1, 1, tzinfo=UTC))
    assert not reports.is_due(reports.MONTHLY, MONDAY)


def coming(world: World) -> datetime:
    """The morning of the Monday after the world's day."""
    day = world.now + timedelta(days=7 - world.now.weekday())
    return day.replace(hour=1, minute=30)


def settled(world: World) -> None:
    """A case of the city, started in the week before; two who watch have chosen the report, a third has not."""
    for name, place in ((HERE, "130400"), (NEXT, "130500"), ("第三", "130400"), ("无岗", "")):
        world.enter(name, roles.ADMINISTRATOR.key if place else "fairs.organiser", place)
        with world.session() as session:
            accounts.create(
                session, f"u{world.people[name]}", name, None, world.now, "Granit-Weide-47",
                person=world.people[name],
            )  # fmt: skip
        if name != "第三":
            with world.session() as session:
                notices.choosing.choose(session, world.people[name], {reports.WEEKLY: ["email"]}, world.now)
    instance = begin(world)
    with world.session() as session, transaction(session):
        values = {"place": "130000/130400/130402/", "started_at": coming(world) - timedelta(days=3)}
        session.execute(update(Instance).where(Instance.id == instance).values(**values))


def letters(world: World) -> dict[str, str]:
    with world.session() as session:
        rows = session.scalars(select(Notice).where(Notice.kind == reports.WEEKLY))
        return {row.person_id: row.said["text"][0] for row in rows}


def test_who_has_chosen_it_is_told_once_of_his_own_reach(any_ground: World) -> None:
    settled(any_ground)
    monday = coming(any_ground)
    with any_ground.session() as session:
        folding.fold(session, monday)
        assert reports.send(session, monday) == 2
        assert reports.send(session, monday + timedelta(hours=1)) == 0
        assert reports.send(session, monday + timedelta(days=1)) == 0
    told = letters(any_ground)
    assert set(told) == {any_ground.people[HERE], any_ground.people[NEXT]}
    assert "发起1件" in told[any_ground.people[HERE]]
    assert "这段时间没有流程运行。" in told[any_ground.people[NEXT]]
