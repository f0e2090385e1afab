"""The list of a process of 100,000 instances taken out, as CSV and as a workbook, by a process of its own.

Every instance is in the file, as the list has them; `CHENGPI_BENCH_ROWS` says how many there are (100,000 unless it
says otherwise). `docs/monitor-queries.md` says what it found.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from app.platform import documents, jobs, settings
from tests import empty_world
from tests.bench.harness import Row, plain
from tests.empty_world import FONTS, ROOT, EmptyWorld
from tests.platform.jobs.databases import KINDS, fresh, opened
from tests.platform.records import purchases
from tests.platform.records.test_many import fill
from tests.rooms.monitor import taken_out

IN_ALL = int(os.environ.get("CHENGPI_BENCH_ROWS", "100000"))
FORMS = ("csv", "xlsx")


@cache
def measured(kind: str) -> dict[str, dict[str, float]]:
    """Seconds, peak memory and size of the file, by form, on one kind of database."""
    found = {}
    with tempfile.TemporaryDirectory() as name, fresh(kind, Path(name)) as address:
        world = EmptyWorld(opened(address))
        empty_world.prepare(world, Path(name), None, {})  # type: ignore[arg-type]  # nothing is printed
        purchases.people(world)
        purchases.publish(world)
        fill(world, IN_ALL)
        taken_out.settle(world)
        wanted = taken_out.numbers(world)
        for form in FORMS:
            errand = taken_out.begin(world, form, state="")
            command = [sys.executable, "-m", "tests.bench.taking_out", address, name, world.now.isoformat()]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            found[form] = json.loads(done.stdout.splitlines()[-1])
            assert taken_out.numbered(taken_out.lines(world, errand)) == wanted
            print(f"{kind} {form}: {found[form]}", file=sys.stderr, flush=True)
        world.engine.dispose()
    return found


def work(address: str, folder: Path, now: str) -> None:
    """Be the process that takes the list out; tell the seconds, and the most memory it ever had."""
    empty_world.open_up()
    storage = documents.DiskStorage(folder / "files")
    documents.use(documents.Settings(storage, None, FONTS, ROOT / "forms"))  # type: ignore[arg-type]
    world = EmptyWorld(opened(address))
    with world.session() as session:
        settings.catch_up(session)
    at = datetime.fromisoformat(now)
    before, begun, worked = _peak(), time.perf_counter(), time.process_time()
    assert jobs.run_one(world.sessions, lambda: at, "bench")
    seconds = time.perf_counter() - begun
    cpu = time.process_time() - worked
    print(json.dumps({"seconds": seconds, "cpu": cpu, "megabytes": _peak(), "megabytes_before": before}))


def _peak() -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024


def _seconds(kind: str, form: str) -> Row:
    return plain(f"monitor.taken_out.{form}.{kind}", measured(kind)[form]["seconds"], "s", 60)


def _memory(kind: str, form: str) -> Row:
    return plain(f"monitor.taken_out.memory.{form}.{kind}", measured(kind)[form]["megabytes"], "MB", 250)


ROWS: dict[str, Callable[[], Row]] = {}
for kind in KINDS:
    for form in FORMS:
        ROWS[f"monitor.taken_out.{form}.{kind}"] = partial(_seconds, kind, form)
        ROWS[f"monitor.taken_out.memory.{form}.{kind}"] = partial(_memory, kind, form)


if __name__ == "__main__":
    work(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
