"""The inbox of a county, a city and the whole country, with a thousand open tasks and with a million.

Server time over the WSGI client: list with all counts (as it comes, by due date, and with a text that nothing holds),
opening a task, deciding and showing the next. Needs a server
(TEST_DATABASE_URL); the rows of the million need CHENGPI_BENCH_DATABASE_URL, a database of its own that is filled when
it is empty (three to seven minutes, ten gigabytes) and kept. The floor of a figure is the same page with a thousand
tasks.
"""

from __future__ import annotations

import atexit
import logging
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache, partial

from sqlalchemy import select

from app.platform.runtime.entities import Instance, Task
from tests.bench import crowded, loading
from tests.bench.harness import Row, plain
from tests.pages import House
from tests.rooms.conftest import Browser
from tests.rooms.inbox.conftest import fields_of

PERSONAS = {"county": loading.COUNTY_CLERK, "city": "市里", "national": loading.NATIONAL_CLERK}
SIZES = {"1k": 1_000, "1m": 1_000_000}
LIST, OPEN, NEXT, TEXT = 50.0, 60.0, 120.0, 200.0  # milliseconds, p95
RATIO = 1.5
RUNS, WARM = 100, 10
ADDRESSES = {"list": "/inbox/", "due": "/inbox/?sort=due", "text": "/inbox/?q=安全演练"}
THERE = [size for size in SIZES if os.environ.get("TEST_DATABASE_URL") and (size == "1k" or crowded.KEPT)]
HOUSES = ExitStack()
atexit.register(HOUSES.close)


@cache
def _house(size: str) -> House:
    return HOUSES.enter_context(crowded.house(SIZES[size]))


def _first(browser: Browser) -> str:
    """The address of the first task of the list."""
    browser.get("/inbox/")
    found = re.search(r'href="(/inbox/tasks/[^"]+)"', browser.page)
    assert found
    return found[1].replace("&amp;", "&")


def _visits(browser: Browser, address: str) -> Iterator[float]:
    while True:
        begun = time.perf_counter()
        answer = browser.get(address)
        yield time.perf_counter() - begun
        assert answer.status_code == 200


def _decisions(house: House, browser: Browser) -> Iterator[float]:
    """Send a task back from its open page, and be shown the next; outside the clock it is handed in again."""
    address = _first(browser)
    browser.get(address)
    while True:
        given = {**fields_of(browser.page), "outcome": "return", "comment": "请补充安全方案"}
        task = address.split("?")[0].rsplit("/", 1)[1]
        begun = time.perf_counter()
        answer = browser.post(address, given)
        address = answer.headers["Location"]
        shown = browser.get(address)
        yield time.perf_counter() - begun
        assert (answer.status_code, shown.status_code) == (302, 200)
        assert address.startswith("/inbox/tasks/")
        _hand_in_again(house, task)


def _hand_in_again(house: House, task: str) -> None:
    """The starter sends what was returned, so that as many wait after a run as before."""
    asked = select(Task.instance_id, Instance.starter_id).join(Instance, Instance.id == Task.instance_id)
    with house.world.session() as session:
        row = session.execute(asked.where(Task.id == task)).one()
    house.world.people[row.starter_id] = row.starter_id
    house.world.decide(row.instance_id, "prepare", "send", row.starter_id)


def _runs(what: str, size: str, persona: str) -> Iterator[float]:
    house = _house(size)
    browser = house.visit(PERSONAS[persona])
    if what == "next":
        return _decisions(house, browser)
    return _visits(browser, _first(browser) if what == "open" else ADDRESSES[what])


@cache
def measured(what: str, persona: str) -> dict[str, tuple[float, float]]:
    """Median and p95 in milliseconds for each size, run by turns, so that what slows the machine slows both."""
    logging.disable(logging.CRITICAL)
    runs = {size: _runs(what, size, persona) for size in THERE}
    times: dict[str, list[float]] = {size: [] for size in runs}
    for number in range(WARM + RUNS):
        for size, run in runs.items():
            taken = next(run) * 1e3
            if number >= WARM:
                times[size].append(taken)
    logging.disable(logging.NOTSET)
    return {size: (sorted(each)[RUNS // 2], sorted(each)[int(RUNS * 0.95)]) for size, each in times.items()}


def _p95(name: str, what: str, size: str, persona: str, limit: float) -> Row:
    return plain(name, measured(what, persona)[size][1], "ms", limit)


def _ratio(name: str, what: str, persona: str) -> Row:
    """What a million cost beside a thousand: the medians."""
    few, many = measured(what, persona)["1k"][0], measured(what, persona)["1m"][0]
    ratio = many / few
    return Row(
        name=name,
        value=many,
        unit="ms",
        floor=few,
        ratio=ratio,
        limit=RATIO,
        spread=None,
        holds=ratio <= RATIO,
    )


ROWS: dict[str, Callable[[], Row]] = {}
for what, limit in (("list", LIST), ("due", LIST), ("text", TEXT), ("open", OPEN), ("next", NEXT)):
    for persona in PERSONAS:
        for size in THERE:
            name = f"inbox.{what}.{persona}.{size}"
            ROWS[name] = partial(_p95, name, what, size, persona, limit)
        if "1m" in THERE and what != "text":  # of a text up to 10,000 rows are looked at
            name = f"inbox.{what}.{persona}.ratio"
            ROWS[name] = partial(_ratio, name, what, persona)
