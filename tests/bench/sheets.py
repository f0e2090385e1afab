"""A workbook of 100,000 rows, 37 of them bad: entered by a process of its own, returned, corrected, entered again."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.orm import sessionmaker

from app.platform import documents, jobs, sheets
from app.platform.data import sealing
from app.platform.registry import house
from app.platform.sheets import catalogue
from tests.bench.harness import Row, plain
from tests.empty_world import KEYS
from tests.platform.jobs.databases import KINDS, fresh, opened
from tests.platform.sheets.members import HEADS, MEMBERS, NOW, ROLE, Club, cells, founded, line

ROWS_IN_ALL = 100_000
BAD = {number * 2_700 + 11 for number in range(37)}


def enter(kind: str) -> list[Row]:
    """Seconds and peak memory of the process that imports, and of the child that reads the workbook for it."""
    with (
        tempfile.TemporaryDirectory() as name,
        fresh(kind, Path(name)) as address,
        founded(address, Path(name), None) as club,
    ):
        rows = [line(n, **({"phone": "12"} if n in BAD else {})) for n in range(1, ROWS_IN_ALL + 1)]
        record, told = _entered(club, rows, HEADS, address, Path(name))
        assert (record.good, record.bad) == (ROWS_IN_ALL - 37, 37)
        head, *returned = cells(club.returned(record))
        assert {row[1] for row in returned} == {rows[n - 1][1] for n in BAD}
        corrected = [[*row[:2], "13800000000", *row[3:]] for row in returned]
        again, _ = _entered(club, [*corrected, *rows[:10]], [str(h) for h in head], address, Path(name))
        assert (again.bad, again.created) == (0, 37)
        assert len(club.members()) == ROWS_IN_ALL
        assert club.findings() == []
    return [
        plain(f"sheets.import.100k.{kind}", told["seconds"], "s", 60),
        plain(f"sheets.import.100k.memory.{kind}", told["megabytes"], "MB", 512),
    ]


def _entered(
    club: Club, rows: list[list[Any]], heads: list[str], address: str, folder: Path
) -> tuple[Any, Any]:
    record = club.begin(rows, heads)
    command = [sys.executable, "-m", "tests.bench.sheets", address, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return club.record(record), json.loads(done.stdout.splitlines()[-1])


def work(address: str, folder: Path) -> None:
    """Be the process that imports; tell the seconds, and the most memory it and its reader ever had, together."""
    sealing.use(KEYS)
    house.roles[ROLE.key] = ROLE
    sheets.plug()
    catalogue.enter("club", [MEMBERS])
    documents.use(documents.Settings(documents.DiskStorage(folder / "files"), None, folder, folder))  # type: ignore[arg-type]
    sessions = sessionmaker(opened(address))
    begun = time.perf_counter()
    assert jobs.run_one(sessions, lambda: NOW, "bench")
    seconds = time.perf_counter() - begun
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert peak
    reader = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({"seconds": seconds, "megabytes": (int(peak[1]) + reader) / 1024}))


def _enter(kind: str, which: int) -> Row:
    return enter(kind)[which]


ROWS: dict[str, Callable[[], Row]] = {}
for kind in KINDS:
    ROWS[f"sheets.import.100k.{kind}"] = partial(_enter, kind, 0)
    ROWS[f"sheets.import.100k.memory.{kind}"] = partial(_enter, kind, 1)


if __name__ == "__main__":
    work(sys.argv[1], Path(sys.argv[2]))
