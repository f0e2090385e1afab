"""Random trees, random changes by random administrators: paths are chains, and nothing outside one's reach changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.orm import Session

from app.platform import jobs
from app.platform.data import Base, new_id, transaction
from app.platform.identity import posts, regions, roles, units
from app.platform.identity.entities import HeldPost, Person, Region, Unit
from app.platform.identity.messages import Refusal
from app.platform.identity.places import above
from app.platform.personnel import doctor, local_regions, moving_places, organisations
from app.platform.registry import Acting, house
from tests.empty_world import HANDAN, open_up

NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)
KEPT = ("130000", "130400", "130402", "130403", "130500", "130502")
VERBS = ("unit", "region", "move", "move", "merge", "close", "reopen", "rename", "remove")
step = st.tuples(st.sampled_from(VERBS), st.integers(0, 5), st.integers(0, 30), st.integers(0, 30))


@pytest.fixture(autouse=True)
def plugged(monkeypatch: pytest.MonkeyPatch) -> None:
    open_up()
    monkeypatch.setattr(house, "roles", dict(house.roles))


def ground(session: Session) -> list[Acting]:
    """The regions anew, and an administrator of each of some; people and posts come with the units."""
    with transaction(session):
        for table in reversed(Base.metadata.sorted_tables):
            if table.name.startswith(("identity_", "jobs_")):
                session.execute(
                    update(table).values(parent=None)
                ) if table.name == "identity_region" else None
                session.execute(
                    update(table).values(parent_id=None)
                ) if table.name == "identity_unit" else None
                session.execute(delete(table))
        regions.load(session, regions.from_published(HANDAN), NOW)
    keepers = []
    for code in KEPT:
        keepers.append(keeper(session, regions.path_of(session, code)))
    return keepers


def keeper(session: Session, path: str) -> Acting:
    person = somebody(session, None)
    with transaction(session):
        posts.grant(session, person, roles.REGIONAL.key, path, None, NOW, None)
    return Acting(person, "管", "guan", posts.of(session, person, NOW))


def somebody(session: Session, place: str | None) -> str:
    person = new_id()
    with transaction(session):
        session.execute(insert(Person).values(id=person, name="某", created_at=NOW, place=place))
    return person


@dataclass(frozen=True)
class Picture:
    """Where everything lies: by table and key, its path and what else may change."""

    rows: dict[tuple[str, str], tuple[Any, ...]]

    def outside(self, reach: str, other: Picture) -> dict[tuple[str, str], tuple[Any, ...]]:
        """What lies outside the reach, here or there."""
        return {
            key: row
            for key, row in self.rows.items()
            if not (row[0] or "").startswith(reach)
            or not ((other.rows.get(key) or row)[0] or "").startswith(reach)
        }


def picture(session: Session) -> Picture:
    asked = {
        "region": select(Region.code, Region.path, Region.name, Region.full_name, Region.is_closed),
        "unit": select(Unit.id, Unit.path, Unit.name, Unit.is_closed, Unit.region_code, Unit.parent_id),
        "person": select(Person.id, Person.place),
        "post": select(HeldPost.id, HeldPost.place, HeldPost.ended_at, HeldPost.until_at),
    }
    return Picture(
        {(kind, row[0]): tuple(row[1:]) for kind, each in asked.items() for row in session.execute(each)}
    )


def do(session: Session, verb: str, by: Acting, one: int, other: int) -> None:
    """One change by its numbers; what there is is counted through."""
    paths = sorted(
        [*session.scalars(select(Region.path)), *session.scalars(select(Unit.path))], key=lambda path: path
    )
    to, subject = paths[other % len(paths)], paths[one % len(paths)]
    unit = session.scalar(select(Unit.id).where(Unit.path == subject))
    code = session.scalar(select(Region.code).where(Region.path == subject)) or ""
    session.rollback()
    if verb == "unit":
        made = organisations.add(session, f"单位{one}", to, by, NOW)
        path = session.scalars(select(Unit.path).where(Unit.id == made)).one()
        person = somebody(session, path)
        with transaction(session):
            posts.grant(session, person, roles.DESIGNER.key, path, None, NOW, None)
    elif verb == "region":
        local_regions.add(session, to, f"L{one}", f"开发区{one}", by, NOW)
    elif verb == "move":
        if unit:
            moving_places.move_unit(session, unit, to, by, NOW)
        else:
            moving_places.move_region(session, code, to, by, NOW)
    elif verb == "merge" and unit:
        organisations.merge(session, unit, to, by, NOW)
    elif verb in ("close", "reopen", "remove", "rename"):
        room: Any = organisations if unit else local_regions
        if verb == "rename":
            room.rename(session, unit or code, f"改名{other}", by, NOW)
        elif verb != "remove" or not unit:
            getattr(room, verb)(session, unit or code, by, NOW)


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(steps=st.lists(step, min_size=4, max_size=16))
def test_whatever_administrators_do_paths_are_chains_and_nothing_outside_their_reach_changes(
    engine: Engine, steps: list[tuple[str, int, int, int]]
) -> None:
    with Session(engine) as session:
        keepers = ground(session)
        for verb, who, one, other in [("unit", 0, n, n + 2) for n in range(6)] + steps:
            by = keepers[who]
            before = picture(session)
            refused = None
            try:
                do(session, verb, by, one, other)
            except Refusal as refusal:
                refused = refusal
            if refused is not None:
                session.rollback()
                assert refused.message("zh")
                assert picture(session) == before
                continue
            after = picture(session)
            reach = by.posts[0].place
            assert before.outside(reach, after) == after.outside(reach, before)
            assert {key for key in before.rows if key[0] != "region"} <= set(after.rows)
            assert list(doctor.places(session, NOW)) == []
            for path in session.scalars(select(Unit.path)):
                assert len(set(above(path))) == len(above(path))


@pytest.fixture
def session(engine: Engine) -> Any:
    with Session(engine) as session:
        yield session


def test_what_was_written_at_the_old_path_after_the_move_follows_later(session: Session) -> None:
    by = ground(session)[1]
    unit = units.add(session, "一校", "130402", None, NOW)
    old = f"130000/130400/130402/u{unit}/"
    moving_places.move_unit(session, unit, "130000/130400/130403/", by, NOW)
    late = somebody(session, old)
    assert [finding.code for finding in doctor.places(session, NOW)] == ["no_such_place"]
    session.rollback()
    later = NOW + timedelta(minutes=3)
    jobs.run_due(lambda: Session(session.get_bind()), lambda: later, "tests")
    found = session.scalars(select(Person.place).where(Person.id == late)).one()
    assert found == f"130000/130400/130403/u{unit}/"


def test_nobody_moves_a_unit_under_his_own_desk(session: Session) -> None:
    by = ground(session)[1]
    with transaction(session):
        posts.grant(session, by.person, roles.ADMINISTRATOR.key, "130000/130400/130403/", None, NOW, None)
    unit = units.add(session, "一校", "130402", None, NOW)
    with pytest.raises(Refusal, match="place_gain"):
        moving_places.move_unit(session, unit, "130000/130400/130403/", by, NOW)
    moving_places.move_unit(session, unit, "130000/130400/130404/", by, NOW)


def test_a_right_that_has_ended_moves_nothing(session: Session) -> None:
    by = ground(session)[1]
    unit = units.add(session, "一校", "130402", None, NOW)
    posts.end(session, by.posts[0].id, NOW, None)
    with pytest.raises(Refusal, match="unknown_unit"):
        moving_places.move_unit(session, unit, "130000/130400/130403/", by, NOW)


def test_every_table_with_a_place_is_known(session: Session) -> None:
    found = {f"{table.name}.{column.key}" for table, column in moving_places.columns()}
    assert {
        "identity_unit.path", "identity_region.path", "identity_person.place", "identity_post.place",
        "identity_code_batch.place", "runtime_instance.place", "runtime_task.place", "runtime_task.avoided_unit",
        "runtime_escalation.place", "runtime_subscription.sender_place", "lists_view.place", "sheets_import.place",
        "fairs_application.place",
    } <= found  # fmt: skip


def test_a_unit_that_is_merged_leaves_one_post_of_two_that_lasts_as_long_as_the_longer(
    session: Session,
) -> None:
    by = ground(session)[1]
    one, other = (units.add(session, name, "130402", None, NOW) for name in ("一校", "1校"))
    path = {unit: session.scalars(select(Unit.path).where(Unit.id == unit)).one() for unit in (one, other)}
    person = somebody(session, path[one])
    until = NOW + timedelta(days=9)
    with transaction(session):
        posts.grant(session, person, roles.REGIONAL.key, path[other], None, NOW, None, until_at=until)
        posts.grant(session, person, roles.REGIONAL.key, path[one], None, NOW, None)
    organisations.merge(session, one, path[other], by, NOW)
    rows = session.execute(
        select(HeldPost.place, HeldPost.until_at, HeldPost.ended_at).where(HeldPost.person_id == person)
    ).all()
    assert [(row.place, row.until_at) for row in rows if row.ended_at is None] == [(path[other], None)]
    assert session.scalars(select(Person.place).where(Person.id == person)).one() == path[other]
    assert moving_places.where_now(session, one) == path[other]
