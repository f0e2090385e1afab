"""Ticked people reviewed together: one batch, though each review tells somebody by SMS (D-24, D-36)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from app.platform import notices
from app.platform.lists import deciding
from app.platform.notices.channels import SmsFile
from app.platform.notices.entities import Delivery, Notice
from app.platform.runtime import doctor
from app.systems.delegates import rules
from tests.systems.delegates import filling
from tests.systems.delegates.world import CONVENING, LIAISON_ONE, World

NAMES = ("柳青", "柳明", "柳红", "柳白")


@pytest.fixture
def by_sms(world: World, tmp_path: Path) -> Iterator[World]:
    """The house sends messages, which everybody has a phone for."""
    ways = notices.settings()
    notices.use(notices.Settings(ways.mail, SmsFile(tmp_path / "sms.jsonl"), ways.internal))
    world.allot_seats(world.unit, {"delegate": rules.Allotment(9)})
    yield world
    notices.use(ways)


def submitted(world: World) -> list[str]:
    """The instances of people who wait for the first review."""
    made = [filling.recommend(world, name) for name in NAMES]
    for name, instance in zip(NAMES, made, strict=True):
        filling.submit(world, instance, name)
    return made


def together(
    world: World, made: list[str], element: str, by: str, outcome: str = "pass"
) -> tuple[int, list[str]]:
    """Decide them alike; return how many were done, and the tables that were written to, statement by statement."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT"):
            said.append(statement.split()[2])

    wanted = {world.open_task(instance, element): 1 for instance in made}
    event.listen(world.engine, "before_cursor_execute", note)
    try:
        with world.session() as session:
            wish = deciding.Wish(outcome=outcome, comment="同意")
            told = deciding.do(session, wanted, wish, world.acting(by), world.now)
    finally:
        event.remove(world.engine, "before_cursor_execute", note)
    return told["done"], said


def test_reviews_that_send_messages_are_one_batch(by_sms: World, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing breaks, nothing is done one by one, and what is sent is written at once for all."""
    world, made = by_sms, submitted(by_sms)
    with world.session() as session:
        before = session.scalar(select(func.count()).select_from(Delivery))
    for element, by in (("first_review", LIAISON_ONE), ("final_review", CONVENING)):
        with caplog.at_level(logging.WARNING):
            done, said = together(world, made, element, by)
        assert (done, caplog.messages) == (4, [])
        assert [said.count(table) for table in ("notices_notice", "notices_delivery")] == [1, 1], said
        if element == "first_review":
            assert {world.stage(instance) for instance in made} == {"初审通过待上报"}
            for instance in made:
                filling.report(world, instance)
    assert {world.stage(instance) for instance in made} == {"终审审核通过"}
    with world.session() as session:
        sent = session.execute(select(Delivery.notice_id, Delivery.body, Delivery.letter)).all()
        assert len(sent) > before + 8
        assert {(row.body, row.letter) for row in sent if row.notice_id} == {(None, None)}
        assert doctor.examine(session, world.now) == []


def test_what_breaks_in_one_review_loses_only_that_one(
    by_sms: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, made = by_sms, submitted(by_sms)
    send = notices.send

    def fail(session, to, title, *more, **given):  # type: ignore[no-untyped-def]
        send(session, to, title, *more, **given)
        if title.zh.startswith("柳红"):
            raise RuntimeError("no")

    monkeypatch.setattr(notices, "send", fail)
    before = told(world, made)
    done, _said = together(world, made, "first_review", LIAISON_ONE)
    assert done == 3
    assert [world.stage(instance) for instance in made] == [
        "初审待审核" if name == "柳红" else "初审通过待上报" for name in NAMES
    ]
    assert [after - count for count, after in zip(before, told(world, made), strict=True)] == [2, 2, 0, 2]
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def told(world: World, made: list[str]) -> list[int]:
    """How many notices there are about each."""
    with world.session() as session:
        counted = select(func.count()).select_from(Notice)
        return [session.scalar(counted.where(Notice.instance_id == one)) or 0 for one in made]
