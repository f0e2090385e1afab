"""Who decides reads his own writes: the list read at once lacks the task, for him and for his colleague (C20)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.platform import documents
from app.platform.runtime import instances
from tests import pages
from tests.pages import House
from tests.platform.jobs.databases import KINDS
from tests.platform.runtime.chains import HANSHAN, furnish
from tests.rooms.conftest import Browser
from tests.rooms.inbox.conftest import fields_of

ROUNDS_OF_ONE = 20
"""How often one case goes round before another begins: its history grows with each."""


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path, shared_press: documents.Press) -> Iterator[House]:
    with pages.house_of(tmp_path, shared_press, request.param) as found:
        furnish(found.world)
        yield found


def listed(browser: Browser) -> tuple[set[str], list[str]]:
    """The tasks the page lists, and what its counts say."""
    assert browser.get("/inbox/").status_code == 200
    tasks = set(re.findall(r'href="/inbox/tasks/(\w+)\?', browser.page))
    return tasks, re.findall(r'<span data-count="todo">(\d+\+?)</span>', browser.page)


def begun(house: House) -> str:
    with house.world.session() as session:
        by = house.world.acting("组织者甲")
        return instances.start(
            session, "tests_desk", by=by, post=None, now=house.world.now, data=HANSHAN
        ).instance


def walk(house: House, decisions: int) -> None:
    """Send, see it listed, decide, see it gone: for the decider and for the other clerk of the city by turns."""
    clerks = [house.visit("市级"), house.visit("市级二")]
    instance = ""
    for number in range(decisions):
        if number % ROUNDS_OF_ONE == 0:
            instance = begun(house)
        house.world.decide(instance, "prepare", "send")
        task = house.world.open_task(instance, "review")
        decider, other = clerks if number % 2 else reversed(clerks)
        for browser in (decider, other):
            tasks, counts = listed(browser)
            assert (tasks, counts[0]) == ({task}, "1"), f"not there after {number} decisions"
        decider.get(f"/inbox/tasks/{task}")
        last = number % ROUNDS_OF_ONE == ROUNDS_OF_ONE - 1
        given = {"outcome": "approve"} if last else {"outcome": "return", "comment": "补"}
        answer = decider.post(f"/inbox/tasks/{task}", {**fields_of(decider.page), **given})
        assert answer.status_code == 302
        for browser in (decider, other):
            tasks, counts = listed(browser)
            assert (tasks, counts[0]) == (set(), "0"), f"stale after {number} decisions"


def test_a_decided_task_is_gone_from_the_list_read_next(house: House) -> None:
    walk(house, 100)


@pytest.mark.long
def test_ten_thousand_times(house: House) -> None:
    walk(house, 10_000)
