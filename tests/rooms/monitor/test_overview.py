"""The monitor's first page: what it counts, for whom, and with how many statements."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event, select, update

from app.extensions import db
from app.platform.data import transaction
from app.platform.identity import roles
from app.platform.monitoring import folding
from app.platform.runtime import control
from app.platform.runtime.entities import Instance, Task
from tests.pages import House
from tests.rooms.monitor import cases

KEEPERS = {"平台管": "", "市平台管": "130400", "邻市平台管": "130500"}


@pytest.fixture(scope="module")
def watched(whole_house: House) -> House:
    """Three cases in a county: one overdue, one with an incident, one ended today; keepers here and next door."""
    house, world = whole_house, whole_house.world
    for number, (name, place) in enumerate(KEEPERS.items()):
        world.enter(name, roles.ADMINISTRATOR.key, place)
        house.account(name, f"keeper{number}")
    late, broken, ended = (world.to_review(house.settle()) for _ in range(3))
    world.decide(ended, "city_review", "approve", "市级")
    with world.session() as session, transaction(session):
        cases.lie_in(session, cases.COUNTY)
        cases.be_late(session, late, world.now)
        cases.fail(session, broken, "engine", world.now)
    return house


def counts(page: str) -> dict[str, str]:
    """The tiles by their words."""
    found = re.findall(r'watch-count">([^<]*)</span><span class="watch-title">([^<]*)<', page)
    return {words: count for count, words in found}


def see(house: House, who: str, address: str = "/monitor/", status: int = 200) -> str:
    browser = house.visit(who)
    answer = browser.get(address)
    assert answer.status_code == status
    return str(answer.text)


@pytest.mark.parametrize("is_folded", [False, True])
def test_the_numbers_are_those_of_the_readers_reach(watched: House, is_folded: bool) -> None:
    if is_folded:
        with watched.world.session() as session:
            folding.fold(session, watched.world.now)
    for who in ("平台管", "市平台管"):
        found = counts(see(watched, who))
        assert found["运行中"] == "2"
        assert found["超期"] == "1"
        assert found["异常"] == "1"
    assert set(counts(see(watched, "邻市平台管")).values()) == {"0"}


def test_a_region_is_opened_and_what_lies_outside_is_not_there(watched: House) -> None:
    page = see(watched, "平台管")
    assert "place=130000/" in page
    assert counts(see(watched, "平台管", f"/monitor/?place={cases.CITY}"))["运行中"] == "2"
    assert counts(see(watched, "平台管", f"/monitor/?place={cases.NEXT}"))["运行中"] == "0"
    see(watched, "市平台管", f"/monitor/?place={cases.NEXT}", 404)
    see(watched, "市平台管", "/monitor/?place=", 404)
    see(watched, "市平台管", f"/monitor/tiles?place={cases.NEXT}", 404)


def test_the_tiles_lead_to_lists_that_hold_as_many(watched: House) -> None:
    page = see(watched, "市平台管")
    links = re.findall(r'watch-tile[^>]*><a href="([^"]+)"><span class="watch-count">(\d+)<', page)
    assert len(links) == 5
    for url, count in links:
        listed = see(watched, "市平台管", url.replace("&amp;", "&"))
        shown = re.findall(r'<tr[^>]*>\s*<td class="tick|<li class="stall ', listed)
        assert len(shown) == int(count), url
    for key in ("instances", "overdue", "incidents"):
        listed = see(watched, "邻市平台管", f"/monitor/lists/{key}?state=")
        assert 'class="tick' not in listed


def test_what_failed_stands_under_needs_with_a_button(watched: House) -> None:
    page = see(watched, "市平台管")
    assert "流程在“" in page
    assert 'class="watch-needs"' in page
    assert 'class="watch-needs"' not in see(watched, "邻市平台管")


def test_nobody_else_comes_in(watched: House) -> None:
    see(watched, "市级", "/monitor/", 403)
    see(watched, "市级", "/monitor/tiles", 403)
    see(watched, "市级", "/monitor/lists/instances", 403)


@pytest.mark.parametrize("address", ["/monitor/", "/monitor/lists/instances", "/monitor/lists/overdue"])
def test_a_page_takes_as_many_statements_whatever_there_is(watched: House, address: str) -> None:
    browser, lines = watched.visit("市平台管"), list[str]()
    with watched.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *given: lines.append(given[2]))
    browser.get(address)
    lines.clear()
    browser.get(address)
    before = len(lines)
    for _ in range(4):
        watched.world.to_review(watched.settle())
    with watched.world.session() as session, transaction(session):
        cases.lie_in(session, cases.COUNTY)
        session.execute(update(Task).where(Task.state == "open").values(due_at=watched.world.now))
        assert session.scalar(select(Instance.id).limit(1))
    lines.clear()
    browser.get(address)
    assert len(lines) == before


def test_what_was_called_off_runs_no_more_and_stands_in_the_list(watched: House) -> None:
    world = watched.world
    before = counts(see(watched, "平台管"))["运行中"]
    instance = world.to_review(watched.settle())
    with world.session() as session:
        control.cancel(session, instance, "重复申请", world.acting("平台管"), world.now)
    assert counts(see(watched, "平台管"))["运行中"] == before
    assert "已终止" in see(watched, "平台管", "/monitor/lists/instances?state=")
    assert "已终止" in see(watched, "平台管", f"/monitor/processes/{world.process}?state=")
    assert counts(see(watched, "平台管", f"/monitor/processes/{world.process}"))["运行中"] == before
