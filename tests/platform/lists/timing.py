"""How long a page of a list takes, again and again, and what the database does for it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import event

from app.platform import lists
from app.platform.lists import List
from tests.empty_world import EmptyWorld

TIMES = 40


def measured(world: EmptyWorld, listing: List, name: str, question: Mapping[str, str]) -> list[float]:
    """Milliseconds of a page, its count and its values, again and again."""
    by, took = world.acting(name), []
    with world.session() as session:
        for _ in range(TIMES):
            began = time.perf_counter()
            asked = lists.read(listing, session, by, question)
            lists.fetch(listing, session, by, asked, world.now)
            took.append((time.perf_counter() - began) * 1000)
    return took


def late(what: str, times: Iterable[float]) -> float:
    """Print what was measured, and return the 95th of a hundred."""
    took = sorted(times)
    found = took[int(len(took) * 0.95)]
    print(f"{what}: fastest {took[0]:.1f} ms, median {statistics.median(took):.1f} ms, p95 {found:.1f} ms")
    return found


def explain(
    world: EmptyWorld, listing: List, name: str, question: Mapping[str, str], about: Iterable[str]
) -> None:
    """Print the plans of the statements of a page that speak of one of these tables."""
    said: list[tuple[str, Any]] = []
    by = world.acting(name)

    def note(*call: Any) -> None:
        said.append((call[2], call[3]))

    event.listen(world.engine, "before_cursor_execute", note)
    with world.session() as session:
        lists.fetch(listing, session, by, lists.read(listing, session, by, question), world.now)
    event.remove(world.engine, "before_cursor_execute", note)
    how = "EXPLAIN (ANALYZE, BUFFERS)" if world.engine.name == "postgresql" else "EXPLAIN QUERY PLAN"
    with world.engine.connect() as connection:
        for statement, parameters in said:
            if any(table in statement for table in about):
                rows = connection.exec_driver_sql(f"{how} {statement}", parameters)
                print("\n".join(str(row[-1]) for row in rows), "\n")
