"""No administrator gives more than he holds, nor longer, nor elsewhere (issue 6): held against a plain reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.platform.data import new_id, transaction
from app.platform.identity import authority, people, posts, roles
from app.platform.identity.authority import Wanted
from app.platform.identity.messages import Refusal
from tests.world import World

PLACES = ("", "130000/", "130000/130400/", "130000/130400/130402/", "130000/130400/130403/", "130000/130500/")
REGIONAL, CITY, SECURITY, SYSTEM, AUDIT = (
    roles.REGIONAL.key, "fairs.city_admin", roles.SECURITY.key, roles.SYSTEM.key, roles.AUDIT.key,
)  # fmt: skip
DAYS = (None, 5, 40)
MANAGING = (REGIONAL, SECURITY)


@dataclass(frozen=True)
class Held:
    """A post as a plain reader knows it: `days` it lasts, None for good; `ended`: it is over."""

    role: str
    place: str
    days: int | None
    ended: bool


held = st.builds(
    Held,
    st.sampled_from((REGIONAL, CITY, SECURITY, SYSTEM, roles.DESIGNER.key)),
    st.sampled_from(PLACES),
    st.sampled_from(DAYS),
    st.booleans(),
)
wants = st.tuples(
    st.sampled_from((REGIONAL, CITY, SECURITY, SYSTEM, AUDIT)), st.sampled_from(PLACES), st.sampled_from(DAYS)
)


def may(mine: list[Held], role: str, place: str, days: int | None) -> bool:
    """What the words say: who makes roles gives any; else a giver of the role, or its holder managing posts as long."""
    there = [one for one in mine if not one.ended and place.startswith(one.place)]
    lasting = [one for one in there if one.days is None or (days is not None and days <= one.days)]
    manages = any(one.role in MANAGING for one in lasting)
    return any(
        one.role == SECURITY or (one.role == REGIONAL and role == REGIONAL) or (one.role == role and manages)
        for one in lasting
    )


@pytest.fixture
def town(world: World) -> World:
    return world


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([Held(REGIONAL, "", 5, False), Held(CITY, "", None, False)], (CITY, "", None), False)
@given(st.lists(held, max_size=4), wants, st.booleans())
def test_what_is_given_is_what_the_words_say(
    town: World, mine: list[Held], wanted: tuple[str, str, int | None], working: bool
) -> None:
    role, place, days = wanted
    mine = [
        Held(one.role, one.place if one.role in (REGIONAL, CITY) else "", one.days, one.ended) for one in mine
    ]
    name = f"管理{new_id()}"
    person, other = town.enter(name), town.enter(f"得者{new_id()}")
    kept = []
    with town.session() as session:
        for one in mine:
            until = None if one.days is None else town.now + timedelta(days=one.days)
            try:
                with transaction(session):
                    post = posts.grant(
                        session, person, one.role, one.place, None, town.now, None, until_at=until
                    )
            except Refusal as refusal:  # two sides of the separation: he never holds both
                assert refusal.code == "separation"  # noqa: PT017
                continue
            if any(each.role == one.role and each.place == one.place for each, _ in kept):
                continue  # widened, not doubled: left to the tests of posts
            kept.append((one, post))
        for one, post in kept:
            if one.ended:
                posts.end(session, post, town.now, None)
    by = town.acting(name)
    counting = [one for one, _ in kept]
    doubled = len(counting) < len(mine)
    until = None if days is None else town.now + timedelta(days=days)
    shaped = place == "" or role in (REGIONAL, CITY)
    with town.session() as session:
        refused = authority.why_not(session, Wanted(role, place, until_at=until), by, town.now)
        if not doubled:
            assert (refused is None) == (shaped and may(counting, role, place, days)), refused
        if refused is None:
            post = authority.give(session, other, Wanted(role, place, until_at=until), by, town.now)
            assert [each.id for each in posts.of(session, other, town.now)] == [post]
            with pytest.raises(Refusal) as no:
                authority.give(session, person, Wanted(role, place, until_at=until), by, town.now)
            assert no.value.code == "own_post"
    with town.session() as session:
        for _one, post in kept:
            posts.end(session, post, town.now, None)
        later = authority.why_not(session, Wanted(role, place, until_at=until), by, town.now)
        assert later is not None  # the right that has ended gives nothing, whatever `by` still says
        assert people.get(session, other) is not None
