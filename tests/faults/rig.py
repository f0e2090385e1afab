"""Kills a verb at every statement, commit and file operation, asks again, and lets the doctor look (F1a).

`python -m tests.faults.rig <flow> [kind] [stride] [canary]` in a process of its own, on one kind of database: it
warms up, then forks for each point (every `stride`th) a child that kills itself there and another that repeats the
same request with the same idempotency key. What the doctor or the flow's own expectation complains of is printed,
one JSON line per point; the last line says how many points there were. A canary is a build broken on purpose,
which must be complained of.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, event, func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from app.platform import documents
from app.platform.data import new_id
from app.platform.data.transaction import prepare
from app.platform.documents import doctor as filing
from app.platform.documents.press import PageRead, Sheet
from app.platform.runtime import doctor
from app.platform.runtime.entities import Draft, Instance, Serial, Task
from tests import world as worlds
from tests.faults import canaries, flows
from tests.faults.flow import Flow
from tests.platform.jobs.databases import server, told

MOST_POINTS = 500
HOUR = timedelta(hours=1)


class BlankPress:
    """Prints nothing, at once: the kills are not about typesetting."""

    def typeset(self, html: str, base: Path) -> Sheet:
        return Sheet(b"%PDF-1.7 " + html.encode()[:100], 1)

    def stamp(self, pdf: bytes, codes: list[str], title: str) -> bytes:
        return pdf

    def read(
        self, content: bytes, kind: str, first: int = 1, last: int = 1, seconds: float = 10.0
    ) -> list[PageRead]:
        """Nothing readable on any page: the scan is taken and marked."""
        return [PageRead(()) for _ in range(first, last + 1)]


class Rig:
    """A house whose database and files are exchanged under it, so that every child starts warm."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder, self.kind, self.place = folder, kind, "base"
        self.dialect = "sqlite://" if kind == "sqlite" else "postgresql+psycopg://"
        self.token = new_id().lower()[-10:]
        self.engine: Engine = create_engine(self.dialect, creator=self.connect, poolclass=NullPool)
        prepare(self.engine)
        self.sound = self.engine  # for the doctor: a canary may exchange the other
        (folder / "base").mkdir()
        if kind != "sqlite":
            told(f'CREATE DATABASE "{self.database("base")}" TEMPLATE template0')
        self.world = worlds.build(self.engine, folder / "base", BlankPress())  # type: ignore[arg-type]
        flows.publish_chains(self.world)

    def connect(self) -> Any:
        """Connect to the database this process lives in now."""
        if self.kind == "sqlite":
            return sqlite3.connect(self.folder / self.place / "house.sqlite", timeout=10)
        where = server().set(drivername="postgresql", database=self.database(self.place))
        return psycopg.connect(where.render_as_string(hide_password=False))

    def database(self, place: str) -> str:
        """What PostgreSQL calls the database of a copy."""
        return f"{server().database}_{self.token}_{place}"

    def move(self, name: str, source: str) -> None:
        """Let this process live in a copy of `source`."""
        shutil.copytree(self.folder / source, self.folder / name)
        if self.kind != "sqlite":
            told(f'CREATE DATABASE "{self.database(name)}" TEMPLATE "{self.database(source)}"')
        self.place = name
        before = documents.settings()
        files = documents.DiskStorage(self.folder / name / "files")
        documents.use(documents.Settings(files, before.press, before.fonts, before.templates))

    def leave(self, name: str) -> None:
        """Throw a copy away."""
        shutil.rmtree(self.folder / name)
        if self.kind != "sqlite":
            told(f'DROP DATABASE IF EXISTS "{self.database(name)}" WITH (FORCE)')


class Countdown:
    """Kills this process at its n-th point, or counts the points there are."""

    def __init__(self, engine: Engine, at: int | None) -> None:
        self.at, self.passed = at, 0
        event.listen(engine, "before_cursor_execute", self.point)
        event.listen(engine, "commit", self.point)
        event.listen(Session, "after_commit", self.point)
        for name in ("fsync", "replace"):  # of stored files; SQLite's own are in C and not seen
            setattr(os, name, self._around(getattr(os, name)))

    def point(self, *_: Any) -> None:
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def _around(self, run: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any) -> Any:
            self.point()
            return run(*given)

        return counted


def in_child(run: Callable[[], Any]) -> tuple[int, Any]:
    """Fork, run, and return how it ended and what it returned (or the traceback)."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        status = 0
        try:
            answer = run()
        except BaseException:
            status, answer = 1, traceback.format_exc()
        with os.fdopen(writing, "w") as out:
            json.dump(answer, out)
        os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as answered:
        text = answered.read()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), json.loads(text) if text else None


def sick(rig: Rig) -> list[str]:
    """What the doctor finds, and what no doctor of one instance can see: numbers given, drafts kept."""
    with Session(rig.sound) as session:
        files = filing.files(documents.settings().storage)
        found = [str(finding) for finding in doctor.examine(session, rig.world.now + HOUR, (files,))]
        numbered = session.scalar(select(func.count()).where(Instance.number.is_not(None)))
        given = session.scalar(select(func.coalesce(func.sum(Serial.last), 0)))
        closed = select(Draft.about).join(Task, Task.id == Draft.about).where(Task.state == "closed")
        left = session.scalar(select(func.count()).select_from(closed.subquery()))
    if numbered != given:
        found.append(f"{numbered} numbers in use, {given} given")
    if left:
        found.append(f"{left} drafts of decided tasks")
    return found


def once(rig: Rig, flow: Flow, facts: dict[str, Any], at: int | None) -> dict[str, Any]:
    """One point: kill there, look, ask again, look."""
    name = f"at{at}"
    rig.move(name, flow.name)

    def killed() -> int:
        countdown = Countdown(rig.engine, at)
        flow.run(rig.world, facts)
        return countdown.passed

    def again() -> list[str]:
        found = [f"after the kill: {line}" for line in sick(rig)]
        try:
            flow.again(rig.world, facts)
        except Exception as error:
            found.append(f"the retry failed: {type(error).__name__}: {error}"[:300])
        found += [f"after the retry: {line}" for line in sick(rig)]
        return found + flow.complaints(rig.world)

    ended, passed = in_child(killed)
    answered, said = in_child(again)
    rig.leave(name)
    found = said if answered == 0 else [f"the check failed: {said}"]
    if ended not in (0, -signal.SIGKILL):
        found.insert(0, f"the request failed: {passed}")
    return {
        "at": at,
        "killed": ended == -signal.SIGKILL,
        "points": passed if ended == 0 else None,
        "found": found,
    }


def main(flow_name: str, kind: str = "sqlite", stride: int = 1, canary: str = "") -> None:
    """Walk the points of a flow and print what is wrong at each."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as at_last:
        flow, rig = flows.FLOWS[flow_name], Rig(Path(folder), kind)
        for name in ("base", flow.name, "warm"):
            at_last.callback(_forget, rig, name)
        rig.move(flow.name, "base")
        facts = flow.prepare(rig.world)
        rig.move("warm", flow.name)
        flow.run(rig.world, facts)
        if canary:
            canaries.BUILDS[canary](rig)
        for number in range(1, MOST_POINTS, stride):
            seen = once(rig, flow, facts, number)
            if seen["found"] or not seen["killed"]:
                print(json.dumps(seen, ensure_ascii=False), flush=True)
            if not seen["killed"]:
                return
    raise SystemExit(f"more than {MOST_POINTS} points")


def _forget(rig: Rig, name: str) -> None:
    if rig.kind != "sqlite":
        told(f'DROP DATABASE IF EXISTS "{rig.database(name)}" WITH (FORCE)')


if __name__ == "__main__":
    flow_name, kind, stride, canary = (*sys.argv[1:], *("", "sqlite", "1", "")[len(sys.argv) - 1 :])
    main(flow_name, kind, int(stride), canary)
