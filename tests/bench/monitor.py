"""The monitor over many instances: overview, lists with their filters, what stands still, one instance, the figures.

Server time over the WSGI client, for the whole country, a city and a county. Needs CHENGPI_BENCH_DATABASE_URL, a
database of its own that is filled when it is empty; CHENGPI_BENCH_TASKS says with how many open tasks (a million unless
it says otherwise). `docs/monitor-queries.md` says what it found.
"""

from __future__ import annotations

import atexit
import logging
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import cache, partial
from itertools import count as numbers

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.identity import accounts, roles
from app.platform.identity.entities import Person
from app.platform.monitoring import figures, folding
from app.platform.monitoring.entities import Delta, Mark
from tests.bench import crowded, standing
from tests.bench.harness import Row, plain
from tests.pages import House
from tests.rooms.conftest import PASSWORD, Browser

TASKS = int(os.environ.get("CHENGPI_BENCH_TASKS", "1000000"))
RUNS, WARM = 40, 3
KEEPERS = {
    "national": ("平台管", "keeper", ""),
    "city": ("市平台管", "keeper2", "130400"),
    "county": ("县平台管", "keeper3", "130402"),
}
REACH = {"national": "", "city": "130000/130400/", "county": "130000/130400/130402/"}
LISTS = "/monitor/lists"
PROCESS = "/monitor/processes/tests_bench"
PAGES = {
    "overview": ("/monitor/", 300.0),
    "tiles": ("/monitor/tiles", 100.0),
    "running": (f"{LISTS}/instances", 100.0),
    "all": (f"{LISTS}/instances?state=", 100.0),
    "process": (f"{LISTS}/instances?process=tests_bench", 100.0),
    "rare": (f"{LISTS}/instances?process=tests_rare&state=", 100.0),
    "ended": (f"{LISTS}/instances?state=ended", 100.0),
    "ended_lately": (f"{LISTS}/instances?state=ended&ended_from=2026-03-01", 100.0),
    "started": (f"{LISTS}/instances?started_from=2026-01-01&started_to=2026-01-31", 100.0),
    "region": (f"{LISTS}/instances?region=130402", 100.0),
    "text": (f"{LISTS}/instances?q=安全演练", 100.0),
    "number": (f"{LISTS}/instances?q=集市bo00000123", 100.0),
    "by_number": (f"{LISTS}/instances?sort=number", 100.0),
    "by_number_down": (f"{LISTS}/instances?sort=-number", 100.0),
    "by_start": (f"{LISTS}/instances?sort=started_at", 100.0),
    "page_40": (f"{LISTS}/instances?page=40", 100.0),
    "overdue": (f"{LISTS}/overdue", 100.0),
    "overdue_process": (f"{LISTS}/overdue?process=tests_rare", 100.0),
    "overdue_region": (f"{LISTS}/overdue?region=130402", 100.0),
    "overdue_text": (f"{LISTS}/overdue?q=安全演练", 100.0),
    "overdue_down": (f"{LISTS}/overdue?sort=-due", 100.0),
    "incidents": (f"{LISTS}/incidents", 100.0),
    "incidents_text": (f"{LISTS}/incidents?q=安全演练", 100.0),
    "process_page": (PROCESS, 200.0),
    "process_year": (f"{PROCESS}?period=year&show=p90", 200.0),
    "process_step": (f"{PROCESS}?element=review", 200.0),
    "process_overdue": (f"{PROCESS}?trouble=overdue", 200.0),
    "stalls": ("/monitor/stalls", 500.0),
    "stalls_nobody": ("/monitor/stalls?kind=nobody", 500.0),
}
TABS = {"instance": "", "instance_history": "?tab=history", "instance_then": "?at=250"}
LONG = 150.0
TALLY = 200.0
HOUSES = ExitStack()
atexit.register(HOUSES.close)


@cache
def _house() -> House:
    house = HOUSES.enter_context(crowded.house(TASKS))
    world = house.world
    logging.disable(logging.CRITICAL)
    for name, username, place in KEEPERS.values():
        with world.session() as session:
            person = session.scalar(select(Person.id).where(Person.name == name))
        if person is None:
            world.enter(name, roles.ADMINISTRATOR.key, place)
            person = world.people[name]
            with world.session() as session:
                accounts.create(session, username, name, None, world.now, PASSWORD, person=person, demo=True)
        world.people[name], house.usernames[name] = person, username
    with world.session() as session:
        is_built = session.get(Mark, folding.BUILT) is not None
    if not is_built:
        count, seconds = _rebuilt()
        print(f"{count} figures in {seconds:.0f} s", file=sys.stderr, flush=True)
    return house


@cache
def _long() -> str:
    """The instance with a long history; what stands still is written with it."""
    house = _house()
    instance = standing.fill(house.world, KEEPERS["national"][0])
    with house.world.session() as session:
        folding.fold(session, house.world.now)
    return instance


@cache
def _rebuilt() -> tuple[int, float]:
    """How many figures there are, and how long it took to count them all anew."""
    world = HOUSES.enter_context(crowded.house(TASKS)).world
    begun = time.perf_counter()
    with world.session() as session:
        count = folding.rebuild(session, world.now)
    return count, time.perf_counter() - begun


@cache
def _browser(who: str) -> Browser:
    _long()
    return _house().visit(KEEPERS[who][0])


def _p95(name: str, run: Callable[[], object], limit: float) -> Row:
    """Milliseconds, the 95th of a hundred; the median is told on the error channel, with the machine's load."""
    times = []
    for _ in range(WARM + RUNS):
        begun = time.perf_counter()
        run()
        times.append((time.perf_counter() - begun) * 1e3)
    found = times[WARM:]
    high = statistics.quantiles(found, n=20)[-1]
    load = os.getloadavg()[0]
    told = f"  {name}: p50 {statistics.median(found):.0f} ms, p95 {high:.0f} ms, load {load:.1f}"
    print(told, file=sys.stderr, flush=True)
    return plain(name, high, "ms", limit)


def page(who: str, name: str) -> Row:
    """A page."""
    return _of_page(f"monitor.{name}.{who}", who, *PAGES[name])


def instance(name: str) -> Row:
    """The page of an instance with 500 rows of history."""
    return _of_page(f"monitor.{name}", "national", f"/monitor/instances/{_long()}{TABS[name]}", LONG)


def _of_page(name: str, who: str, address: str, limit: float) -> Row:
    browser = _browser(who)

    def ask() -> None:
        answer = browser.get(address)
        assert answer.status_code == 200, (address, answer.status_code)

    return _p95(name, ask, limit)


def tallied(who: str) -> Row:
    """What a page of one process counts: by step, by state, and thirty days of times."""
    session, reach = _session(), (REACH[who],)
    since = (_house().world.now - timedelta(days=30)).date().isoformat()

    def ask() -> None:
        figures.tally(
            session, ("task", "due", "incident"), reach, ("figure", "element"), process="tests_bench"
        )
        figures.tally(session, ("case",), reach, ("version_id", "detail"), process="tests_bench")
        by = ("figure", "element", "detail")
        figures.tally(session, ("stay", "late", "returned"), reach, by, since=since, process="tests_bench")
        moved = ("figure", "day")
        figures.tally(session, ("started", "ended"), reach, moved, since=since, process="tests_bench")

    return _p95(f"monitor.tally.{who}", ask, TALLY)


@cache
def _session() -> Session:
    return HOUSES.enter_context(_house().world.session())


def folded() -> Row:
    """Ten thousand changes folded in, a thousand places at a time."""
    session, world, number = _session(), _house().world, numbers()

    def run() -> None:
        with transaction(session):
            session.execute(insert(Delta), list(_changes(next(number))))
        assert folding.fold(session, world.now) >= 10_000

    begun = time.perf_counter()
    for _ in range(3):
        run()
    seconds = (time.perf_counter() - begun) / 3
    return plain("monitor.fold.10000", seconds, "s", 10.0)


def _changes(round_: int) -> Iterator[dict[str, object]]:
    """Ten thousand that cancel each other out, up in one round and down in the next."""
    for number in range(10_000):
        place = f"130000/{130400 + number % 10}/{number % 1000:06}/"
        yield {
            "figure": "task",
            "place": place,
            "process": "tests_bench",
            "element": "review",
            "n": 1 if (number // 1000 + round_) % 2 else -1,
        }


def rebuilt() -> Row:
    """All figures counted anew; the memory of this process besides."""
    _house()
    _rebuilt.cache_clear()
    count, seconds = _rebuilt()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {count} figures, {memory:.0f} MB at most", file=sys.stderr, flush=True)
    return plain("monitor.rebuild", seconds, "s", 900.0)


ROWS: dict[str, Callable[[], Row]] = {}
if crowded.KEPT:
    for who in KEEPERS:
        for name in PAGES:
            ROWS[f"monitor.{name}.{who}"] = partial(page, who, name)
        ROWS[f"monitor.tally.{who}"] = partial(tallied, who)
    for name in TABS:
        ROWS[f"monitor.{name}"] = partial(instance, name)
    ROWS |= {"monitor.fold.10000": folded}
    if os.environ.get("CHENGPI_BENCH_REBUILD"):  # six minutes of a million
        ROWS["monitor.rebuild"] = rebuilt
