"""An instance's history, which is its audit chain: what happened, in order, once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.platform.audit import chain
from app.platform.data import sealing
from app.platform.identity.entities import Person
from app.platform.runtime.entities import History, Instance, Task

INSERT = insert(History.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing to be written down. `body` is personal or free text; it is kept sealed."""

    kind: str
    element: str | None = None
    task: str | None = None
    by: str | None = None
    outcome: str | None = None
    entry: str | None = None
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One line as shown: who did what when. `body` is empty once the record's key is erased.

    `by_name` says `甲 代 乙` of what a substitute did.
    """

    seq: int
    at: datetime
    kind: str
    element: str | None
    task: str | None
    name_zh: str
    name_en: str
    by: str | None
    by_name: str
    outcome: str | None
    entry: str | None
    body: Mapping[str, Any]


class Pen:
    """Writes an instance's next rows: holds the head of the chain between them, and inserts them at once."""

    def __init__(self, instance: str, head: bytes, length: int, record_key: bytes, now: datetime) -> None:
        self.instance, self.head, self.length, self.key, self.now = instance, head, length, record_key, now
        self.rows: list[dict[str, Any]] = []

    def write(self, happening: Happening) -> None:
        """Chain one row."""
        self.length += 1
        body = None if happening.body is None else orjson.dumps(happening.body)
        digest = chain.digest(self.key, body or b"")
        fields = (
            self.instance,
            self.length,
            self.now,
            happening.kind,
            happening.element,
            happening.task,
            happening.by,
            happening.outcome,
            happening.entry,
        )
        self.head = chain.link(self.head, fields, digest)
        self.rows.append(
            {
                "instance_id": self.instance,
                "seq": self.length,
                "at": self.now,
                "kind": happening.kind,
                "element": happening.element,
                "task_id": happening.task,
                "by_id": happening.by,
                "outcome": happening.outcome,
                "entry_id": happening.entry,
                "body": None if body is None else chain.seal(self.key, body),
                "digest": digest,
                "link": self.head,
            }
        )

    def flush(self, session: Session) -> None:
        """Insert what was written."""
        if self.rows:
            session.execute(INSERT, self.rows)
            self.rows = []


def read_key(sealed: bytes | None) -> bytes | None:
    """The record key of an instance row, or None once it is erased."""
    return None if sealed is None else sealing.unseal(sealed)


def of(session: Session, instance: str) -> list[HistoryRow]:
    """Everything that happened to `instance`, oldest first. One statement."""
    table, task = History.__table__, Task.__table__
    rows = session.execute(
        select(table, Instance.record_key, Person.name, task.c.name_zh, task.c.name_en)
        .join(Instance, Instance.id == table.c.instance_id)
        .outerjoin(Person, Person.id == table.c.by_id)
        .outerjoin(task, task.c.id == table.c.task_id)
        .where(table.c.instance_id == instance)
        .order_by(table.c.seq)
    ).all()
    key = read_key(rows[0].record_key) if rows else None
    bodies = [{} if key is None or row.body is None else _opened(key, row.body) for row in rows]
    return [
        HistoryRow(
            row.seq,
            row.at,
            row.kind,
            row.element,
            row.task_id,
            row.name_zh or "",
            row.name_en or "",
            row.by_id,
            _said(row.name or "", body),
            row.outcome,
            row.entry_id,
            body,
        )
        for row, body in zip(rows, bodies, strict=True)
    ]


def _opened(key: bytes, body: bytes) -> dict[str, Any]:
    return dict(orjson.loads(chain.unseal(key, body)))


def _said(name: str, body: Mapping[str, Any]) -> str:
    """Who did it, and in whose stead: 甲 代 乙."""
    return f"{name} 代 {body['for_name']}" if body.get("for_name") else name


def last_opinions(session: Session, instances: Iterable[str]) -> dict[str, str]:
    """For each instance the opinion of the last decision that its starter did not make himself. One statement."""
    table = History.__table__
    last = (
        select(table.c.instance_id, func.max(table.c.seq).label("seq"))
        .join(Instance, Instance.id == table.c.instance_id)
        .where(
            table.c.instance_id.in_(list(instances)),
            table.c.kind == "decided",
            table.c.by_id != Instance.starter_id,
        )
        .group_by(table.c.instance_id)
        .subquery()
    )
    rows = session.execute(
        select(table.c.instance_id, table.c.body, Instance.record_key)
        .join(last, (last.c.instance_id == table.c.instance_id) & (last.c.seq == table.c.seq))
        .join(Instance, Instance.id == table.c.instance_id)
    )
    opinions = {}
    for row in rows:
        key = read_key(row.record_key)
        if key is not None and row.body is not None:
            opinions[row.instance_id] = str(orjson.loads(chain.unseal(key, row.body)).get("comment", ""))
    return opinions


def first_bad_row(session: Session, instance: str) -> int | None:
    """Check an instance's chain; return the seq of the first row that does not hold, or None.

    Counts a missing tail too: the head on the instance row must be the last link. With an erased key the links
    are checked and the bodies are not.
    """
    owner = session.execute(
        select(Instance.head, Instance.history_length, Instance.record_key).where(Instance.id == instance)
    ).one()
    key = read_key(owner.record_key)
    link, seq = chain.START, 0
    for row in session.execute(
        select(History.__table__).where(History.instance_id == instance).order_by(History.seq)
    ):
        seq += 1
        fields = (
            row.instance_id,
            row.seq,
            row.at,
            row.kind,
            row.element,
            row.task_id,
            row.by_id,
            row.outcome,
            row.entry_id,
        )
        link = chain.link(link, fields, row.digest)
        if row.seq != seq or row.link != link or not _body_holds(key, row.body, row.digest):
            return seq
    return None if (link, seq) == (owner.head, owner.history_length) else seq + 1


def _body_holds(key: bytes | None, body: bytes | None, digest: bytes) -> bool:
    if key is None:
        return True
    try:
        plain = b"" if body is None else chain.unseal(key, body)
    except InvalidTag:
        return False
    return chain.digest(key, plain) == digest


def verify(session: Session, instances: Iterable[str]) -> tuple[str, int] | None:
    """The first instance and row that do not hold, or None."""
    for instance in instances:
        bad = first_bad_row(session, instance)
        if bad is not None:
            return instance, bad
    return None
