"""The boxes as pages: rail and counts, chips, the table, copies, and an address that keeps all of it (B3-23…26)."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import event, func, select, update

from app.extensions import db
from app.platform.calendar import ZONE
from app.platform.data import transaction
from app.platform.lists import views
from app.platform.runtime import policy
from app.platform.runtime.entities import Copy, Task
from app.rooms.inbox import lists as boxes
from app.rooms.inbox import rail
from tests.rooms.conftest import Browser
from tests.rooms.inbox.boxed import DEPUTY, USERNAMES, Boxed, fill
from tests.rooms.inbox.conftest import NAMES, fields_of
from tests.rooms.inbox.test_statements import counted
from tests.world import World

CITY = "市级"
SEED = 4  # with which everybody has a copy that he has not read


@pytest.fixture
def boxed(world: World, app: Any) -> Boxed:
    return fill(world, SEED, 24)


@pytest.fixture
def enter(app: Any, boxed: Boxed) -> Callable[[str], Browser]:
    def sign_in(name: str) -> Browser:
        browser = Browser(app.test_client())
        assert browser.sign_in((NAMES | USERNAMES)[name]).status_code == 303
        return browser

    return sign_in


def menu_of(page: str) -> str:
    return page.split('<div class="stage">')[0]


def counts(page: str) -> dict[str, str]:
    """What the rail says, by the words of its lines; nothing where nothing is counted."""
    line = (
        r"<li><a href=\"[^\"]+\"[^>]*><span>([^<]+)</span>(?:<b [^>]+>(?:<span[^>]*>)?(\d+\+?).*?)?</a></li>"
    )
    return dict(re.findall(line, menu_of(page), re.DOTALL))


def links(page: str, css: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(rf'<a class="{css}" href="([^"]+)"', page)]


def question(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def save(
    boxed: Boxed, name: str, title: str, asked: dict[str, str], reach: str = views.ME, box: str = "todo"
) -> str:
    with boxed.world.session() as session:
        return views.save(
            session, f"inbox/{box}", title, asked, reach, boxed.world.acting(name), boxed.world.now
        )


@pytest.mark.parametrize("name", [CITY, DEPUTY, "组织者甲"])
def test_the_rail_counts_every_box(boxed: Boxed, enter: Any, name: str) -> None:
    """C-37: from the database, on every page of the inbox, in one statement."""
    browser, by = enter(name), boxed.acting(name)
    browser.get("/inbox/?box=done")
    with boxed.world.session() as session:
        counted_all = [box for box in rail.LISTS if box.key != "copies"]
        wanted = {box.title.zh: str(boxes.tally(box, session, by, boxed.world.now)) for box in counted_all}
        unread = select(func.count()).where(Copy.person_id == by.person, Copy.read_at.is_(None))
        wanted["抄送"] = str(session.scalar(unread) or "")
    assert {key: value for key, value in counts(browser.page).items() if key in wanted} == wanted
    assert wanted["抄送"] != "0"
    assert 'href="/inbox/?box=done" aria-current="page"' in menu_of(browser.page)


def test_a_box_of_more_than_999_says_so(boxed: Boxed, enter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rail, "COUNTED", 3)
    city = enter(CITY)
    city.get("/inbox/")
    assert counts(city.page)["待办"] == "3+"


def test_an_opened_copy_is_read(boxed: Boxed, enter: Any) -> None:
    city = enter(CITY)
    city.get("/inbox/?box=copies&read=no")
    unread = int(counts(city.page)["抄送"])
    assert city.page.count('class="case-row is-new"') == unread > 0
    city.get(links(city.page, "case")[0])
    assert counts(city.page)["抄送"] in (str(unread - 1), "")
    city.get("/inbox/?box=copies&read=no")
    assert city.page.count('class="case-row is-new"') == unread - 1
    other = enter("教师")
    other.get("/inbox/?box=copies")
    assert int(counts(other.page)["抄送"]) >= 1  # who reads marks only his own


def test_each_condition_is_a_chip_and_can_be_taken_away(boxed: Boxed, enter: Any) -> None:
    city = enter(CITY)
    asked = {
        "box": "todo", "q": "集市", "process": "tests_fair", "region": "130402", "due": "overdue",
        "arrived_from": "2026-11-16", "arrived_to": "2026-11-20", "flag": "claimed.suspended",
    }  # fmt: skip
    city.get("/inbox/?" + "&".join(f"{key}={value}" for key, value in asked.items()))
    found = [question(url) for url in links(city.page, "chip")]
    assert found == [
        {key: value for key, value in asked.items() if key not in gone} | more
        for gone, more in (
            ({"q"}, {}), ({"process"}, {}), ({"region"}, {}), ({"due"}, {}), ({"arrived_from", "arrived_to"}, {}),
            (set(), {"flag": "suspended"}), (set(), {"flag": "claimed"}),
        )
    ]  # fmt: skip
    assert "</span>邯山区<" in city.page
    assert "11/16—11/20" in city.page
    assert question(links(city.page, "chips-clear")[0]) == {"box": "todo"}


def test_ticked_flags_of_a_form_are_one_condition_in_the_address(boxed: Boxed, enter: Any) -> None:
    city = enter(CITY)
    city.get("/inbox/?box=todo&flag=claimed&flag=suspended&q=&process=")
    assert [question(url).get("flag") for url in links(city.page, "chip")] == ["suspended", "claimed"]


def test_what_there_is_not_any_more_is_said_and_the_box_opens(boxed: Boxed, enter: Any) -> None:
    city = enter(CITY)
    view = save(boxed, CITY, "旧条件", {"process": "gone", "region": "999999", "due": "overdue"})
    city.get("/inbox/")
    to = html.unescape(re.search(rf'href="([^"]+view={view}[^"]*)"', city.page)[1])
    city.get(to)
    assert "条件“事项、地区”所指的内容已不存在" in city.page
    assert links(city.page, "case")
    assert "更新视图" not in city.page  # what is lost is no change of the reader's


def test_the_whole_question_survives_opening_deciding_and_claiming(boxed: Boxed, enter: Any) -> None:
    """B3-23, B3-24: filters, order, mode and view are in every address on the way."""
    city = enter(CITY)
    view = save(boxed, CITY, "待我初审", {"step": "tests_fair/review"})
    kept = {"box": "todo", "step": "tests_fair/review", "sort": "due", "mode": "table", "view": view}
    city.get("/inbox/?" + "&".join(f"{key}={value}" for key, value in kept.items()))
    cases = links(city.page, "case")
    assert len(cases) > 2
    for number, url in enumerate(cases, 1):
        assert question(url) == {**kept, "at": str(number)}
    free = next(url for url in cases if _may_decide(boxed, city, url))
    city.get(free)
    assert question(links(city.page, "case-back")[0]).items() >= kept.items()
    answer = city.post(free, {**fields_of(city.page), "outcome": "approve"})
    assert answer.status_code == 302
    assert question(answer.location).items() >= kept.items()
    assert answer.location.startswith("/inbox/tasks/")


def _may_decide(boxed: Boxed, browser: Browser, url: str) -> bool:
    browser.get(url)
    return 'name="outcome"' in browser.page


def test_who_claims_is_led_on_within_what_is_to_be_claimed(boxed: Boxed, enter: Any) -> None:
    city = enter(CITY)
    city.get("/inbox/?box=claimable&step=tests_fair/second")  # behind it there is no step of his own
    first, second = links(city.page, "case")[:2]
    city.get(first)
    answer = city.post(first, {**fields_of(city.page), "outcome": "approve"})
    assert urlsplit(answer.location).path == urlsplit(second).path
    assert question(answer.location)["box"] == "claimable"


def test_a_row_says_in_whose_stead_and_how_many_have_signed(boxed: Boxed, enter: Any) -> None:
    deputy = enter(DEPUTY)
    deputy.get("/inbox/?flag=behalf&size=50")
    rows = re.findall(r'<li class="case-row.*?</li>', deputy.page, re.DOTALL)
    assert rows
    assert all("代 处长" in row for row in rows)
    assert {row for row in rows if "会签 " in row} == {row for row in rows if "<span>会签</span>" in row}
    city = enter(CITY)
    city.get("/inbox/?size=50")
    assert "代 " not in "".join(re.findall(r'<span class="flag[^<]*<', city.page))
    assert 'value="behalf"' not in city.page  # who stands in for nobody is not offered it


def test_the_table_is_remembered_and_the_address_outranks_it(boxed: Boxed, enter: Any) -> None:
    city = enter(CITY)
    city.get("/inbox/?due=overdue")
    assert "inbox-table" not in city.page
    answer = city.post("/inbox/mode", {"mode": "table", "asked": "box=todo&due=overdue"})
    assert question(answer.location) == {"box": "todo", "due": "overdue", "mode": "table"}
    for url, is_table in (("/inbox/", True), ("/inbox/?mode=list", False), ("/inbox/?box=copies", True)):
        city.get(url)
        assert ("inbox-table" in city.page) is is_table, url
    task = links(city.page, "case")[0]
    city.get(task)
    assert "inbox-table" not in city.page  # beside a case there is always the list
    city.post("/inbox/mode", {"mode": "list", "asked": ""})
    city.get("/inbox/")
    assert "inbox-table" not in city.page


def test_columns_of_the_table_are_chosen_and_sorted(boxed: Boxed, enter: Any) -> None:
    city = enter(CITY)
    url = "/inbox/?box=todo&mode=table&sort=due"
    city.get(url)
    heads = re.findall(r"<th scope=\"col\"[^>]*>(?:<a[^>]*>)?([^<]+)", city.page)
    assert heads == ["编号", "标题", "申请人", "单位", "区县", "环节", "到达", "时限", "状态"]
    due = re.findall(r'data-label="时限">(?:<span class="due[^>]*>([^<]+)|<span class="none">)', city.page)
    assert due[-1] == ""  # without a deadline comes last
    late = [int(found[1]) for text in due if (found := re.search(r"超期 (\d+)", text))]
    assert late == sorted(late, reverse=True)
    city.post("/inbox/lists/todo/columns", {"column": ["starter", "process_name"], "back": url})
    city.get(url)
    assert re.findall(r"<th scope=\"col\"[^>]*>(?:<a[^>]*>)?([^<]+)", city.page) == ["标题", "申请人", "事项"]


def test_the_table_says_what_is_left_as_the_case_s_own_page_does(boxed: Boxed, enter: Any) -> None:
    """C-18: on a Friday what is due on Sunday is not due today."""
    friday = datetime(2026, 11, 27, 10, tzinfo=ZONE)
    left = {
        0: "今天到期",
        2: "下一个工作日前到期",  # Sunday
        3: "还剩 1 个工作日",
        -1: "已超期 1 个工作日",
        -5: "已超期 5 个工作日",  # since Sunday
    }
    boxed.world.now = friday
    with boxed.world.session() as session, transaction(session):
        mine = session.scalars(
            select(Task.id).where(policy.workable(boxed.acting(CITY)), Task.seats == "one")
        ).all()
        session.execute(update(Task).values(due_at=None))
        for task, days in zip(mine, left, strict=False):
            due = friday + timedelta(days=days, hours=1)
            session.execute(update(Task).where(Task.id == task).values(due_at=due))
    city = enter(CITY)
    city.get("/inbox/?mode=table&sort=due")
    found = re.findall(r'data-label="时限"><span class="due[^>]*>([^<]+)', city.page)
    assert found == [left[days] for days in sorted(left)]


def test_summary_fields_are_columns_where_one_matter_is_asked_for(boxed: Boxed, enter: Any) -> None:
    said = [
        {"zh": "场地面积", "en": "Area", "value": "300 平方米"},
        {"zh": "摊位", "en": "Stalls", "value": "12"},
        {"zh": "类别", "en": "Kind", "value": "农产品", "value_en": "Produce"},
    ]
    with boxed.world.session() as session, transaction(session):
        session.execute(update(Task).where(Task.process == "tests_fair").values(summary=said))
    city = enter(CITY)
    city.get("/inbox/?mode=table&process=tests_fair")
    assert '<th scope="col">场地面积</th><th scope="col">摊位</th><th scope="col">类别</th>' in city.page
    assert 'data-label="摊位">12</td>' in city.page
    city.get("/inbox/?mode=table")
    assert '<th scope="col">摊位</th>' not in city.page
    city.get("/inbox/?mode=list")
    assert "<i>摊位</i> 12</span><span><i>类别</i> 农产品" in city.page
    city.get("/inbox/?mode=list&lang=en")
    assert "<i>Stalls</i> 12</span><span><i>Kind</i> Produce" in city.page
    city.get("/inbox/?lang=zh")


def test_a_box_can_be_taken_out_as_a_workbook(boxed: Boxed, enter: Any) -> None:
    city = enter(CITY)
    city.get("/inbox/?mode=table")
    answer = city.post("/inbox/lists/todo/export", {"asked": "due=overdue", "post": ""})
    assert answer.status_code == 303
    boxed.world.work()
    city.get(answer.location)
    assert "导出：待办" in city.page
    assert "下载" in city.page


def test_a_view_is_saved_shown_with_its_count_changed_and_deleted(boxed: Boxed, enter: Any) -> None:
    city = enter(CITY)
    city.get("/inbox/?due=overdue&sort=due")
    answer = city.post(
        "/inbox/views", {"box": "todo", "asked": "due=overdue&sort=due", "title": "超期", "reach": "me"}
    )
    asked = question(answer.location)
    view = asked.pop("view")
    assert asked == {"box": "todo", "due": "overdue", "sort": "due"}
    city.get(answer.location)
    with boxed.world.session() as session:
        late = select(func.count()).select_from(Task)
        late = late.where(policy.workable(boxed.acting(CITY)), Task.due_at < boxed.world.now)
        assert counts(city.page)["超期"] == str(session.scalar(late))
    assert re.search(rf'href="[^"]*view={view}[^"]*" aria-current="page"', menu_of(city.page))
    assert "更新视图" not in city.page
    city.get(f"/inbox/?view={view}&box=todo&due=none")
    assert "更新视图" in city.page
    answer = city.post(f"/inbox/views/{view}", {"asked": "due=none"})
    assert question(answer.location) == {"box": "todo", "due": "none", "view": view}
    city.get("/inbox/views")
    city.post(f"/inbox/views/{view}", {"title": "无时限的"})
    city.get("/inbox/")
    assert "无时限的" in counts(city.page)
    city.post(f"/inbox/views/{view}/delete")
    city.get("/inbox/")
    assert "无时限的" not in counts(city.page)


def test_a_refused_view_keeps_what_was_typed(boxed: Boxed, enter: Any) -> None:
    save(boxed, CITY, "超期", {"due": "overdue"})
    city = enter(CITY)
    city.get("/inbox/")
    given = {"box": "claimable", "asked": "due=none", "title": "超期", "reach": "office"}
    answer = city.post("/inbox/views", given)
    assert answer.status_code == 422
    assert "已有名为“超期”的视图" in city.page
    for kept in ('name="box" value="claimable"', 'name="asked" value="due=none"', 'value="office" checked'):
        assert kept in city.page


def test_whose_office_is_asked_where_there_are_several(boxed: Boxed, enter: Any) -> None:
    boxed.world.enter(CITY, "fairs.city_admin", "130500")
    city = enter(CITY)
    city.get("/inbox/")
    given = {"box": "todo", "asked": "due=none", "title": "科室的", "reach": "office"}
    assert city.post("/inbox/views", given).status_code == 422
    place = re.search(r'<option value="([^"]+)">邢台市 · 市级管理员<', city.page)[1]
    assert city.post("/inbox/views", {**given, "place": place}).status_code == 303
    neighbour, colleague = enter("邻市"), enter("市级二")
    for browser, sees in ((neighbour, True), (colleague, False)):
        browser.get("/inbox/")
        assert ("科室的" in counts(browser.page)) is sees


def test_twelve_views_are_counted_and_more_are_shown_without(boxed: Boxed, enter: Any) -> None:
    for number in range(14):
        save(boxed, CITY, f"视图{number:02}", {"due": "overdue"})
    city = enter(CITY)
    city.get("/inbox/")
    shown = {words: count for words, count in counts(city.page).items() if words.startswith("视图")}
    assert len(shown) == 14
    assert [words for words, count in shown.items() if not count] == ["视图12", "视图13"]


def test_a_view_that_looks_for_a_text_is_shown_without_a_count(app: Any, boxed: Boxed, enter: Any) -> None:
    """Its text would be looked for in ten thousand rows on every page."""
    city = enter(CITY)
    save(boxed, CITY, "超期", {"due": "overdue"})
    city.get("/inbox/")
    alone = counted(app, city, "/inbox/")
    for number in range(12):
        save(boxed, CITY, f"查找{number:02}", {"q": "集市"})
    save(boxed, CITY, "退回件", {"flag": "returned"})
    assert counted(app, city, "/inbox/") == alone
    shown = counts(city.page)
    assert [words for words, count in shown.items() if words.startswith("查找") and count] == []
    assert "查找11" in shown
    assert shown["超期"]
    assert shown["退回件"]


@pytest.mark.parametrize(
    "url", ["/inbox/?mode=list", "/inbox/?mode=table", "/inbox/?box=copies", "/inbox/?box=drafts"]
)
def test_views_and_rows_cost_no_more_statements(app: Any, boxed: Boxed, enter: Any, url: str) -> None:
    """One statement counts all boxes and views, one finds the regions of all views; a text is looked up beside."""
    city = enter(CITY)
    save(boxed, CITY, "一", {"region": "130402", "due": "soon"})
    city.get(url)
    alone = counted(app, city, url)
    for number, region in enumerate(("130402", "130403", "130404", "130400")):
        save(boxed, CITY, f"视图{number}", {"region": region, "due": "soon", "flag": "returned"})
    for _ in range(6):
        boxed.happen(boxed.begin("tests_council"))
    assert counted(app, city, url) == alone
    assert alone <= 19


def test_a_case_beside_its_list_looks_the_choices_up_once(app: Any, boxed: Boxed, enter: Any) -> None:
    """The list looks steps, matters and regions up; the links that lead back to it do not."""
    city = enter(CITY)
    asked = {"box": "todo", "process": "tests_fair", "step": "tests_fair/review", "region": "130402"}
    city.get("/inbox/?" + "&".join(f"{key}={value}" for key, value in asked.items()))
    url = next(url for url in links(city.page, "case") if _may_decide(boxed, city, url))
    assert question(url).items() >= asked.items()
    said: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        said.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        city.get(url)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    for table, looked_up in (
        ("steps", "max(anon_1.name_zh)"),
        ("matters", "ORDER BY runtime_process.system"),
    ):
        assert (table, sum(looked_up in one for one in said)) == (table, 1)
    verb = html.unescape(re.search(r'href="(/inbox/tasks/[^"/]+/[a-z]+\?[^"]+)"', city.page)[1])
    assert question(verb).items() >= asked.items()
