"""What the doctor looks at: instances with all that belongs to them, read many at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.data import Base
from app.platform.data.sealing import Unreadable
from app.platform.jobs import Job
from app.platform.runtime.entities import Entry, History, Incident, Instance, Task
from app.platform.runtime.history import Verifier, values_digest

CHUNK = 200
"""Instances held in memory at once; each chunk costs one statement per table, however many there are."""

SIGNED = ("signed", "advised", "decided")  # what one of several does at his seat

Key = tuple[str, int]


@dataclass
class Case:
    """One instance's row and everything of it. `bad_row`: the first of its history that does not hold."""

    row: Any
    tasks: list[Any] = field(default_factory=list)
    jobs: list[Any] = field(default_factory=list)
    incidents: list[Any] = field(default_factory=list)
    timers: list[Any] = field(default_factory=list)
    subscriptions: list[Any] = field(default_factory=list)
    seats: list[Any] = field(default_factory=list)
    questions: list[Any] = field(default_factory=list)
    entries: list[Any] = field(default_factory=list)
    decided: Counter[str] = field(default_factory=Counter)
    signed: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    exchanged: list[str] = field(default_factory=list)
    bad_row: int | None = None
    unreadable: str | None = None

    @property
    def id(self) -> str:
        """The instance's id."""
        return str(self.row.id)

    def open_incidents(self, element: str | None = None) -> list[Any]:
        """What is known to hold the instance, or one of its steps, up."""
        return [i for i in self.incidents if i.closed_at is None and element in (None, i.element)]


def cases(session: Session, chunk: int = CHUNK, *, only: str | None = None) -> Iterator[Case]:
    """Every instance in order of its id, or `only` one. Reads only; memory holds one chunk."""
    table, last = Instance.__table__, ""
    wanted = select(table) if only is None else select(table).where(table.c.id == only)
    while True:
        rows = session.execute(wanted.where(table.c.id > last).order_by(table.c.id).limit(chunk)).all()
        if not rows:
            return
        found = {row.id: Case(row) for row in rows}
        _gather(session, found)
        yield from found.values()
        last = rows[-1].id


def _gather(session: Session, found: dict[str, Case]) -> None:
    ids = list(found)
    for name, entity in (("tasks", Task), ("jobs", Job), ("incidents", Incident)):
        _deal(session, found, name, entity.__table__, ids)
    for name in ("timers", "subscriptions", "seats", "questions"):
        table = Base.metadata.tables.get(f"runtime_{name[:-1]}")
        if table is not None:
            _deal(session, found, name, table, ids)
    digests = _read_entries(session, found, ids)
    _read_history(session, found, ids, digests)


def _deal(session: Session, found: dict[str, Case], name: str, table: Any, ids: Sequence[str]) -> None:
    owner = table.c.instance_id
    order = [owner, *table.primary_key.columns]
    for row in session.execute(select(table).where(owner.in_(ids)).order_by(*order)):
        getattr(found[row.instance_id], name).append(row)


def _read_entries(session: Session, found: dict[str, Case], ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Deal out the entries without what was typed; return the digest of that, by instance and entry."""
    digests: dict[str, dict[str, str]] = defaultdict(dict)
    table = Entry.__table__
    rows = session.execute(
        select(table.c.id, table.c.instance_id, table.c.task_id, table.c.element, table.c["values"])
        .where(table.c.instance_id.in_(ids))
        .order_by(table.c.id)
        .execution_options(yield_per=500)
    )
    keys: dict[str, bytes | None] = {}
    for row in rows:
        case = found[row.instance_id]
        case.entries.append((row.id, row.task_id))
        if row.instance_id not in keys:
            keys[row.instance_id] = _key(case)
        key = keys[row.instance_id]
        if key is not None:
            digests[row.instance_id][row.id if row.task_id else "start"] = values_digest(key, row.values)
    return digests


def _key(case: Case) -> bytes | None:
    try:
        return Verifier(case.row).key
    except Unreadable:
        return None


def _read_history(
    session: Session, found: dict[str, Case], ids: Sequence[str], digests: dict[str, dict[str, str]]
) -> None:
    table = History.__table__
    rows = session.execute(
        select(table)
        .where(table.c.instance_id.in_(ids))
        .order_by(table.c.instance_id, table.c.seq)
        .execution_options(yield_per=1000)
    )
    verifiers: dict[str, Verifier] = {}
    for case in found.values():
        try:
            verifiers[case.id] = Verifier(case.row)
        except Unreadable as error:
            case.unreadable = str(error)
    for row in rows:
        case, verifier = found[row.instance_id], verifiers.get(row.instance_id)
        if row.kind == "decided":
            case.decided[row.task_id or ""] += 1
        if row.kind in SIGNED and row.by_id is not None:
            case.signed[row.task_id or ""] += 1
        if row.entry_id is not None:
            case.named[row.entry_id] += 1
        if verifier is None:
            continue
        verifier.take(row)
        if row.entry_id is not None or row.kind == "started":
            said, entry = verifier.body(row).get("values"), row.entry_id or "start"
            there = digests.get(row.instance_id, {}).get(entry)
            if said and there and said != there:
                case.exchanged.append(entry)
    for instance, verifier in verifiers.items():
        found[instance].bad_row = verifier.end()
