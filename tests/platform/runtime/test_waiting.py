"""What waits is walked in order along an index of its own, for a county, a city, a province and the country (D1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, select
from sqlalchemy.orm import Session

from app.platform import lists
from app.platform.data import Base, sealing
from app.platform.registry import Acting, Post, Role, Words, house
from app.platform.runtime import waiting
from app.platform.runtime.entities import Instance, Process, Task, Version
from tests.platform.jobs.databases import KINDS, empty, opened
from tests.world import KEYS, MONDAY

ROLE = Role("t.desk", Words("岗", "Desk"), "region", reach="below")
ORDER = (Task.opened_at, Task.id)
COUNT = 20_000


@pytest.fixture(scope="module", params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    sealing.use(KEYS)
    before = dict(house.roles)
    house.roles[ROLE.key] = ROLE
    with empty(request.param, tmp_path_factory.mktemp("waiting")) as address:
        made = opened(address)
        Base.metadata.create_all(made)
        with made.begin() as connection:
            _fill(connection)
            connection.exec_driver_sql("ANALYZE")
        yield made
        made.dispose()
    house.roles.clear()
    house.roles.update(before)


def _fill(connection: Any) -> None:
    """Twenty thousand open tasks in ten provinces, of ten cities of ten counties each; every hundredth is claimed."""
    say = connection.execute
    say(insert(Process).values(key="p", system="t", name_zh="事", name_en="p"))
    say(insert(Version).values(id="v", process="p", number=1, hash="h", published_at=MONDAY))
    shared = {"process": "p", "version_id": "v", "title": "t", "state": "running", "place": "", "tokens": b""}
    say(insert(Instance).values(id="i", starter_id="s", started_at=MONDAY, variables={}, head=b"", **shared))
    for begin in range(0, COUNT, 5_000):
        say(insert(Task), [_task(number) for number in range(begin, begin + 5_000)])


def _task(number: int) -> dict[str, Any]:
    province, city, county = 100_000 * (number % 10 + 1), number // 10 % 10, number // 100 % 10
    return {
        "id": f"t{number:08}",
        "instance_id": "i",
        "process": "p" if number % 1_000 else "rare",
        "element": "e",
        "visit": number,
        "name_zh": "n",
        "name_en": "n",
        "state": "open",
        "role": ROLE.key,
        "place": f"{province}/{province + city * 100}/{province + city * 100 + county}/",
        "opened_at": MONDAY - timedelta(minutes=number * 7919 % COUNT),
        "due_at": None if number % 3 == 0 else MONDAY + timedelta(minutes=number),
        "claimed_by_id": None if number % 100 else ("me" if number % 1_700 == 0 else "other"),
        "is_returned": number % 2_000 == 7,
    }


def at(place: str) -> Acting:
    return Acting("me", "me", "me", (Post("p", ROLE.key, place),))


def plan(engine: Engine, by: Acting, order: Any = ORDER, *narrowed: Any) -> str:
    """How the database goes about the first ten."""
    said: list[Any] = []
    parts = lists.Parts(Task.id, waiting.parts(by), select(Task.id))
    with Session(engine) as session:

        def note(*told: Any) -> None:
            if "runtime_task" in told[2]:
                said.append((told[2], told[3]))

        event.listen(engine, "before_cursor_execute", note)
        keys = lists.parts.first(session, parts, lists.parts.Narrowed(narrowed), order, 10)
        event.remove(engine, "before_cursor_execute", note)
        whole = select(Task.id).where(waiting.policy.workable(by), *narrowed).order_by(*order).limit(10)
        assert keys == list(session.scalars(whole))
        how = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        rows = session.connection().exec_driver_sql(f"{how} {said[0][0]}", said[0][1])
        return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize(
    ("place", "index"),
    [("", "role"), ("100000/", "province"), ("100000/100300/", "city"), ("100000/100300/100304/", "place")],
)
def test_every_level_has_an_index_that_is_walked(engine: Engine, place: str, index: str) -> None:
    found = plan(engine, at(place))
    is_sorted = engine.dialect.name == "sqlite" and index == "place"  # a few hundred rows of the older index
    assert f"ix_runtime_task_{'eligible' if is_sorted else f'free_{index}'}" in found, found
    assert "ix_runtime_task_claimed" in found, found
    assert "Seq Scan on runtime_task" not in found, found


@pytest.mark.parametrize(
    ("narrowed", "order", "index"),
    [
        ((Task.process == "rare",), ORDER, "process"),
        ((Task.is_returned,), ORDER, "returned"),
        ((), (lists.latest(Task.due_at), *ORDER), "due"),
        ((), (lists.latest(Task.due_at).desc(), Task.opened_at.desc(), Task.id.desc()), "due"),
        ((), (Task.opened_at.desc(), Task.id.desc()), "role"),
    ],
)
def test_the_country_filters_and_sorts_along_an_index(
    engine: Engine, narrowed: Any, order: Any, index: str
) -> None:
    found = plan(engine, at(""), order, *narrowed)
    if engine.dialect.name == "sqlite" and index in ("due", "process", "returned"):
        return  # what has no due date comes first there, so it sorts; and it does not know how rare a value is
    assert f"ix_runtime_task_free_{index}" in found, found


def test_many_posts_are_asked_for_together(engine: Engine) -> None:
    """A statement with a part for each of hundreds of places would be longer than databases take."""
    places = [f"{p}00000/{p}00{c}00/{p}00{c}0{d}/" for p in (1, 2) for c in range(6) for d in range(5)]
    by = Acting("me", "", "", tuple(Post("p", ROLE.key, place) for place in places))
    assert len(waiting.parts(by)) == 4
    plan(engine, by)


def test_the_substitute_reads_each_task_once(engine: Engine, tmp_path: Path) -> None:
    """His own posts and those of the absent may cover the same tasks: parts overlap, pages do not."""
    from app.platform.registry import Principal

    post = Post("p", ROLE.key, "100000/")
    by = Acting("me", "", "", (post,), substitutes_for=(Principal("other", "x", (post,)),))
    plan(engine, by)
    parts = lists.Parts(Task.id, waiting.parts(by), select(Task.id))
    with Session(engine) as session:
        found = lists.parts.first(session, parts, lists.parts.Narrowed(), ORDER, COUNT)
        assert len(found) == len(set(found))
        assert set(found) == set(session.scalars(select(Task.id).where(waiting.policy.workable(by))))
