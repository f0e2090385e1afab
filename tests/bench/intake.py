"""100,000 people with ID numbers, phones, accounts and posts by the real job; then as many with 30 % bad rows."""

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
from app.platform.identity import roles
from app.platform.registry import house
from app.platform.sheets import catalogue
from app.rooms.admin.sheets.intake import PEOPLE, SHEETS
from tests.bench.harness import Row, plain
from tests.empty_world import KEYS
from tests.platform.jobs.databases import KINDS, fresh, opened
from tests.platform.personnel.bureau import NOW, OWN_ROLES, Bureau, founded, person

PEOPLE_IN_ALL = 100_000


def enter(kind: str, people: int = PEOPLE_IN_ALL) -> list[Row]:
    """Seconds of both runs, and the peak memory of the process that imports and of its reader."""
    with (
        tempfile.TemporaryDirectory() as name,
        fresh(kind, Path(name)) as address,
        founded(address, Path(name)) as bureau,
    ):
        first, good = _entered(bureau, [person(n) for n in range(people)], address)
        assert (good.good, good.bad) == (people, 0), good
        rows = [person(people + n, **_fault(n)) for n in range(people)]
        second, bad = _entered(bureau, rows, address)
        assert abs(bad.bad - people * 0.3) < 10, bad
    return [
        plain(f"intake.people.100k.{kind}", first["seconds"], "s", 90),
        plain(f"intake.people.100k.bad.{kind}", second["seconds"], "s", 90),
        plain(f"intake.people.100k.memory.{kind}", max(first["megabytes"], second["megabytes"]), "MB", 512),
    ]


def _fault(number: int) -> dict[str, Any]:
    """Three rows of ten have each a fault of another kind."""
    return {1: {"phone": "12"}, 4: {"role": "机要员"}, 7: {"kept": "没有的单位"}}.get(number % 10, {})


def _entered(bureau: Bureau, rows: list[dict[str, Any]], address: str) -> tuple[dict[str, float], Any]:
    work = bureau.work
    told: dict[str, float] = {}

    def apart() -> None:
        command = [sys.executable, "-m", "tests.bench.intake", address, str(bureau.folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        told.update(json.loads(done.stdout.splitlines()[-1]))

    bureau.work = apart  # type: ignore[method-assign]
    try:
        return told, bureau.enter("here", rows, PEOPLE)
    finally:
        bureau.work = work  # type: ignore[method-assign]


def work(address: str, folder: Path) -> None:
    """Be the process that imports; tell the seconds, and the most memory it and its reader ever had, together."""
    sealing.use(KEYS)
    roles.plug()
    house.roles.update({role.key: role for role in OWN_ROLES})
    sheets.plug()
    catalogue.enter("admin", list(SHEETS))
    documents.use(documents.Settings(documents.DiskStorage(folder / "files"), None, folder, folder))  # type: ignore[arg-type]
    sessions = sessionmaker(opened(address))
    begun = time.perf_counter()
    assert jobs.run_one(sessions, lambda: NOW, "bench")
    seconds = time.perf_counter() - begun
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert peak
    reader = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(
        json.dumps(
            {"seconds": seconds, "worked": time.process_time(), "megabytes": (int(peak[1]) + reader) / 1024}
        )
    )


def _enter(kind: str, which: int) -> Row:
    return enter(kind)[which]


ROWS: dict[str, Callable[[], Row]] = {}
for kind in KINDS:
    ROWS[f"intake.people.100k.{kind}"] = partial(_enter, kind, 0)
    ROWS[f"intake.people.100k.bad.{kind}"] = partial(_enter, kind, 1)
    ROWS[f"intake.people.100k.memory.{kind}"] = partial(_enter, kind, 2)


if __name__ == "__main__":
    work(sys.argv[1], Path(sys.argv[2]))
