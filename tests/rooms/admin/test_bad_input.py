"""What an administrator types that cannot be is refused in words, and stays (issue 6).

A region moved under itself: test_tree_pages. A workbook with three bad rows in ten: test_intake_pages. A clock set back
during a login, codes used twice: tests/rooms/portal/test_factor.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from app.platform import settings
from app.platform.identity import authority, posts, regions, roles
from app.platform.identity.entities import Person
from tests.pages import House
from tests.rooms.conftest import Browser


@pytest.fixture
def subject_role(whole_house: House) -> Iterator[str]:
    """A role held for a subject, which regional administrators may give."""
    key = f"{whole_house.world.system}.district_admin"
    with whole_house.world.session() as session:
        settings.change(session, authority.GIVERS, {key: [roles.REGIONAL.key]}, None, whole_house.world.now)
    yield key
    with whole_house.world.session() as session:
        settings.change(session, authority.GIVERS, None, None, whole_house.world.now)


@pytest.fixture
def keeper(whole_house: House) -> Browser:
    return whole_house.visit(whole_house.settle(roles.REGIONAL.key, "130400"))


def test_a_post_without_the_subject_it_needs_is_refused_at_the_field_and_all_that_was_typed_stays(
    whole_house: House, keeper: Browser, subject_role: str
) -> None:
    world = whole_house.world
    with world.session() as session:
        place = regions.path_of(session, "130402")
        one = Person(name="无事项", place=place, created_at=world.now)
        session.add(one)
        session.commit()
        person = one.id
    url, given = (
        f"/admin/people/{person}/posts",
        {"role": subject_role, "post_place": place, "until": "2027-03-01"},
    )
    keeper.get(url)
    assert keeper.post(url, {**given, "subject": ""}).status_code == 422
    assert 'id="error-summary"' in keeper.page
    assert '<a href="#subject">该角色须指定事项，请选择</a>' in keeper.page
    assert 'id="subject-error"' in keeper.page
    assert f'value="{subject_role}" selected' in keeper.page
    assert 'value="2027-03-01"' in keeper.page
    with world.session() as session:
        assert not posts.of(session, person, world.now)
    new = {"name": "无事项二", "kept": place, **given, "subject": ""}
    keeper.get("/admin/people/new")
    assert keeper.post("/admin/people/new", new).status_code == 422
    assert "该角色须指定事项，请选择" in keeper.page
    assert 'value="无事项二"' in keeper.page
    with world.session() as session:
        assert session.scalar(select(Person.id).where(Person.name == "无事项二")) is None
    keeper.get(url)
    assert keeper.post(url, {**given, "subject": world.project}).status_code == 303


def test_the_last_day_typed_is_the_last_day_shown(
    whole_house: House, keeper: Browser, subject_role: str
) -> None:
    world = whole_house.world
    with world.session() as session:
        place = regions.path_of(session, "130402")
        one = Person(name="有期限", place=place, created_at=world.now)
        session.add(one)
        session.commit()
        person = one.id
    keeper.get(f"/admin/people/{person}/posts")
    given = {"role": subject_role, "post_place": place, "until": "2027-03-01", "subject": world.project}
    assert keeper.post(f"/admin/people/{person}/posts", given).status_code == 303
    for url in (f"/admin/people/{person}", "/admin/lists/posts?q=有期限", "/admin/regions/130402"):
        keeper.get(url)
        assert "2027-03-01" in keeper.page, url
        assert "2027-03-02" not in keeper.page, url
