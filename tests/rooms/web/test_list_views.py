"""What a list is asked is saved under a name beside it, and changed, ordered and taken away where all views are."""

from __future__ import annotations

import html
import re

import pytest

from app.platform.lists import catalogue, views
from tests.rooms.inbox.conftest import app, visit  # noqa: F401  # the world behind real pages
from tests.world import World

URL = "/fairs/lists/applications"
ASKED = {"asked": "district=130402", "title": "邯山区的", "reach": "me"}


def saved(world: World, name: str) -> list[views.Saved]:
    with world.session() as session:
        return views.of(session, world.acting(name), only=["fairs/applications"])


def test_a_question_is_saved_and_leads_back_to_itself(world: World, visit) -> None:  # noqa: F811
    city = visit("市级")
    city.get(URL)
    assert "存为视图" not in city.page, "nothing is asked"
    city.get(f"{URL}?district=130402")
    assert "存为视图" in city.page
    answer = city.post(f"{URL}/views", ASKED)
    (view,) = saved(world, "市级")
    assert answer.status_code == 303
    assert answer.location == f"{URL}?district=130402&view={view.id}"
    city.get(answer.location)
    assert re.search(r'view=\w+" aria-current="page">邯山区的</a>', html.unescape(city.page))
    assert '<option value="130402" selected>' in city.page
    assert "存为视图</summary>" not in city.page, "it is what is saved already"
    city.get(f"{URL}?district=130403&view={view.id}")
    assert "更新视图" in city.page
    assert "存为视图" in city.page


def test_a_view_is_his_alone_who_saved_it(world: World, visit) -> None:  # noqa: F811
    city = visit("市级")
    city.get(URL)
    city.post(f"{URL}/views", ASKED)
    assert "邯山区的" not in visit("市级二").get(URL).get_data(as_text=True)
    assert saved(world, "市级二") == []


def test_a_view_of_the_office_is_its_colleagues_too_and_nobody_elses(world: World, visit) -> None:  # noqa: F811
    city = visit("市级")
    city.get(URL)
    city.post(f"{URL}/views", {**ASKED, "reach": "office"})
    assert "邯山区的" in visit("市级二").get(URL).get_data(as_text=True)
    assert "邯山区的" not in visit("邻市").get(URL).get_data(as_text=True)


@pytest.mark.parametrize(
    ("title", "words"), [(" ", "请填写视图名称"), ("长" * 31, "不超过30个字"), ("同名", "已有名为")]
)
def test_what_is_refused_is_shown_again_with_its_question(
    world: World,
    visit,  # noqa: F811
    title: str,
    words: str,
) -> None:
    world.to_review()
    city = visit("市级")
    city.get(URL)
    city.post(f"{URL}/views", {**ASKED, "title": "同名"})
    answer = city.post(f"{URL}/views", {**ASKED, "title": title})
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    page = answer.get_data(as_text=True)
    assert '<option value="130402" selected>' in page, "what was asked still stands"
    assert f'value="{title}"' in page
    assert f'action="{URL}"' in page
    assert len(saved(world, "市级")) == 1


def test_nobody_saves_to_a_list_that_is_closed_to_him_or_keeps_none(world: World, visit) -> None:  # noqa: F811
    organiser = visit("组织者甲")
    organiser.get("/inbox/")
    assert organiser.post(f"{URL}/views", ASKED).status_code == 403
    city = visit("市级")
    city.get("/inbox/")
    assert city.post("/inbox/lists/todo/views", ASKED).status_code == 404
    assert city.post("/fairs/lists/absent/views", ASKED).status_code == 404
    forbidden = city.post(f"{URL}/views", {**ASKED, "reach": "everybody"})
    assert forbidden.status_code == 403
    assert saved(world, "市级") == []


def test_views_of_lists_are_looked_after_beside_those_of_the_inbox(world: World, visit) -> None:  # noqa: F811
    city = visit("市级")
    city.get(URL)
    city.post(f"{URL}/views", ASKED)
    city.get("/inbox/views")
    listing = catalogue.get("fairs/applications")
    assert listing is not None
    assert "邯山区的" in city.page
    assert listing.title.zh in city.page
    (view,) = saved(world, "市级")
    city.post(f"/inbox/views/{view.id}", {"title": "改过名的"})
    city.post(f"/inbox/views/{view.id}", {"asked": "district=130403"})
    (view,) = saved(world, "市级")
    assert (view.title, view.asked) == ("改过名的", {"district": "130403"})
    assert "改过名的" not in city.get("/inbox/").get_data(as_text=True), "the rail has the boxes' views alone"
    city.post(f"/inbox/views/{view.id}/delete", {})
    assert saved(world, "市级") == []
    assert city.get("/inbox/views").status_code == 200


def test_a_view_of_a_list_that_is_closed_by_now_is_not_offered(world: World, visit) -> None:  # noqa: F811
    with world.session() as session:
        by = world.acting("组织者甲")
        views.save(session, "fairs/applications", "从前的", {"district": "130402"}, views.ME, by, world.now)
    organiser = visit("组织者甲")
    organiser.get("/inbox/views")
    assert organiser.page.count("从前的") == 0
