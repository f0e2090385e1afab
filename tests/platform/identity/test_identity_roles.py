"""The house's own roles: what they allow, and where."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, literal, select

from app.platform.identity import places, roles
from app.platform.identity.eligibility import covers
from app.platform.registry import Acting, Post, Role, Words, house
from tests.empty_world import open_up


def test_an_administrator_manages_what_lies_under_his_place():
    open_up()
    post = Post("p", "platform.administrator", "13/04/")
    assert roles.may([post], roles.MANAGE, "13/04/02/")
    assert not roles.may([post], roles.MANAGE, "13/05/")
    assert not roles.may([post], roles.MANAGE)


def test_a_post_without_a_place_holds_everywhere():
    open_up()
    assert roles.may([Post("p", "platform.designer")], roles.PUBLISH)
    assert not roles.may([Post("p", "platform.designer")], roles.MANAGE, "13/")


PROVINCE, CITY = "130000/", "130000/130400/"
DISTRICT, UNIT = CITY + "130402/", CITY + "u01j00000000000000000000000/"
LOCAL = Role(
    "t.local", Words("本级管理员", "Here"), "region", permissions=frozenset({roles.PEOPLE, roles.POSTS})
)


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Acting:
    """Somebody who looks after people of one place alone, and not of what lies below it."""
    open_up()
    monkeypatch.setattr(house, "roles", {**house.roles, LOCAL.key: LOCAL})
    return Acting("p", "本级", "local", (Post("1", LOCAL.key, CITY),))


def test_a_role_that_reaches_here_ends_at_its_place(local: Acting) -> None:
    assert roles.may(local.posts, roles.PEOPLE, CITY)
    for elsewhere in (DISTRICT, UNIT, PROVINCE, ""):
        assert not roles.may(local.posts, roles.PEOPLE, elsewhere)
    reach = roles.reach_of(local, roles.PEOPLE)
    assert [places.inside(one, reach) for one in (CITY, DISTRICT, UNIT, PROVINCE, "")] == [True, *[False] * 4]
    assert not places.is_whole(CITY, reach)
    assert [places.bare(one) for one in reach] == [CITY]
    assert not any(
        one.startswith(place) for place in reach for one in (CITY, DISTRICT)
    )  # and compared as a path, none


def test_a_role_that_reaches_here_and_is_held_everywhere_reaches_everything(local: Acting) -> None:
    everywhere = replace(local, posts=(Post("1", LOCAL.key), *local.posts))
    assert roles.reach_of(everywhere, roles.PEOPLE) == ("",)
    assert roles.may(everywhere.posts, roles.PEOPLE, DISTRICT)


def test_what_a_wider_post_includes_is_left_out(local: Acting) -> None:
    both = replace(local, posts=(*local.posts, Post("2", roles.REGIONAL.key, CITY)))
    assert roles.reach_of(both, roles.PEOPLE) == (CITY,)
    below = replace(local, posts=(*local.posts, Post("2", roles.REGIONAL.key, DISTRICT)))
    assert sorted(map(places.bare, roles.reach_of(below, roles.PEOPLE))) == [CITY, DISTRICT]
    assert places.is_whole(DISTRICT, roles.reach_of(below, roles.PEOPLE))


paths = st.lists(st.sampled_from(("130000", "130400", "130402", "u01j")), max_size=4).map(
    lambda steps: "".join(f"{step}/" for step in steps)
)


@given(paths, paths, st.sampled_from(("here", "below")))
def test_reach_in_python_and_in_sql_is_what_a_post_covers(path: str, place: str, reach: str) -> None:
    """One rule: what `eligibility.covers` says of a task, the places of a permission say of people and units."""
    role = Role("t.role", LOCAL.title, "region", reach=reach)
    reached = roles.reached(role, place)
    covered = covers(Post("1", role.key, place), role.key, path, None, {role.key: role})
    assert places.lies_below(path, reached) == covered
    with create_engine("sqlite://").connect() as connection:
        for ask in (places.below, places.begins):
            asked = ask(literal(path), reached)
            assert bool(connection.scalar(select(asked))) == covered
        assert bool(connection.scalar(select(places.within(literal(path), [reached])))) == covered
        assert not connection.scalar(select(places.within(literal(path), [])))
