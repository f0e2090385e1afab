"""Every list of a system at `/<system>/lists/<key>`: its definition is the whole page."""

from __future__ import annotations

import html
import io
import re

import pytest
from flask import render_template_string
from openpyxl import load_workbook

from tests.rooms.inbox.conftest import app, visit  # noqa: F401  # the world behind real pages
from tests.world import World

URL = "/fairs/lists/applications"


def test_a_list_shows_its_rows_with_serials_states_and_what_may_be_done(world: World, visit) -> None:  # noqa: F811
    """PG-P10, C-15."""
    instance = world.to_review()
    city = visit("市级")
    assert city.get(URL).status_code == 200
    for words in (
        "序号",
        "组织者甲",
        "邯山区",
        "青少年机器人集市",
        "待市级审核",
        "共 1 条",
        "页码: 1 / 1 页",
    ):
        assert words in city.page
    task = world.open_task(instance, "city_review")
    assert re.search(rf'href="/inbox/tasks/{task}">审核', city.page)
    world.decide(instance, "city_review", "approve", "市级")
    city.get(URL)
    assert f'href="/inbox/instances/{instance}">查看' in city.page
    assert "已通过" in city.page


def test_filters_live_in_the_address_and_reset_clears_them(world: World, visit) -> None:  # noqa: F811
    """C-15."""
    world.to_review()
    city = visit("市级")
    city.get(f"{URL}?q=nobody&district=130402")
    assert 'value="nobody"' in city.page
    assert '<option value="130402" selected>邯山区' in city.page
    assert "筛选挡住了 1 条" in city.page
    assert f'href="{URL}">重置' in city.page
    city.get(f"{URL}?district=130403")
    assert "筛选挡住了 1 条" in city.page


def test_another_city_sees_none_of_it(world: World, visit) -> None:  # noqa: F811
    """C-11: the scope is in the query, and in the number the filters hide."""
    world.to_review()
    neighbour = visit("邻市")
    neighbour.get(f"{URL}?q=组织者")
    assert "还没有人提交申请。" in neighbour.page


def test_a_list_is_closed_to_whoever_lacks_its_permission(world: World, visit) -> None:  # noqa: F811
    """C-11, C-13: 403 for a missing right, 404 for a list there is not."""
    organiser = visit("组织者甲")
    assert organiser.get(URL).status_code == 403
    for url in ("/fairs/lists/nothing", "/nowhere/lists/applications"):
        assert organiser.get(url).status_code == 404


def test_one_of_the_readers_posts_narrows_the_list_and_nobody_elses_does(world: World, visit) -> None:  # noqa: F811
    """C-11: `?post=` is one's own, else there is no such page; the filters keep it."""
    world.to_review()
    world.enter("市级", "fairs.city_admin", "130500")
    here, there = world.acting("市级").posts
    city = visit("市级")
    city.get(f"{URL}?post={here.id}")
    assert "组织者甲" in city.page
    assert f'<input type="hidden" name="post" value="{here.id}">' in city.page
    assert f'href="{URL}?post={here.id}">重置' in city.page
    city.get(f"{URL}?post={there.id}")
    assert "组织者甲" not in city.page
    others = world.acting("市级二").posts[0].id
    for post in (others, "nonsense"):
        assert city.get(f"{URL}?post={post}").status_code == 404


def test_a_reader_chooses_his_columns_once_for_all_his_visits(world: World, visit) -> None:  # noqa: F811
    world.to_review()
    city = visit("市级")
    city.get(URL)
    assert 'data-label="项目"' in city.page
    back = f"{URL}?district=130402"
    sent = {"column": ["district", "stage", "applicant"], "back": back}
    answer = city.post(f"{URL}/columns", sent)
    assert (answer.status_code, answer.location) == (303, back)
    again = visit("市级")
    again.get(URL)
    assert 'data-label="项目"' not in again.page
    assert 'data-label="区县"' in again.page
    assert visit("市级二").get(URL).get_data(as_text=True).count('data-label="项目"') == 1
    again.post(f"{URL}/columns", {"reset": "1", "back": "//elsewhere.example/"})
    assert again.get(URL).get_data(as_text=True).count('data-label="项目"') == 1


def test_the_names_of_rows_cannot_be_hidden(world: World, visit) -> None:  # noqa: F811
    world.to_review()
    city = visit("市级")
    city.get(URL)
    city.post(f"{URL}/columns", {"column": ["nonsense"]})
    city.get(URL)
    assert 'data-label="申请人"' in city.page
    assert 'data-label="区县"' not in city.page


def test_a_list_is_taken_out_as_it_is_seen(world: World, visit) -> None:  # noqa: F811
    """C-28, C-29: filter, columns and words of the page; its progress is found again, its file downloaded."""
    world.to_review()
    world.to_review("组织者乙", "130403")
    city = visit("市级")
    city.get(f"{URL}?district=130403")
    city.post(f"{URL}/columns", {"column": ["project", "district", "stage"]})
    city.get(f"{URL}?district=130403")
    asked = re.search(r'name="asked" value="([^"]*)"', city.page)
    assert asked
    assert "未勾选时导出全部 1 条" in city.page
    answer = city.post(f"{URL}/export", {"asked": html.unescape(asked[1]), "post": ""})
    assert answer.status_code == 303
    city.get(answer.location)
    assert "导出：集市审核" in city.page
    assert "1 项进行中" in city.page
    world.work()
    city.get("/inbox/")
    assert "1 项已结束" in city.page
    city.get(answer.location)
    assert "共 1 条。" in city.page
    city.get("/inbox/")
    assert "errand-mark" not in city.page
    city.get("/errands")
    file = re.search(r'href="(/files/[^"]+)"', city.page)
    assert file
    got = city.get(file[1])
    assert got.mimetype.endswith("spreadsheetml.sheet")
    assert got.headers["Content-Disposition"].startswith("attachment")
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(got.data)).active.iter_rows()]
    assert rows == [
        ["序号", "申请人", "项目", "区县", "状态"],
        [1, "组织者乙", "青少年机器人集市", "丛台区", "待市级审核"],
    ]
    assert visit("市级二").get(file[1]).status_code == 404


def test_ticked_rows_are_taken_out_alone(world: World, visit) -> None:  # noqa: F811
    """C-28."""
    world.to_review()
    world.to_review("组织者乙", "130403")
    city = visit("市级")
    city.get(URL)
    ticks = re.findall(r'name="row" value="([^"]+)" form="list-rows"', city.page)
    assert len(ticks) == 2
    answer = city.post(f"{URL}/export", {"asked": "q=nobody", "row": ticks[:1]})
    world.work()
    city.get(answer.location)
    assert "共 1 条。" in city.page


def test_nothing_is_taken_out_by_nobody_elses_post(world: World, visit) -> None:  # noqa: F811
    """C-11."""
    city = visit("市级")
    city.get(URL)
    others = world.acting("市级二").posts[0].id
    assert city.post(f"{URL}/export", {"post": others}).status_code == 404
    teacher = visit("教师")
    teacher.get("/inbox/")
    assert teacher.post(f"{URL}/export").status_code == 403


@pytest.mark.parametrize(
    ("page", "numbers"),
    [(1, range(1, 11)), (6, range(1, 11)), (7, range(2, 12)), (21, range(12, 22))],
)
def test_the_pager_says_what_the_manual_says(app, page: int, numbers: range) -> None:  # noqa: F811
    """P-26: ten numbers, four words, the place."""
    source = '{% import "web/parts.html" as parts with context %}{{ parts.pager(page, 21, total=201) }}'
    with app.test_request_context(URL):
        drawn = render_template_string(source, page=page)
    said = " ".join(re.sub(r"<[^>]+>", " ", drawn).split())
    window = " ".join(map(str, numbers))
    assert said == f"页码: {page} / 21 页 第一页 上一页 {window} 下一页 最后一页 共 201 条"
