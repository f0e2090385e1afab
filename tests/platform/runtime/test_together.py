"""What waits is written before whatever needs it by a key, in whichever order it was asked for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from app.platform.data import new_id, transaction
from app.platform.notices.entities import Delivery, Notice
from app.platform.runtime.together import Together
from tests.platform.runtime.steps import STARTER
from tests.world import World

DELIVER, TELL = insert(Delivery.__table__), insert(Notice.__table__)
KEY = Delivery.__table__.c.id


def notice(world: World) -> dict[str, Any]:
    said = {"title": ["一", "One"], "text": ["一", "One"]}
    return {"id": new_id(), "person_id": world.people[STARTER], "said": said, "created_at": world.now}


def delivery(world: World, about: str | None) -> dict[str, Any]:
    kept = {"id": new_id(), "channel": "sms", "job_id": new_id(), "created_at": world.now}
    return {**kept, "notice_id": about, "state": "waiting"}


def test_a_row_that_waits_comes_after_what_it_refers_to(any_ground: World) -> None:
    """Though others of its statement were asked for before."""
    world = any_ground
    with world.session() as session, transaction(session):
        many, told = Together(session, {}), notice(world)
        many.execute(DELIVER, [delivery(world, None)])
        many.execute(TELL, [told])
        assert session.scalar(select(Notice.id)) is None, "both wait"
        many.execute(DELIVER, [delivery(world, told["id"])])
        many.flush()
    with world.session() as session:
        assert set(session.scalars(select(Delivery.notice_id))) == {None, told["id"]}


def test_a_row_written_at_once_finds_what_it_refers_to(any_ground: World) -> None:
    world = any_ground
    with world.session() as session, transaction(session):
        many, told = Together(session, {}), notice(world)
        many.execute(TELL, [told])
        many.execute(insert(Delivery), [delivery(world, told["id"])])
        many.flush()
    with world.session() as session:
        assert session.scalar(select(Delivery.notice_id)) == told["id"]


def test_a_row_is_deleted_after_those_that_referred_to_it(any_ground: World) -> None:
    world = any_ground
    told = notice(world)
    sent = delivery(world, told["id"])
    with world.session() as session, transaction(session):
        session.execute(TELL, [told])
        session.execute(DELIVER, [sent])
    with world.session() as session, transaction(session):
        many = Together(session, {})
        many.execute(delete(Delivery.__table__).where(bindparam("_id") == KEY), {"_id": sent["id"]})
        many.execute(delete(Notice).where(Notice.id == told["id"]))
        many.flush()
    with world.session() as session:
        assert session.scalar(select(Notice.id)) is None
