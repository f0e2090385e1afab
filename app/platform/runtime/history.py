"""An instance's history, which is its audit chain: what happened, in order, once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
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
        self.happened: list[Happening] = []  # the same, as it was said
        self._tied: dict[str, str] = {}

    def tie(self, entry: str, values: Mapping[str, Any]) -> None:
        """Let the row that names `entry` say what was entered, so that no two entries can be exchanged unseen."""
        self._tied[entry] = values_digest(self.key, values)

    def write(self, happening: Happening) -> None:
        """Chain one row."""
        self.happened.append(happening)
        self.length += 1
        said = happening.body
        if happening.entry in self._tied:
            said = {**(said or {}), "values": self._tied[happening.entry]}
        body = None if said is None else orjson.dumps(said)
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

    def last(self, task: str, kinds: Collection[str]) -> int:
        """The number of the newest row about `task` of one of `kinds`, among those not put away yet."""
        return next(
            int(row["seq"]) for row in reversed(self.rows) if row["task_id"] == task and row["kind"] in kinds
        )

    def flush(self, session: Session) -> None:
        """Insert what was written."""
        if self.rows:
            session.execute(INSERT, self.rows)
            self.rows, self.happened = [], []


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


def opened(record_key: bytes | None, body: bytes | None) -> dict[str, Any]:
    """What one row says, by its instance's sealed key; nothing once that is erased."""
    key = read_key(record_key)
    return {} if key is None or body is None else _opened(key, body)


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
            table.c.kind.in_(("decided", "returned")),
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


def values_digest(key: bytes, values: Mapping[str, Any]) -> str:
    """What ties an entry to the row of its decision: a keyed digest of its values, 64 hex digits."""
    return chain.digest(key, orjson.dumps(dict(values), option=orjson.OPT_SORT_KEYS)).hex()


class Verifier:
    """Reads one instance's rows in order and remembers the first that does not hold.

    With an erased key the links are checked and the bodies are not. `outside` is a head kept elsewhere, as length
    and link: it finds a tail that was cut off together with the head on the instance's row.
    """

    def __init__(self, owner: Any, outside: tuple[int, bytes] | None = None) -> None:
        """`owner` is the instance's row: id, head, history_length, record_key. Raises `sealing.Unreadable`."""
        self.key = read_key(owner.record_key)
        self._owner, self._link, self._seq = owner, chain.START, 0
        self._outside = outside or (0, chain.START)
        self.bad: int | None = None

    def take(self, row: Any) -> None:
        """Check the next row; after a bad one nothing more is looked at."""
        if self.bad is not None:
            return
        self._seq += 1
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
        self._link = chain.link(self._link, fields, row.digest)
        if (row.seq, row.link) != (self._seq, self._link) or not self._body_holds(row):
            self.bad = self._seq
        if self._seq == self._outside[0] and self._link != self._outside[1]:
            self.bad = self._seq

    def end(self) -> int | None:
        """The first bad row, a missing tail too: the head on the instance's row must be the last link."""
        whole = (self._link, self._seq) == (self._owner.head, self._owner.history_length)
        if self.bad is None and not (whole and self._seq >= self._outside[0]):
            self.bad = self._seq + 1
        return self.bad

    def body(self, row: Any) -> dict[str, Any]:
        """What a row says; nothing once the key is erased."""
        if self.key is None or row.body is None:
            return {}
        try:
            said: dict[str, Any] = orjson.loads(chain.unseal(self.key, row.body))
        except InvalidTag:
            return {}
        return said

    def _body_holds(self, row: Any) -> bool:
        if self.key is None:
            return True
        try:
            plain = b"" if row.body is None else chain.unseal(self.key, row.body)
        except InvalidTag:
            return False
        return bool(chain.digest(self.key, plain) == row.digest)


def first_bad_row(session: Session, instance: str) -> int | None:
    """Check an instance's chain; return the seq of the first row that does not hold, or None."""
    owner = session.execute(
        select(Instance.id, Instance.head, Instance.history_length, Instance.record_key).where(
            Instance.id == instance
        )
    ).one()
    verifier = Verifier(owner)
    for row in session.execute(
        select(History.__table__).where(History.instance_id == instance).order_by(History.seq)
    ):
        verifier.take(row)
    return verifier.end()
