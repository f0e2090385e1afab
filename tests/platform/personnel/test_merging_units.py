"""Merging organisations gives nobody what its administrator may not give (issue 6): held against a plain reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from app.platform import jobs
from app.platform.data import transaction
from app.platform.identity import accounts, posts, roles, units
from app.platform.identity.entities import HeldPost, Unit
from app.platform.identity.messages import Refusal
from app.platform.personnel import organisations
from app.platform.registry import Acting, Role, Words, house
from tests.platform.personnel.test_personnel_places import ground, plugged, somebody

__all__ = ["plugged"]
NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)
CITY = 1  # the keeper of 130400 among the administrators of `ground`
REGIONAL = roles.REGIONAL.key
CLERK = Role("t.clerk", Words("经办", "Clerk"), "unit", given_by=frozenset({REGIONAL}))
CHIEF = Role("t.chief", Words("科长", "Chief"), "unit", reach="below", given_by=frozenset({REGIONAL}))
JUDGE = Role("t.judge", Words("评委", "Judge"), "unit", "project", given_by=frozenset({REGIONAL}))
SECRET = Role("t.secret", Words("机要员", "Keeper"), "unit", reach="below")
HERE = Role("t.here", Words("本级机要", "Keeper here"), "unit")
OWN = (CLERK, CHIEF, JUDGE, SECRET, HERE)
GIVABLE = {CLERK.key, CHIEF.key, JUDGE.key}
DAYS = (None, 5, 40)


@pytest.fixture(autouse=True)
def own_roles(plugged: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for role in OWN:
        monkeypatch.setitem(house.roles, role.key, role)


@pytest.fixture
def session(engine: Engine) -> Any:
    with Session(engine) as session:
        yield session


def path_of(session: Session, unit: str) -> str:
    return session.scalars(select(Unit.path).where(Unit.id == unit)).one()


def until(days: int | None) -> datetime | None:
    return None if days is None else NOW + timedelta(days=days)


def give(
    session: Session, person: str, role: str, place: str, days: int | None = None, subject: str = ""
) -> str:
    with transaction(session):
        return posts.grant(session, person, role, place, subject or None, NOW, None, until_at=until(days))


@dataclass(frozen=True)
class Held:
    """A post in a random tree: whose, which role, at which of the places, for which subject and how many days."""

    person: int
    role: str
    place: int
    subject: str
    days: int | None


held = st.builds(
    Held,
    st.integers(0, 2),
    st.sampled_from([role.key for role in OWN]),
    st.integers(0, 8),
    st.sampled_from(("*", "a", "b")),
    st.sampled_from(DAYS),
)


def reads(one: tuple[Any, ...], place: str) -> bool:
    """Whether a post reaches a place, in plain words."""
    role, at = one[1], one[2]
    return at in ("", place) or (house.roles[role].reach == "below" and place.startswith(at))


def gifts(before: list[tuple[Any, ...]], source: str, into: str) -> set[tuple[Any, ...]]:
    """What posts at `source` would newly give at `into`: (role, days) of each its holder has less of there."""
    return {
        (role, days)
        for person, role, at, subject, days in before
        if at == source
        and not any(
            other[:2] == (person, role)
            and other[3] in ("*", subject)
            and reads(other, into)
            and (other[4] is None or (days is not None and days <= other[4]))
            for other in before
        )
    }


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    shape=st.lists(st.integers(0, 5), min_size=3, max_size=6),
    held=st.lists(held, max_size=7),
    pair=st.tuples(st.integers(0, 8), st.integers(0, 8)),
    keeper_days=st.sampled_from(DAYS),
)
def test_a_merge_gives_nobody_what_its_administrator_could_not(
    engine: Engine, shape: list[int], held: list[Held], pair: tuple[int, int], keeper_days: int | None
) -> None:
    """A random tree of units, random posts in it, and one merge: done exactly where every gift is one `by` may give."""
    with Session(engine) as session:
        by = ground(session)[CITY]
        with transaction(session):
            mine = HeldPost.person_id == by.person
            session.execute(update(HeldPost).where(mine).values(until_at=until(keeper_days)))
        made: list[str] = []
        for number, above in enumerate(shape):
            parent = made[above % len(made)] if made and above else None
            code = "130402" if number % 2 else "130403"
            if parent is not None:
                code = session.scalars(select(Unit.region_code).where(Unit.id == parent)).one()
            made.append(units.add(session, f"单位{number}", code, None, NOW, parent=parent))
        paths = [path_of(session, unit) for unit in made]
        people = [somebody(session, None) for _ in range(3)]
        for one in held:
            role, place = (
                house.roles[one.role],
                [*paths, "130000/130400/130402/", "130000/130400/"][one.place % (len(paths) + 2)],
            )
            give(session, people[one.person], one.role, place, one.days, one.subject if role.subject else "")
        unit, into = made[pair[0] % len(made)], paths[pair[1] % len(paths)]
        source = path_of(session, unit)
        before = _rows(session, people)
        try:
            organisations.merge(session, unit, into, by, NOW)
        except Refusal as refusal:
            session.rollback()
            assert refusal.message("zh")  # noqa: PT017
            assert _rows(session, people) == before
            if refusal.code == "place_circular":
                return
            assert refusal.code == "posts_beyond"  # noqa: PT017
            refused = True
        else:
            refused = False
        wanted = gifts(before, source, into)
        may = all(
            role in GIVABLE and (keeper_days is None or (days is not None and days <= keeper_days))
            for role, days in wanted
        )
        assert refused != may, (source, into, before, wanted)


def _rows(session: Session, people: list[str]) -> list[tuple[Any, ...]]:
    """(person, role, place, subject, days left) of each open post."""
    rows = session.execute(
        select(HeldPost.person_id, HeldPost.role, HeldPost.place, HeldPost.subject, HeldPost.until_at)
        .where(HeldPost.person_id.in_(people), HeldPost.ended_at.is_(None))
        .order_by(HeldPost.id)
    )
    return [(*row[:4], None if row[4] is None else (row[4] - NOW).days) for row in rows]


@pytest.fixture
def two(session: Session) -> tuple[Acting, str, str, str]:
    """The city's administrator, a unit with its path, and the path of the one it is entered twice as."""
    by = ground(session)[CITY]
    one, other = (units.add(session, name, "130402", None, NOW) for name in ("一校", "第一学校"))
    return by, one, path_of(session, one), path_of(session, other)


def test_the_first_posts_are_named_and_how_many_there_are(
    session: Session, two: tuple[Acting, str, str, str]
) -> None:
    by, unit, here, there = two
    for _ in range(5):
        give(session, somebody(session, here), SECRET.key, here)
    give(session, somebody(session, here), CLERK.key, here)
    for act in (organisations.preview_merge, organisations.merge):
        with pytest.raises(Refusal) as refused:
            act(session, unit, there, by, NOW)
        assert (refused.value.code, refused.value.field) == ("posts_beyond", "to")
        said = refused.value.message("zh")
        assert "5个岗位" in said
        assert said.count("某（机要员）") == 3
        assert "某 (Keeper)" in refused.value.message("en")
        session.rollback()
    assert path_of(session, unit) == here


def test_whoever_looks_after_organisations_alone_reads_no_names(
    session: Session, two: tuple[Acting, str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, unit, here, there = two
    keeper = Role(
        "t.units", Words("机构", "Units"), "region", reach="below", permissions=frozenset({roles.UNITS})
    )
    monkeypatch.setitem(house.roles, keeper.key, keeper)
    person = somebody(session, None)
    give(session, person, keeper.key, "130000/130400/")
    by = Acting(person, "管", "guan", posts.of(session, person, NOW))
    give(session, somebody(session, here), SECRET.key, here)
    with pytest.raises(Refusal) as refused:
        organisations.merge(session, unit, there, by, NOW)
    assert "机要员" in refused.value.message("zh")
    assert "某" not in refused.value.message("zh")


def test_who_holds_as_much_there_gains_nothing_and_goes_along(
    session: Session, two: tuple[Acting, str, str, str]
) -> None:
    by, unit, here, there = two
    person = somebody(session, here)
    give(session, person, SECRET.key, here, 30)
    above = give(session, person, SECRET.key, "130000/130400/", 30)
    organisations.merge(session, unit, there, by, NOW)
    assert {post.id for post in posts.of(session, person, NOW)} >= {above}
    later = NOW + timedelta(days=31)
    assert posts.of(session, person, later) == ()


def test_a_post_that_would_last_longer_there_is_a_gift(
    session: Session, two: tuple[Acting, str, str, str]
) -> None:
    by, unit, here, there = two
    person = somebody(session, here)
    give(session, person, SECRET.key, there, 9)
    give(session, person, SECRET.key, here)
    with pytest.raises(Refusal, match="posts_beyond"):
        organisations.merge(session, unit, there, by, NOW)


def test_a_post_below_the_unit_goes_along_whoever_gave_it(
    session: Session, two: tuple[Acting, str, str, str]
) -> None:
    by, unit, _, there = two
    child = units.add(session, "一年级", "130402", None, NOW, parent=unit)
    person = somebody(session, None)
    give(session, person, SECRET.key, path_of(session, child))
    organisations.merge(session, unit, there, by, NOW)
    (post,) = posts.of(session, person, NOW)
    assert post.place == path_of(session, child) == f"{there}u{child}/"


def test_the_administrators_own_post_at_the_unit_is_no_gift_to_himself(
    session: Session, two: tuple[Acting, str, str, str]
) -> None:
    by, unit, here, there = two
    give(session, by.person, CLERK.key, here)
    with pytest.raises(Refusal, match="place_gain"):
        organisations.merge(session, unit, there, by, NOW)


def test_what_was_given_at_the_unit_while_it_was_merged_follows_only_its_giver(
    session: Session, two: tuple[Acting, str, str, str]
) -> None:
    """Whoever had read the unit before the merge gave a post there: he must be one who may give it at the other."""
    by, unit, here, there = two
    giver = somebody(session, None)
    give(session, giver, REGIONAL, here)
    for number, person in enumerate((by.person, giver)):
        accounts.create(session, f"giver{number}", "", None, NOW, "Granit-Weide-47", person=person)
    organisations.merge(session, unit, there, by, NOW)
    late = {who: somebody(session, None) for who in (by.person, giver)}
    with transaction(session):
        for who, person in late.items():
            posts.grant(session, person, CLERK.key, here, None, NOW, who)
        session.execute(update(HeldPost).where(HeldPost.person_id == giver).values(ended_at=NOW))
    later = NOW + timedelta(minutes=3)
    jobs.run_due(lambda: Session(session.get_bind()), lambda: later, "tests")
    session.expire_all()
    assert [post.place for post in posts.of(session, late[by.person], later)] == [there]
    assert posts.of(session, late[giver], later) == ()


def test_a_post_that_is_over_is_nobodys_gift(session: Session, two: tuple[Acting, str, str, str]) -> None:
    by, unit, here, there = two
    give(session, somebody(session, here), SECRET.key, here, 3)
    with transaction(session):
        session.execute(update(HeldPost).where(HeldPost.role == SECRET.key).values(until_at=NOW))
    organisations.merge(session, unit, there, by, NOW)
