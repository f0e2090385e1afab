"""Old states are thinned out, and nothing that counts, was kept under a name, or stands aside ever goes."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from sqlalchemy import func, select

from app.platform.design import drafts, thinning
from app.platform.design.entities import Content, Draft, DraftState
from app.platform.design.errors import Outdated
from app.platform.registry import Words
from tests.platform.runtime.steps import STARTER
from tests.world import World

FILE = "office_leave.bpmn"


def count(world: World, table: type) -> int:
    with world.session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def drawn(world: World, saves: int) -> str:
    """A draft saved once a minute, the fourth under a name, one of an older window aside."""
    by = world.acting(STARTER)
    with world.session() as session:
        draft = drafts.begin(session, "office_leave", Words("请假", ""), {FILE: b"0"}, by, world.now)
        for number in range(1, saves + 1):
            at, note = world.now + timedelta(minutes=number), "初稿" if number == 4 else None
            changed = {FILE: str(number).encode()}
            drafts.save(session, draft, changed, read=number, window="a", by=by, now=at, note=note)
        with suppress(Outdated):
            drafts.save(session, draft, {FILE: b"aside"}, read=1, window="a", by=by, now=world.now)
    return draft


def test_of_an_old_draft_a_state_an_hour_stays_and_all_that_was_kept(any_ground: World) -> None:
    draft = drawn(any_ground, 130)
    with any_ground.session() as session:
        assert thinning.thin(session, any_ground.now + timedelta(hours=23)) == 0
    with any_ground.session() as session:
        thinning.thin(session, any_ground.now + timedelta(days=4))
        left = drafts.states(session, draft)
        assert drafts.files(session, draft) == {FILE: b"130"}
        assert {one.note for one in left} == {None, "初稿"}
        assert sum(one.aside for one in left) == 1
        assert 4 <= len(left) <= 6
        for one in left:
            assert drafts.files(session, draft, one.revision)[FILE]
    assert count(any_ground, Content) == len(left)


def test_a_draft_thrown_away_goes_after_a_month_with_all_it_had(any_ground: World) -> None:
    draft = drawn(any_ground, 3)
    with any_ground.session() as session:
        drafts.close(session, draft, any_ground.acting(STARTER), any_ground.now)
        thinning.thin(session, any_ground.now + timedelta(days=29))
    assert count(any_ground, DraftState) > 0
    with any_ground.session() as session:
        thinning.thin(session, any_ground.now + timedelta(days=31))
    assert [count(any_ground, table) for table in (Draft, DraftState, Content)] == [0, 0, 0]
