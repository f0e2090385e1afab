"""A list within a system's own page, and what its rows offer besides their task."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.platform import lists
from app.platform.lists import catalogue
from app.platform.registry import Words
from app.rooms.web import lists as pages
from app.rooms.web.guards import signed_in
from tests.rooms.inbox.test_statements import counted
from tests.world import World

from tests.rooms.inbox.conftest import app, visit  # noqa: F401  # isort: skip  # the world behind real pages

PAGE = """{% extends "web/list.html" %}
{% block list_head %}<h1>参与管理：{{ project }}</h1>{% endblock %}
{% block before_list %}<p>您选择的是 尚未审核 的项目</p>{% endblock %}
{% block after_list %}<section id="summary">汇总表 {{ page.total }}</section>{% endblock %}"""


def offered(row: Any, acting: Any) -> list[lists.Verb]:
    if row["district"] == "丛台区":
        return [lists.Verb(Words("审查", "Review"), why_not=Words("尚未正式提交", "Not submitted"))]
    return [
        lists.Verb(Words("催办", "Urge"), f"/x/{row['id']}", posts=True),
        lists.Verb(
            Words("撤销", "Revoke"), "/x", posts=True, tone="danger", confirm=Words("不能恢复。", "!")
        ),
        lists.Verb(Words("材料", "Papers"), "/papers"),
    ]


@pytest.fixture
def within(app: Any) -> Iterator[lists.List]:  # noqa: F811
    """The list of applications with verbs, and a page of a system that shows it at /fairs/posts/<post>."""
    known = catalogue.get("fairs/applications")
    assert known is not None
    listing = replace(known, verbs=offered)
    catalogue.enter("fairs", [listing])

    @signed_in
    def show(post: str) -> str:
        tabs = [
            (Words("本页", "This"), f"/fairs/posts/{post}?a=1"),
            (Words("另一页", "Other"), "/fairs/x"),
        ]
        template = app.jinja_env.from_string(PAGE)
        return pages.answer(listing, template, post=post, tabs=tabs, project="青少年机器人集市")

    app.add_url_rule("/fairs/posts/<post>", "test.within", show)
    yield listing
    catalogue.enter("fairs", [known])


def test_a_page_shows_the_list_with_its_own_head_tabs_and_blocks(world: World, visit, within) -> None:  # noqa: F811
    world.to_review()
    city, post = visit("市级"), world.acting("市级").posts[0].id
    assert city.get(f"/fairs/posts/{post}?district=130402").status_code == 200
    order = ["参与管理：青少年机器人集市", "本页", "尚未审核 的项目", "组织者甲", 'id="summary">汇总表 1']
    assert [city.page.find(words) for words in order] == sorted(city.page.find(words) for words in order)
    assert all(words in city.page for words in order)
    assert re.search(r'<a href="/fairs/posts/\w+\?a=1" aria-current="page">本页', city.page)
    assert f'name="post" value="{post}"' in city.page  # the export keeps to that post
    assert f'href="/fairs/posts/{post}">重置' in city.page


def test_the_page_is_there_for_ones_own_posts_only(world: World, visit, within) -> None:  # noqa: F811
    """C-11."""
    city = visit("市级")
    for post in (world.acting("市级二").posts[0].id, "nonsense"):
        assert city.get(f"/fairs/posts/{post}").status_code == 404
    teacher = world.acting("教师").posts[0].id
    assert visit("教师").get(f"/fairs/posts/{teacher}").status_code == 403


def test_what_is_taken_out_there_keeps_to_the_post(world: World, visit, within) -> None:  # noqa: F811
    world.to_review()
    world.enter("市级", "fairs.city_admin", "130500")
    here, there = world.acting("市级").posts
    city = visit("市级")
    city.get(f"/fairs/posts/{here.id}")
    for post, rows in ((here, 1), (there, 0)):
        answer = city.post("/fairs/lists/applications/export", {"asked": "", "post": post.id})
        world.work()
        city.get(answer.location)
        assert f"共 {rows} 条。" in city.page


def test_verbs_are_buttons_that_post_ask_first_or_say_why_not(world: World, visit, within) -> None:  # noqa: F811
    """C-17, P-29."""
    world.to_review()
    world.to_review("组织者乙", "130403")
    city = visit("市级")
    city.get("/fairs/lists/applications")
    urge = re.search(
        r'<form class="offer-post" method="post" action="/x/\w+">(.*?)</form>', city.page, re.DOTALL
    )
    assert urge
    assert 'name="csrf_token"' in urge[1]
    ask = re.search(r'<details class="confirm"[^>]*>(.*?)</details>', city.page, re.DOTALL)
    assert ask
    assert "不能恢复。" in ask[1]
    assert 'name="csrf_token"' in ask[1]
    off = re.search(r'<button[^>]*disabled aria-describedby="([^"]+)">审查', city.page)
    assert off
    assert f'id="{off[1]}">尚未正式提交' in city.page
    assert 'href="/papers"' in city.page
    assert "审核" in city.page  # the open task is offered beside them


def test_it_costs_the_same_for_one_row_as_for_many(app, world: World, visit, within) -> None:  # noqa: F811
    world.to_review()
    city, post = visit("市级"), world.acting("市级").posts[0].id
    url = f"/fairs/posts/{post}"
    city.get(url)
    alone = counted(app, city, url)
    for name, district in (("组织者甲", "130403"), ("组织者乙", "130402"), ("组织者乙", "130404")):
        world.to_review(name, district)
    assert counted(app, city, url) == alone
    assert alone <= 14
