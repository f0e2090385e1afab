"""A list of 100,000 rows: one page of it, and the whole taken out as a workbook by a process of its own."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy.orm import sessionmaker

from app.platform import documents, jobs, lists
from app.platform.data import sealing
from app.platform.lists import catalogue
from app.platform.registry import house
from tests.bench.harness import Row, plain
from tests.platform.jobs.databases import KINDS, fresh, opened
from tests.platform.lists.guests import GUESTS, HERE, NOW, ROLE, Ground, welcoming

ROWS_IN_ALL = 100_000
PAGES: dict[str, dict[str, str]] = {
    "first": {},
    "last": {"page": "1000"},
    "filtered": {"state": "passed", "q": "0007"},
}


def export(kind: str) -> list[Row]:
    """Seconds and peak memory of the process that writes the workbook (C-28)."""
    with (
        tempfile.TemporaryDirectory() as name,
        fresh(kind, Path(name)) as address,
        welcoming(address, Path(name), None) as ground,
    ):
        _fill(ground)
        errand = ground.begin()
        command = [sys.executable, "-m", "tests.bench.lists", address, name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        told = json.loads(done.stdout.splitlines()[-1])
        assert ground.work(errand).result["rows"] == ROWS_IN_ALL
    return [
        plain(f"lists.export.100k.{kind}", told["seconds"], "s", 60),
        plain(f"lists.export.100k.memory.{kind}", told["megabytes"], "MB", 150),
    ]


def page(kind: str, asked: dict[str, str]) -> float:
    """Milliseconds for one page of a hundred thousand rows, the middle one of twenty."""
    with (
        tempfile.TemporaryDirectory() as name,
        fresh(kind, Path(name)) as address,
        welcoming(address, Path(name), None) as ground,
        ground.sessions() as session,
    ):
        _fill(ground)
        by, times = ground.by, []
        for _ in range(20):
            begun = time.perf_counter()
            lists.fetch(GUESTS, session, by, lists.read(GUESTS, session, by, asked), NOW)
            times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1e3


def _fill(ground: Ground) -> None:
    for begin in range(1, ROWS_IN_ALL, 10_000):
        ground.enter(10_000, HERE, begin=begin)
    with ground.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def work(address: str, folder: Path) -> None:
    """Be the process that takes the list out; tell the seconds, and the most memory it ever had."""
    sealing.use(sealing.Keys(data={1: b"k" * 32}, digest=b"d" * 32))
    house.roles[ROLE.key] = ROLE
    lists.plug()
    catalogue.enter("test", [GUESTS])
    documents.use(documents.Settings(documents.DiskStorage(folder / "files"), None, folder, folder))  # type: ignore[arg-type]
    sessions = sessionmaker(opened(address))
    begun = time.perf_counter()
    assert jobs.run_one(sessions, lambda: NOW, "bench")
    seconds = time.perf_counter() - begun
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert peak
    print(json.dumps({"seconds": seconds, "megabytes": int(peak[1]) / 1024}))


def _export(kind: str, which: int) -> Row:
    return export(kind)[which]


ROWS: dict[str, Callable[[], Row]] = {}
for kind in KINDS:
    ROWS[f"lists.export.100k.{kind}"] = partial(_export, kind, 0)
    ROWS[f"lists.export.100k.memory.{kind}"] = partial(_export, kind, 1)
    for place, asked in PAGES.items():
        name = f"lists.page.100k.{place}.{kind}"
        ROWS[name] = lambda kind=kind, asked=asked, name=name: plain(name, page(kind, asked), "ms", 200)  # type: ignore[misc]


if __name__ == "__main__":
    work(sys.argv[1], Path(sys.argv[2]))
