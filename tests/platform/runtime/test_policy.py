"""Who may do what: the SQL of lists and the Python of verbs are one rule (promises.md 3, C-11)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event, insert, select
from sqlalchemy.orm import Session

from app.platform import lists
from app.platform.data import Base, sealing
from app.platform.registry import Acting, Post, Principal, Role, Words, house
from app.platform.runtime import policy, waiting
from app.platform.runtime.entities import Copy, Instance, Question, Seat, Task
from tests.platform.jobs.databases import opened
from tests.world import KEYS, MONDAY

NAMES = Words("角色", "Role")
ROLES = {
    "t.below": Role("t.below", NAMES, "region", reach="below"),
    "t.here": Role("t.here", NAMES, "unit", reach="here"),
    "t.subject": Role("t.subject", NAMES, "region", subject="project"),
    "t.none": Role("t.none", NAMES),
}
CITY = "130000/130400/"
PLACES = ("", "130000/", CITY, f"{CITY}130402/", f"{CITY}u1/", f"{CITY}130402/u2/", "130000/130500/", "14/")
PEOPLE = ("a", "b", "c")
ME = "a"

ORDER, ALL = (Task.opened_at, Task.id), lists.parts.Narrowed()


def waited(acting: Acting) -> lists.Parts:
    """The same in parts, as the inbox reads it."""
    return lists.Parts(Task.id, waiting.parts(acting), select(Task.id))


person = st.none() | st.sampled_from(PEOPLE)
post = st.builds(
    Post,
    id=st.just("p"),
    role=st.sampled_from((*ROLES, "t.gone")),
    place=st.sampled_from(PLACES),
    subject=st.sampled_from(("*", "x", "y")),
)


seat = st.fixed_dictionaries(
    {
        "person_id": st.sampled_from(PEOPLE),
        "state": st.sampled_from(("open", "waiting", "decided", "closed")),
        "is_personal": st.booleans(),
        "closed_reason": st.sampled_from(("removed", "transferred")),
        "decided_by_id": st.none() | st.sampled_from(PEOPLE),
    }
).map(lambda one: one if one["state"] == "closed" else one | {"closed_reason": None})
sitting = st.lists(seat, max_size=3, unique_by=lambda one: str(one["person_id"]))
principal = st.builds(
    Principal,
    person=st.sampled_from(("b", "c")),
    name=st.just("x"),
    posts=st.lists(post, max_size=3).map(tuple),
    processes=st.sampled_from((None, frozenset({"p"}), frozenset({"p", "q"}))),
)


@st.composite
def task(draw: st.DrawFn) -> dict[str, Any]:
    """A task as the runtime writes it: to a person, or to a role at a place for a subject."""
    personal = draw(st.booleans())
    seats = draw(st.sampled_from(("one", "one", "all")))
    state = draw(st.sampled_from(("open", "closed", "cancelled")))
    return {
        "role": None if personal else draw(st.sampled_from((*ROLES, "t.gone"))),
        "place": None if personal else draw(st.sampled_from(PLACES)),
        "subject": None if personal else draw(st.sampled_from((None, "x", "y"))),
        "assignee_id": draw(person) if personal else None,
        "claimed_by_id": draw(person),
        "closed_by_id": draw(person) if state == "closed" else None,
        "state": state,
        "process": draw(st.sampled_from(("p", "q"))),
        "seats": seats,
        "avoided": draw(st.sampled_from((None, None, "a", "b c"))),
        "avoided_unit": draw(st.sampled_from((None, None, f"{CITY}u1/"))),
        "sitting": draw(sitting) if seats != "one" else [],
        "asked": draw(st.sampled_from((None, None, None, "a", "b"))),
    }


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    sealing.use(KEYS)
    folder: Path = tmp_path_factory.mktemp("policy")
    made = opened(f"sqlite:///{folder / 'policy.sqlite'}")

    @event.listens_for(made, "connect")
    def _(raw: Any, _record: Any) -> None:
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("PRAGMA synchronous=OFF")

    Base.metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture(autouse=True, scope="module")
def roles() -> Iterator[None]:
    before = dict(house.roles)
    house.roles.update(ROLES)
    yield
    house.roles.clear()
    house.roles.update(before)


def fill(session: Session, instances: list[tuple[str, list[dict[str, Any]]]]) -> None:
    session.execute(delete(Copy))
    session.execute(delete(Seat))
    session.execute(delete(Question))
    session.execute(delete(Task))
    session.execute(delete(Instance))
    fixed = {"process": "p", "version_id": "v", "title": "t", "state": "running", "place": ""}
    more = {"started_at": MONDAY, "tokens": b"", "variables": {}, "head": b""}
    for number, (starter, tasks) in enumerate(instances):
        session.execute(insert(Instance).values(id=f"i{number}", starter_id=starter, **fixed, **more))
        for each, row in enumerate(tasks):
            shown = {"element": "e", "visit": each, "name_zh": "n", "name_en": "n", "opened_at": MONDAY}
            ids = {"instance_id": f"i{number}"}
            own = {name: value for name, value in row.items() if name not in ("sitting", "asked")}
            session.execute(insert(Task).values(id=f"i{number}t{each}", **ids, **shown, **own))
            if row["asked"]:
                said = {"to_id": row["asked"], "asked_by_id": "x", "text": "?", "asked_at": MONDAY}
                session.execute(insert(Question).values(task_id=f"i{number}t{each}", **ids, **said))
            for sits in row["sitting"]:
                session.execute(insert(Seat).values(task_id=f"i{number}t{each}", position=1, **ids, **sits))


def in_hand(row: Any) -> bool:
    """Whether I sit, or sat, at the task; or have decided there in another's stead."""
    return any(
        (one["person_id"] == ME and one["closed_reason"] != "removed") or one["decided_by_id"] == ME
        for one in row.sitting
    )


def waits_for(row: Any, principals: tuple[Principal, ...]) -> bool:
    """Whether an open task is one of those I stand in for."""
    return row.state == "open" and any(
        (each.processes is None or row.process in each.processes)
        and (
            row.assignee_id == each.person
            or policy.is_candidate(Acting(each.person, "", "", each.posts), row)
            or any(one["person_id"] == each.person and one["state"] == "open" for one in row.sitting)
        )
        for each in principals
    )


@settings(max_examples=150, deadline=None)
@given(
    posts=st.lists(post, max_size=4).map(tuple),
    principals=st.lists(principal, max_size=2, unique_by=lambda one: str(one.person)).map(tuple),
    instances=st.lists(
        st.tuples(st.sampled_from(PEOPLE), st.lists(task(), max_size=4)), min_size=1, max_size=4
    ),
)
def test_the_sql_finds_exactly_what_the_verbs_allow(
    engine: Engine,
    posts: tuple[Post, ...],
    principals: tuple[Principal, ...],
    instances: list[tuple[str, list[dict[str, Any]]]],
) -> None:
    acting = Acting(ME, ME, ME, posts, substitutes_for=principals)
    work, read = set(), set()
    for number, (starter, tasks) in enumerate(instances):
        rows = [SimpleNamespace(**row) for row in tasks]
        work |= {
            f"i{number}t{each}"
            for each, row in enumerate(rows)
            if row.state == "open"
            and policy.may_work(acting, row, [SimpleNamespace(**one) for one in row.sitting])
        }
        mine = any(
            ME in (row.assignee_id, row.closed_by_id, row.asked) or policy.is_candidate(acting, row)
            for row in rows
        )
        if starter == ME or mine or any(in_hand(row) or waits_for(row, principals) for row in rows):
            read.add(f"i{number}")
    with Session(engine) as session:
        fill(session, instances)
        assert set(session.scalars(select(Task.id).where(policy.workable(acting)))) == work
        assert lists.parts.first(session, waited(acting), ALL, ORDER, 99) == sorted(work)
        assert lists.parts.first(session, waited(acting), ALL, ORDER, 2) == sorted(work)[:2]
        assert lists.parts.count(session, waited(acting), ALL, (), 99) == len(work)
        assert lists.parts.count(session, waited(acting), ALL, (), 2) == min(len(work), 2)
        assert set(session.scalars(select(Instance.id).where(policy.readable(acting)))) == read
        assert {f"i{n}" for n in range(len(instances)) if policy.may_read(session, acting, f"i{n}")} == read
        assert {task.split("t")[0] for task in work} <= read  # who may work it may read it
        session.rollback()


@pytest.mark.parametrize(
    ("posts", "ranges"),
    [
        ((), []),
        ((Post("p", "t.below", CITY),), ["role=? AND state=? AND place>? AND place<?"]),
        (
            (Post("p", "t.below", CITY), Post("q", "t.below", "130000/130500/")),
            ["role=? AND state=? AND place>? AND place<?"] * 2,
        ),
        ((Post("p", "t.here", CITY),), ["role=? AND state=? AND place=?"]),
    ],
)
def test_an_inbox_is_a_few_index_ranges_whatever_others_wait_for(
    engine: Engine, posts: tuple[Post, ...], ranges: list[str]
) -> None:
    """C-11, engine.md: no page looks at the tasks of others, not even to pass them over."""
    wanted = select(Task.id).where(policy.workable(Acting(ME, ME, ME, posts)))
    with engine.connect() as connection:
        text = str(wanted.compile(engine, compile_kwargs={"literal_binds": True}))
        plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]
    used = [line for line in plan if line.startswith(("SEARCH", "SCAN"))]
    assert [line.split(" USING INDEX ")[1] for line in used] == [
        "ix_runtime_task_assignee (assignee_id=? AND state=?)",
        *(f"ix_runtime_task_eligible ({each})" for each in ranges),
        *["ix_runtime_seat_person (person_id=? AND state=?)"] * 2,
        "sqlite_autoindex_runtime_task_1 (id=?)",  # the tasks at which one has a seat
    ]
