"""A process of 100,000 instances on PostgreSQL: its figures and each filter of its list, within what was promised.

`TEST_RECORDS` says how many instances there are; with
`TEST_RECORDS_PLANS` the slowest plans are printed.
"""

from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.platform.identity import roles
from app.platform.monitoring import folding, process_figures, process_waits
from app.rooms.monitor import process_lists
from tests.empty_world import EmptyWorld
from tests.platform.jobs.databases import KINDS
from tests.platform.lists import timing
from tests.platform.records.purchases import PROCESS
from tests.platform.records.test_many import crowded

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif("postgresql" not in KINDS, reason="what is promised for so many holds on PostgreSQL"),
    pytest.mark.parametrize("crowded", ["postgresql"], indirect=True, scope="module"),
]
__all__ = ["crowded"]
QUESTIONS: dict[str, dict[str, str]] = {
    "first": {},
    "all": {"state": ""},
    "far": {"state": "", "page": "20"},
    "step": {"element": "review"},
    "steps": {"element": "review.board"},
    "overdue": {"trouble": "overdue"},
    "overdue at step": {"element": "board", "trouble": "overdue"},
    "incident": {"trouble": "incident"},
    "version": {"version": "1", "state": ""},
    "region": {"region": "990500"},
    "region and step": {"region": "990503", "element": "review"},
    "ended": {"state": "ended"},
    "suspended": {"state": "suspended"},
    "month": {"state": "", "started_from": "2026-03-01", "started_to": "2026-03-31"},
    "title": {"state": "", "q": "0042"},
    "sorted": {"state": "", "sort": "started_at"},
}


@pytest.fixture(scope="module")
def counted(crowded: EmptyWorld) -> EmptyWorld:
    """A third of what is open is overdue; the figures are counted."""
    world = crowded
    with world.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE runtime_task SET due_at = opened_at + interval '5 days' "
                "WHERE state = 'open' AND substr(id, 26, 1) < 'a'"
            )
        )
        connection.execute(
            text(
                "INSERT INTO runtime_incident (id, instance_id, element, kind, detail, opened_at) "
                "SELECT substr(id, 1, 26), id, 'review', 'nobody', ''::bytea, started_at FROM runtime_instance "
                "WHERE state = 'running' AND substr(id, 25, 2) < '03'"
            )
        )
    with world.session() as session:
        folding.fold(session, world.now)
    for name, place in (("全国管", ""), ("市管", "990500"), ("区管", "990503")):
        world.enter(name, roles.ADMINISTRATOR.key, place)
    with world.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return world


def test_each_filter_takes_a_tenth_of_a_second(counted: EmptyWorld) -> None:
    found, listing = {}, process_lists.get(PROCESS)
    assert listing is not None
    for name in ("全国管", "市管", "区管"):
        for title, question in QUESTIONS.items():
            took = timing.measured(counted, listing, name, question)
            found[name, title] = timing.late(f"{name} {title}", took)
    if os.environ.get("TEST_RECORDS_PLANS"):
        for name, title in sorted(found, key=lambda one: -found[one])[:6]:
            print(f"--- {name} {title} {found[name, title]:.0f} ms")
            timing.explain(counted, listing, name, QUESTIONS[title], ("runtime_instance",))
    slow = {one: took for one, took in found.items() if took > 100}
    assert not slow


def test_what_waits_takes_a_fifth_of_a_second(counted: EmptyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A third of what goes on rests at a timer, more than any holiday would make of it."""
    at: process_waits.At = {"timer": ["rest"]}
    for module in (process_waits, process_lists):
        monkeypatch.setattr(module, "_halting", lambda *_asked: at)
    with counted.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO runtime_timer (id, instance_id, version_id, process, element, kind, armed_at, text, "
                "due_at, is_provisional, tries) SELECT id, id, version_id, process, 'rest', 'event', started_at, "
                "'P5D', started_at, false, 0 FROM runtime_instance WHERE state = 'running' AND substr(id, 26, 1) < 'a'"
            )
        )
    with counted.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE runtime_timer"))
    listing = process_lists.get(PROCESS)
    assert listing is not None
    for name in ("全国管", "市管", "区管"):
        reach, took = roles.reach_of(counted.acting(name), roles.MANAGE), []
        with counted.session() as session:
            for _ in range(timing.TIMES):
                began = time.perf_counter()
                found = process_waits.of(session, PROCESS, reach)
                took.append((time.perf_counter() - began) * 1000)
        assert found["rest"]
        assert timing.late(f"{name} {found['rest']} waiting", took) < 200
        listed = timing.measured(counted, listing, name, {"element": "rest"})
        if os.environ.get("TEST_RECORDS_PLANS"):
            timing.explain(counted, listing, name, {"element": "rest"}, ("runtime_timer",))
        assert timing.late(f"{name} list of what waits", listed) < 200


def test_the_figures_of_a_year_take_a_fifth_of_a_second(counted: EmptyWorld) -> None:
    today = counted.now.date()
    for name in ("全国管", "市管", "区管"):
        reach, took = roles.reach_of(counted.acting(name), roles.MANAGE), []
        with counted.session() as session:
            for _ in range(timing.TIMES):
                began = time.perf_counter()
                whole, elements = process_figures.of(
                    session, PROCESS, reach, counted.now, (today - timedelta(days=365), today)
                )
                took.append((time.perf_counter() - began) * 1000)
        slow = timing.late(f"{name} figures of {whole.running} running", took)
        assert whole.running
        assert elements["review"].open
        assert slow < 200
