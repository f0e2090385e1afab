"""A process's page: its figures, its filter, what is taken out of it, and how many statements it takes."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from lxml import etree
from openpyxl import load_workbook
from sqlalchemy import event, select, update

from app.extensions import db
from app.platform.data import transaction
from app.platform.documents.entities import File
from app.platform.identity import roles
from app.platform.monitoring import folding
from app.platform.monitoring.process_figures import Measured
from app.platform.runtime import diagram
from app.platform.runtime.entities import Task
from app.rooms.monitor import process_drawing
from app.rooms.monitor.process_drawing import SHADES, SHOWS, level
from tests.pages import House
from tests.rooms.monitor import cases

KEEPERS = {"平台管": "", "市平台管": "130400", "邻市平台管": "130500"}
PAGE = "/monitor/processes/{}"


@pytest.fixture(scope="module")
def watched(whole_house: House) -> House:
    """Four cases in a county: one overdue, one with an incident, one ended, one sent back to its applicant."""
    house, world = whole_house, whole_house.world
    for number, (name, place) in enumerate(KEEPERS.items()):
        world.enter(name, roles.ADMINISTRATOR.key, place)
        house.account(name, f"processkeeper{number}")
    late, broken, ended, back = (world.to_review(house.settle()) for _ in range(4))
    world.now += timedelta(days=2)
    world.decide(ended, "city_review", "approve", "市级")
    world.decide(back, "city_review", "reject", "市级", comment="单位盖章不清晰，请重新盖章。")
    with world.session() as session, transaction(session):
        cases.lie_in(session, cases.COUNTY)
        cases.be_late(session, late, world.now)
        cases.fail(session, broken, "timer", world.now)
    with world.session() as session:
        folding.fold(session, world.now)
    return house


def see(house: House, who: str, question: str = "", status: int = 200, process: str = "") -> str:
    answer = house.visit(who).get(PAGE.format(process or house.world.process) + question)
    assert answer.status_code == status
    return str(answer.text)


def tiles(page: str) -> dict[str, str]:
    found = re.findall(r'watch-count">([^<]*)</span><span class="watch-title">([^<]*)<', page)
    return {words: count for count, words in found}


def listed(page: str) -> int:
    return len(re.findall(r'<td class="tick', page))


def cells(page: str, element_name: str) -> list[str]:
    """What the table behind the drawing says of an element."""
    row = re.search(rf'<tr><th scope="row">{element_name}</th>(.*?)</tr>', page, re.DOTALL)
    assert row
    return [
        re.sub(r"<[^>]*>", "", one).strip() for one in re.findall(r"<td[^>]*>(.*?)</td>", row[1], re.DOTALL)
    ]


def test_the_numbers_are_those_of_the_readers_reach(watched: House) -> None:
    for who in ("平台管", "市平台管"):
        page = see(watched, who)
        assert tiles(page) == {"运行中": "3", "超期": "1", "异常": "1", "卡住": "0"}
        assert listed(page) == 3
    page = see(watched, "邻市平台管")
    assert set(tiles(page).values()) == {"0"}
    assert listed(page) == 0
    assert "没有流程图" not in page


def test_the_table_says_what_the_drawing_says(watched: House) -> None:
    page = see(watched, "市平台管")
    opened, waiting, overdue, failed, decided, median, _p90, late, returned, _ = cells(page, "市级审核")
    assert (opened, waiting, overdue, failed, decided) == ("2", "0", "1", "0", "2")
    assert median.endswith("工作日")
    assert (late, returned) == ("0%", "0%")
    assert 'aria-label="市级审核，在办 2，超期 1，异常 0"' in page
    shown = see(watched, "市平台管", "?show=median")
    assert f'aria-label="市级审核，停留中位数：{median}，期内办过 2 次"' in shown


def test_each_number_leads_to_a_list_of_as_many(watched: House) -> None:
    page = see(watched, "市平台管")
    links = re.findall(r'watch-tile[^>]*><a href="([^"]+)"><span class="watch-count">(\d+)<', page)
    assert [count for _, count in links] == ["3", "1", "1", "0"]
    row = re.search(r'<tr><th scope="row">市级审核</th>(.*?)</tr>', page, re.DOTALL)
    assert row
    links += re.findall(r'<a href="([^"]+)">(\d+)</a>', row[1])
    assert len(links) == 6
    for url, count in links:
        found = watched.visit("市平台管").get(url.replace("&amp;", "&").partition("#")[0]).text
        assert listed(found) == int(count), url


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("?element=city_review", 2),
        ("?element=grant", 1),
        ("?element=city_review&trouble=overdue", 1),
        ("?element=grant&trouble=overdue", 0),
        ("?element=city_review&trouble=incident", 0),
        ("?element=city_review.grant", 2),
        ("?element=nonsense", 0),
        ("?element=nonsense'%22&state=", 4),
        ("?state=", 4),
        ("?state=ended", 1),
        ("?version=1", 3),
        ("?version=99", 3),
        ("?region=130400", 3),
        ("?q=zzz", 0),
        ("?period=7&begun=1", 3),
        ("?period=dates&from=2020-01-01&to=2020-02-01&begun=1", 0),
    ],
)
def test_the_list_is_under_the_same_filter(watched: House, question: str, count: int) -> None:
    assert listed(see(watched, "市平台管", question)) == count


def test_a_region_narrows_the_figures_too(watched: House) -> None:
    assert tiles(see(watched, "平台管", "?region=130400"))["运行中"] == "3"
    assert set(tiles(see(watched, "平台管", "?region=130500")).values()) == {"0"}
    assert (
        tiles(see(watched, "市平台管", "?region=130500"))["运行中"] == "3"
    )  # not his to choose: not narrowed


def test_a_period_without_anything_says_so(watched: House) -> None:
    page = see(watched, "市平台管", "?period=dates&from=2020-01-01&to=2020-02-01&show=p90")
    assert "这个期间没有可以统计的办理。" in page
    assert cells(page, "市级审核")[4:9] == ["0", "—", "—", "—", "—"]
    assert tiles(page)["运行中"] == "3"


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("?period=dates&from=x&to=2026-01-01", "请填写开始日期"),
        ("?period=dates&from=2026-01-02", "请填写结束日期"),
        ("?period=dates&from=2026-01-02&to=2026-01-01", "结束日期不能早于开始日期"),
    ],
)
def test_dates_that_are_none_are_complained_of_and_kept(watched: House, question: str, words: str) -> None:
    page = see(watched, "市平台管", question)
    assert words in page
    assert 'value="2026-01-01"' in page or 'value="2026-01-02"' in page


def test_what_only_an_earlier_version_has_stands_below(watched: House) -> None:
    with watched.world.session() as session, transaction(session):
        session.execute(update(Task).where(Task.element == "file_profile").values(element="v0.step"))
    try:
        with watched.world.session() as session:
            folding.rebuild(session, watched.world.now)
        page = see(watched, "市平台管")
        assert "图上没有的环节" in page
        assert "element=v0~step#diagram" in page
        assert "不再按v0.step筛选" in see(watched, "市平台管", "?element=v0~step")
        assert "图上没有的环节" not in see(watched, "市平台管", "?version=1")
    finally:
        with watched.world.session() as session, transaction(session):
            session.execute(update(Task).where(Task.element == "v0.step").values(element="file_profile"))
        with watched.world.session() as session:
            folding.rebuild(session, watched.world.now)


def test_nobody_else_comes_in_and_what_is_none_is_not_there(watched: House) -> None:
    see(watched, "市级", status=403)
    see(watched, "平台管", status=404, process="no_such_process")
    assert watched.visit("市级").get(f"/monitor/lists/process-{watched.world.process}").status_code == 403


def test_the_address_of_the_list_alone_leads_to_the_page(watched: House) -> None:
    answer = watched.visit("平台管").get(f"/monitor/lists/process-{watched.world.process}?state=ended")
    assert answer.status_code == 302
    assert answer.location.endswith(PAGE.format(watched.world.process) + "?state=ended")


def test_what_the_page_shows_can_be_done_to_all_at_once(watched: House) -> None:
    """The step asked for goes along: what else is open of these cases is left alone."""
    browser, key = watched.visit("市平台管"), f"process-{watched.world.process}"
    browser.get(PAGE.format(watched.world.process) + "?element=city_review")
    shown = re.search(r"共 (\d+) 条", browser.page)
    assert shown
    answer = browser.post(f"/monitor/bulk/of/{key}", {"asked": "element=city_review", "post": ""})
    assert answer.status_code == 303
    browser.get(answer.location)
    assert f"<b>{shown[1]}</b>" in browser.page or f">{shown[1]}<" in browser.page
    back = re.search(r'href="(/monitor/processes/[^"]*)"', browser.page)
    assert back
    assert "element=city_review" in back[1]
    assert browser.post("/monitor/bulk/of/process-none", {"asked": "", "post": ""}).status_code == 404


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_is_taken_out_is_what_is_seen(watched: House, form: str) -> None:
    """C-28: the same columns, rows and order, also with what the page asks besides the filter bar."""
    browser = watched.visit("市平台管")
    address = f"/monitor/lists/process-{watched.world.process}"
    browser.get(PAGE.format(watched.world.process) + "?element=city_review&period=7&begun=1")
    table = re.search(
        r"<thead>(.*?)</thead>(.*?)</table>",
        browser.page[browser.page.index('class="table list"') :],
        re.DOTALL,
    )
    assert table
    heads = [
        re.sub(r"<[^>]*>", "", one).strip() for one in re.findall(r"<th[^>]*>(.*?)</th>", table[1], re.DOTALL)
    ]
    numbers = re.findall(r'data-label="编号">([^<]*)<', table[2])
    asked = re.search(r'name="asked" value="([^"]*)"', browser.page)
    assert asked
    answer = browser.post(
        f"{address}/export", {"asked": asked[1].replace("&amp;", "&"), "post": "", "form": form}
    )
    assert answer.status_code == 303
    watched.world.work()
    with watched.world.session() as session:
        file = session.scalars(select(File).order_by(File.id.desc()).limit(1)).one()
        assert file.name.endswith(f".{form}")
        content = browser.get(f"/files/{file.id}").data
    if form == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    else:
        book = load_workbook(io.BytesIO(content))
        rows = [[str(one) for one in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    assert rows[0] == [one for one in heads if one not in ("选择", "操作")]
    place = rows[0].index("编号")
    assert [row[place] for row in rows[1:]] == numbers
    assert len(numbers) == 2


def test_a_page_takes_as_many_statements_whatever_there_is(watched: House) -> None:
    browser, lines = watched.visit("市平台管"), list[str]()
    address = PAGE.format(watched.world.process) + "?element=city_review&region=130400&version=1"
    with watched.app.app_context():
        engine = db.engine
    note = lambda *given: lines.append(given[2])  # noqa: E731
    event.listen(engine, "before_cursor_execute", note)
    browser.get(address)
    lines.clear()
    browser.get(address)
    before = len(lines)
    for _ in range(4):
        watched.world.to_review(watched.settle())
    with watched.world.session() as session, transaction(session):
        cases.lie_in(session, cases.COUNTY)
    lines.clear()
    browser.get(address)
    event.remove(engine, "before_cursor_execute", note)
    assert len(lines) == before < 30
    history = [line for line in lines if "FROM runtime_history" in line]
    assert len(history) == 1
    assert "WHERE runtime_instance.id IN" in history[0]


def test_a_shade_is_a_quarter_of_the_highest() -> None:
    assert [level(value, 8) for value in (None, 0, 1, 2, 2.1, 4, 6, 7, 8)] == [0, 0, 1, 1, 2, 2, 3, 4, 4]
    assert len(SHADES) == 5


@pytest.mark.parametrize("show", SHOWS)
def test_a_drawing_with_hostile_names_stays_a_drawing(watched: House, show: str) -> None:
    bad = '</text><script>alert(1)</script>"\' onload="x" &amp; ]]>'
    box = diagram.Box(0, 0, 100, 80)
    tags = {bad: "userTask", "lane": "lane", "event": "startEvent"}
    plan = diagram.Plan(tags=tags, names=dict.fromkeys(tags, bad), boxes=dict.fromkeys(tags, box))
    figures = {bad: Measured(bad, 20_000, 3, 1, 9, 0.5, 2.0, 3, 1)}
    with watched.app.test_request_context():
        drawn = process_drawing.drawn(
            plan, figures, SHOWS[show], bad, lambda one: bad, {bad}, {bad}, lambda one: bad
        )
    tree = etree.fromstring(str(drawn).encode())
    assert {etree.QName(one).localname for one in tree.iter()} <= {
        *("svg", "title", "defs", "marker", "path", "g", "a", "rect", "circle", "polygon", "text"),
    }
    assert not [name for one in tree.iter() for name in one.attrib if name.startswith("on")]
