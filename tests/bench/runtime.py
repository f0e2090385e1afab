"""A completion and a start on SQLite beside their floor: the same rows by plain sqlite3, and the bare step."""

from __future__ import annotations

import atexit
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from app.platform.data import new_id
from app.platform.data.transaction import PRAGMAS, prepare
from app.platform.registry import Acting
from app.platform.runtime import instances, tasks
from app.platform.runtime.tasks import Decision
from tests import world as worlds
from tests.bench import engine as bare
from tests.bench.harness import Row, against, alternate, plain, prepared
from tests.platform.runtime import chains

RUNS = 1_000
TASK = (
    "UPDATE runtime_task SET state=?, closed_at=?, closed_by_id=?, outcome=?, revision=revision+1 WHERE id=?"
)
INSTANCE = (
    "UPDATE runtime_instance SET state=?, stage_zh=?, stage_en=?, ended=?, ended_at=?, tokens=?, variables=?,"
    " revision=revision+1, history_length=?, head=? WHERE id=?"
)
WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass
class Desk:
    """An instance that goes to the city's desk and back, on one session as a worker thread has it."""

    session: Session
    starter: Acting
    city: Acting
    now: Any
    task: str = ""
    instance: str = ""

    def start(self) -> object:
        return instances.start(
            self.session,
            "tests_desk",
            by=self.starter,
            post=None,
            now=self.now,
            data=chains.HANSHAN,
            key=new_id(),
        )

    def send(self) -> object:
        """Bring the task to the desk: what the next decision needs."""
        self.task = self._decide(self.starter, "send", "")
        return None

    def review(self, _: object = None) -> object:
        """The completion that is measured: a return with its opinion."""
        self.task = self._decide(self.city, "return", "请补盖公章后再送审")
        return None

    def _decide(self, by: Acting, outcome: str, comment: str) -> str:
        decision = Decision(outcome, comment, 1, new_id())
        (opened,) = tasks.complete(self.session, self.task, None, decision, by, self.now).next_tasks
        return opened


def house() -> tuple[worlds.World, Path]:
    """A furnished world on an SQLite file."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    path = Path(folder.name) / "house.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    prepare(engine)
    return chains.furnish(worlds.build(engine, Path(folder.name), None)), path  # type: ignore[arg-type]


def desk(world: worlds.World) -> Desk:
    session = Session(world.engine)
    made = Desk(session, world.acting("组织者甲"), world.acting("市级"), world.now)
    begun = made.start()
    made.instance, (made.task,) = begun.instance, begun.tasks  # type: ignore[attr-defined]
    return made


def written(world: worlds.World, run: Callable[[], object]) -> list[tuple[str, Any]]:
    """The statements of one run that write, with what they write: what the floor repeats."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, text: str, given: Any, _context: Any, _many: bool) -> None:
        if text.startswith(WRITES):
            seen.append((text, given))

    event.listen(world.engine, "before_cursor_execute", note)
    run()
    event.remove(world.engine, "before_cursor_execute", note)
    return seen


def completion_row() -> Row:
    """A review's return through the verb, against its rows by hand and the bare step."""
    world, path = house()
    subject, beside = desk(world), desk(world)
    beside.send()
    by_hand = ByHand(path, written(world, beside.review))

    def floor(flow: object) -> None:
        bare._bare_step(flow)  # type: ignore[arg-type]
        by_hand.write()

    pair = alternate(prepared(lambda: subject.send(), subject.review), prepared(bare.bare, floor), RUNS)
    return against("runtime.completion.sqlite", pair, 3.0)


class ByHand:
    """One completion's writes repeated by plain sqlite3 in one transaction, each time under fresh keys."""

    def __init__(self, path: Path, statements: list[tuple[str, Any]]) -> None:
        self.raw = sqlite3.connect(path, isolation_level=None)
        for pragma in PRAGMAS:
            self.raw.execute("PRAGMA " + pragma)
        self.statements = statements
        self.round = 0

    def write(self) -> None:
        self.round += 1
        execute = self.raw.execute
        execute("BEGIN IMMEDIATE")
        for text, given in self.statements:
            if text.startswith("INSERT INTO runtime_history"):
                rows = enumerate(given, start=100 + self.round * len(given))
                self.raw.executemany(text, [(row[0], seq, *row[2:]) for seq, row in rows])
            elif text.startswith("INSERT INTO runtime_task"):
                execute(text, (new_id(), *given[1:]))
            elif text.startswith("INSERT INTO runtime_receipt"):
                execute(text, (given[0], new_id(), *given[2:]))
            elif text.startswith("UPDATE runtime_task"):
                execute(TASK, (*given[:4], given[5]))
            elif text.startswith("UPDATE runtime_instance"):
                execute(INSTANCE, given[:7] + given[8:11])
            else:
                execute(text, given)
        execute("COMMIT")


def start_row() -> Row:
    """A start through the verb."""
    world, _ = house()
    subject = desk(world)
    pair = alternate(subject.start, lambda: None, RUNS)
    return plain("runtime.start.sqlite", pair.subject * 1e3, "ms")


ROWS = {"runtime.completion.sqlite": completion_row, "runtime.start.sqlite": start_row}
