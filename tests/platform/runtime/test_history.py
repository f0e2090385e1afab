"""An instance's history is its audit chain: written once, and every change to it is found (T21)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from app.platform.data import transaction
from app.platform.runtime import doctor, history
from app.platform.runtime.entities import History, Instance
from tests.platform.runtime.steps import CITY, STARTER, at_review, decide
from tests.world import MONDAY, World

ROW = History.__table__
Tamper = Callable[[Connection, str], object]


def walked(world: World) -> str:
    """started, opened, decided, opened, decided, opened, decided, opened, decided, ended."""
    instance, review = at_review(world)
    (prepare,) = decide(world, review, "return", CITY, "缺公章").next_tasks
    (review,) = decide(world, prepare, "send", comment="补好了").next_tasks
    decide(world, review, "approve", CITY)
    return instance


def change(seq: int, **values: object) -> Tamper:
    return lambda c, i: c.execute(
        update(ROW).where(ROW.c.instance_id == i, ROW.c.seq == seq).values(**values)
    )


def cut(connection: Connection, instance: str) -> None:
    """Take away the last row; its head stays on the instance."""
    connection.execute(delete(ROW).where(ROW.c.instance_id == instance, ROW.c.seq == 10))


def cut_and_count(connection: Connection, instance: str) -> None:
    cut(connection, instance)
    connection.execute(update(Instance).where(Instance.id == instance).values(history_length=9))


def take_out(connection: Connection, instance: str) -> None:
    """Remove row 5 and close the gap."""
    connection.execute(delete(ROW).where(ROW.c.instance_id == instance, ROW.c.seq == 5))
    for seq in range(6, 11):
        connection.execute(
            update(ROW).where(ROW.c.instance_id == instance, ROW.c.seq == seq).values(seq=seq - 1)
        )


def swap(connection: Connection, instance: str) -> None:
    """Exchange rows 4 and 5."""
    for old, new in ((4, 99), (5, 4), (99, 5)):
        connection.execute(update(ROW).where(ROW.c.instance_id == instance, ROW.c.seq == old).values(seq=new))


def append(connection: Connection, instance: str) -> None:
    last = connection.execute(select(ROW).where(ROW.c.instance_id == instance, ROW.c.seq == 10)).one()
    connection.execute(insert(ROW).values(**{**last._mapping, "seq": 11}))


def another_body(connection: Connection, instance: str) -> None:
    """Put the sealed words of row 7 in the place of row 5's."""
    seven = connection.execute(select(ROW.c.body).where(ROW.c.instance_id == instance, ROW.c.seq == 7))
    change(5, body=seven.scalar_one())(connection, instance)


@pytest.mark.parametrize(
    ("tamper", "row"),
    [
        (change(1, by_id="0" * 26), 1),
        (change(5, outcome="approve"), 5),
        (change(5, at=MONDAY + timedelta(microseconds=1)), 5),
        (change(5, kind="opened"), 5),
        (change(5, element="prepare"), 5),
        (change(5, task_id=None), 5),
        (change(5, entry_id="0" * 26), 5),
        (change(5, body=None), 5),
        (change(5, body=b"short"), 5),
        (change(5, digest=bytes(32)), 5),
        (change(5, link=bytes(32)), 5),
        (change(10, outcome="x"), 10),
        (another_body, 5),
        (take_out, 5),
        (swap, 4),
        (append, 11),
        (cut, 10),
        (cut_and_count, 10),
    ],
)
def test_every_tampering_is_found_at_its_first_row(ground: World, tamper: Tamper, row: int) -> None:
    """T21."""
    sound, instance = walked(ground), walked(ground)
    with ground.session() as session:
        assert [history.first_bad_row(session, each) for each in (sound, instance)] == [None, None]
    with ground.engine.begin() as connection:
        tamper(connection, instance)
    with ground.session() as session:
        assert [history.first_bad_row(session, each) for each in (sound, instance)] == [None, row]
        found = doctor.examine(session, ground.now)
    assert ("I7", instance) in {(finding.invariant, finding.instance) for finding in found}
    assert {finding.instance for finding in found} == {instance}


def test_with_its_key_erased_a_record_still_verifies_and_says_nothing(ground: World) -> None:
    """T21, T22: erasing the key erases the person, and the chain still verifies."""
    instance = walked(ground)
    with ground.session() as session:
        assert [row.body["comment"] for row in history.of(session, instance) if row.kind == "decided"] == [
            "",
            "缺公章",
            "补好了",
            "",
        ]
    with ground.session() as session, transaction(session):
        session.execute(update(Instance).values(record_key=None))
    with ground.session() as session:
        assert history.first_bad_row(session, instance) is None
        assert all(row.body == {} for row in history.of(session, instance))
        assert doctor.examine(session, ground.now) == []
    with ground.engine.begin() as connection:
        change(5, outcome="approve")(connection, instance)
    with ground.session() as session:
        assert history.first_bad_row(session, instance) == 5


def test_what_was_said_is_not_readable_in_the_database(ground: World) -> None:
    """T22."""
    walked(ground)
    with ground.engine.connect() as connection:
        bodies = connection.execute(select(ROW.c.body).where(ROW.c.body.is_not(None))).scalars().all()
    assert bodies
    assert not any("缺公章".encode() in body or STARTER.encode() in body for body in bodies)


def test_the_last_opinion_is_the_reviewer_s_not_the_starter_s(ground: World) -> None:
    """C-33."""
    instance, review = at_review(ground)
    (prepare,) = decide(ground, review, "return", CITY, "缺公章").next_tasks
    decide(ground, prepare, "send", comment="补好了")
    with ground.session() as session:
        assert history.last_opinions(session, [instance]) == {instance: "缺公章"}
