"""A sheet's pages: template, upload, progress, records of the place, refused rows, undoing (C-24 to C-27)."""

# ruff: noqa: F811  # fixtures come by import

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from app.platform.data import transaction
from app.platform.sheets import catalogue
from app.platform.sheets.entities import Import
from tests.platform.sheets.members import HEADS, Member, cells, lend, line, workbook
from tests.rooms.conftest import Browser
from tests.rooms.inbox.test_statements import counted
from tests.world import World

from tests.rooms.inbox.conftest import app, visit  # noqa: F401  # isort: skip  # the world behind real pages

URL = "/fairs/imports/members"


@pytest.fixture(autouse=True)
def sheet(app: Any, world: World) -> Iterator[None]:
    lend(world)
    yield
    catalogue.enter("fairs", [])


def send(browser: Browser, content: bytes, name: str = "会员.xlsx") -> Any:
    browser.get(URL)
    return browser.post(URL, {"file": (io.BytesIO(content), name)})


def record_of(answer: Any) -> str:
    return str(answer.location).rpartition("/")[2]


def test_a_workbook_is_sent_watched_and_its_refused_rows_come_back(
    world: World, visit, tmp_path: Path
) -> None:
    city = visit("市级")
    city.get(URL)
    assert "还没有导入记录" in city.page
    for there in (f'action="{URL}"', f'href="{URL}/template.xlsx"'):
        assert there in city.page
    answer = send(city, workbook(tmp_path, [line(1), line(2, phone="12")]))
    assert answer.status_code == 303
    city.get(answer.location)
    assert "排队中" in city.page
    assert "0 / 2" in city.page
    progress = city.get(f"{answer.location}/progress")
    tag = progress.headers["ETag"]
    assert city.client.get(f"{answer.location}/progress", headers={"If-None-Match": tag}).status_code == 304
    world.work()
    assert city.client.get(f"{answer.location}/progress", headers={"If-None-Match": tag}).status_code == 200
    city.get(answer.location)
    assert "已完成" in city.page
    returned = city.get(f"{answer.location}/failures.xlsx")
    assert cells(returned.data)[1][-1] == "第3行：【联系电话】应为11位手机号码"
    assert "%E5%A4%B1%E8%B4%A5%E6%95%B0%E6%8D%AE" in returned.headers["Content-Disposition"]
    city.get(URL)
    for words in ("市级管理员", "会员.xlsx", "已完成", "下载失败数据"):
        assert words in city.page
    assert f'href="{answer.location}/failures.xlsx"' in city.page


def test_the_template_has_the_heads(visit) -> None:
    answer = visit("市级").get(f"{URL}/template.xlsx")
    assert [cell.value for cell in load_workbook(io.BytesIO(answer.data)).worksheets[0][1]] == HEADS


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "请选择要上传的文件"),
        (b"a,b", "不是 Excel 工作簿"),
        (None, "缺少“备注”"),
    ],
)
def test_what_is_no_filled_template_is_refused_in_words_without_a_record(
    world: World,
    visit,
    tmp_path: Path,
    content: bytes | None,
    said: str,
) -> None:
    """C-26."""
    city = visit("市级")
    answer = send(city, workbook(tmp_path, [line(1)], HEADS[:-1]) if content is None else content)
    assert answer.status_code == 422
    assert said in city.page
    with world.session() as session:
        assert session.scalar(select(func.count()).select_from(Import)) == 0


def test_colleagues_of_the_place_see_it_others_do_not(world: World, visit, tmp_path: Path) -> None:
    """C-25, C-11."""
    place = send(visit("市级"), workbook(tmp_path, [line(1), line(2, phone="1")])).location
    world.work()
    colleague, neighbour, organiser = visit("市级二"), visit("邻市"), visit("组织者甲")
    assert colleague.get(place).status_code == 200
    assert colleague.get(f"{place}/failures.xlsx").status_code == 200
    for more in ("", "/progress", "/failures.xlsx"):
        assert neighbour.get(place + more).status_code == 404
        assert organiser.get(place + more).status_code == 403
    neighbour.get(URL)
    assert "还没有导入记录" in neighbour.page


def test_undone_once_or_refused_with_the_reason(world: World, visit, tmp_path: Path) -> None:
    city = visit("市级")
    place = send(city, workbook(tmp_path, [line(1), line(2)])).location
    world.work()
    with world.session() as session, transaction(session):
        session.execute(update(Member).values(has_prize=True))
    city.get(place)
    assert "将删除该次导入新增的 2 行数据" in city.page
    city.post(f"{place}/undo", {})
    city.get(place)
    assert "其中 2 人已经获奖，不能撤销。" in city.page
    with world.session() as session, transaction(session):
        session.execute(update(Member).values(has_prize=False))
    city.post(f"{place}/undo", {})
    city.get(place)
    assert "已撤销" in city.page
    assert "确认撤销" not in city.page
    with world.session() as session:
        assert session.scalar(select(func.count()).select_from(Member)) == 0


def test_the_page_costs_the_same_with_many_records(app: Any, world: World, visit, tmp_path: Path) -> None:
    city = visit("市级")
    counts = []
    for more in (1, 4):
        for _ in range(more):
            send(city, workbook(tmp_path, [line(1)]))
        world.work()
        counts.append(counted(app, city, URL))
    assert counts[0] == counts[1]
