"""The one chooser of places on the pages about people and codes; and tasks that wait for a shut account."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.platform.identity.entities import Person
from app.platform.runtime.entities import Task
from tests.pages import House
from tests.rooms.admin.test_people_pages import city, newcomer, place, town
from tests.rooms.conftest import Browser

__all__ = ["city", "town"]


@pytest.mark.parametrize(
    ("page", "name"),
    [("/admin/people/new", "kept"), ("/admin/people/new", "post_place"), ("/admin/codes/new", "post_place")],
)
def test_a_place_is_searched_and_walked_without_scripts_and_nothing_is_done(
    town: House, city: Browser, page: str, name: str
) -> None:
    """By name, by code, level by level: the same form again with everything typed (one chooser for all pages)."""
    typed = {"name": "走访", "note": "走访", "count": "3"}
    city.get(page)
    for asked in (
        {f"{name}.search": "丛台"},
        {f"{name}.search": "130403"},
        {"_update": f"{name}:130000/130400/"},
    ):
        assert city.post(page, {**typed, "_update": name, **asked}).status_code == 200
        assert re.search(rf'type="radio" name="{name}" value="{place(town, "130403")}"', city.page)
        assert 'value="走访"' in city.page
    assert city.post(page, {**typed, "_update": name, f"{name}.search": "襄都"}).status_code == 200
    assert "没有找到“襄都”" in city.page
    assert city.post(page, {**typed, "role": "", f"{name}.search": "丛台"}).status_code == 422
    assert f'href="#place-{name}-search"' in city.page
    assert "请在查到的单位和地区中选择一个" in city.page
    with town.world.session() as session:
        assert session.scalar(select(Person.id).where(Person.name == "走访")) is None


def test_whoever_gives_posts_alone_chooses_where_he_gives_them(town: House) -> None:
    """The reach of the chooser is that of both permissions: people and posts."""
    security, person = town.visit("安全管"), newcomer(town)
    security.get(f"/admin/people/{person}/posts")
    assert (
        security.post(
            f"/admin/people/{person}/posts", {"post_place.search": "丛台", "_update": "post_place"}
        ).status_code
        == 200
    )
    assert f'value="{place(town, "130403")}"' in security.page


def test_tasks_left_alone_by_a_shut_account_are_said_and_lead_to_handing_over(
    town: House, city: Browser
) -> None:
    world = town.world
    person = newcomer(town)
    task = world.open_task(world.to_review(town.settle()), "city_review")
    with world.session() as session:
        session.get_one(Task, task).assignee_id = person
        session.commit()
    city.get(f"/admin/people/{person}")
    assert "项任务指定给该人员" not in city.page
    assert city.post(f"/admin/people/{person}/account/disable", {}).status_code == 303
    city.get(f"/admin/people/{person}")
    assert "还有 1 项任务指定给该人员，无人办理" in city.page
    assert f"/admin/people/{person}/leave" in city.page
