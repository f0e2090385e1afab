"""The ends of all chains, written down outside the database: what finds a tail that was cut off with its head.

A file per writing, `20261125T130000Z.jsonl`: the ends of the platform's streams, and of the instances to which
something happened since the last file. Whoever keeps the folder on another machine has a witness.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import new_id
from app.platform.data.sealing import Unreadable
from app.platform.runtime.entities import History, Instance
from app.platform.runtime.history import Verifier

OVERLAP = timedelta(minutes=10)  # a row is older than its commit, but not by more
CHUNK = 200
_NAME = "%Y%m%dT%H%M%SZ.jsonl"


@dataclass
class Kept:
    """What the files say: every end of a stream, and the last end of each instance as length and link."""

    streams: list[audit.Head] = field(default_factory=list)
    instances: dict[str, tuple[int, bytes]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row of a chain that does not hold; `chain` is `instance <id>` or `stream <name>`."""

    chain: str
    row: int
    reason: str

    def __str__(self) -> str:
        return f"{self.chain}: row {self.row} does not hold ({self.reason})"


def write(session: Session, folder: Path, now: datetime) -> Path:
    """Write down the ends of the chains that went on since the last file; return the new one. A chore."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = max((_moment(file) for file in folder.glob("*.jsonl")), default=None)
    file = folder / now.astimezone(UTC).strftime(_NAME)
    partial = folder / f".{new_id()}.part"
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        for head in audit.heads(session):
            out.write(orjson.dumps({"stream": head.stream, "seq": head.seq, "link": head.link.hex()}) + b"\n")
        for row in _moved(session, before):
            line = {"instance": row.id, "seq": row.history_length, "link": row.head.hex()}
            out.write(orjson.dumps(line) + b"\n")
        out.flush()
        os.fsync(out.fileno())
    session.rollback()
    os.replace(partial, file)
    return file


def _moment(file: Path) -> datetime:
    return datetime.strptime(file.name, _NAME).replace(tzinfo=UTC)


def _moved(session: Session, since: datetime | None) -> Iterator[Any]:
    wanted = select(Instance.id, Instance.history_length, Instance.head)
    if since is not None:
        touched = select(History.instance_id).where(History.at >= since - OVERLAP)
        wanted = wanted.where(Instance.id.in_(touched))
    yield from session.execute(wanted.execution_options(yield_per=1000))


def kept(folder: Path) -> Kept:
    """Read every file of the folder, oldest first."""
    found = Kept()
    for file in sorted(folder.glob("*.jsonl")):
        with file.open("rb") as lines:
            for line in lines:
                said = orjson.loads(line)
                link = bytes.fromhex(said["link"])
                if "stream" in said:
                    found.streams.append(audit.Head(said["stream"], said["seq"], link))
                else:
                    found.instances[said["instance"]] = (said["seq"], link)
    return found


def verify(session: Session, outside: Kept) -> Iterator[Broken]:
    """The first bad row of each chain that has one; nothing where all hold. Reads only, a few instances at a time.

    Ask it within one read transaction. An instance of which only the files know has lost its first row.
    """
    bad = audit.verify(session, outside.streams)
    if bad is not None:
        yield Broken(f"stream {bad.stream}", bad.seq, bad.reason)
    missing, last = set(outside.instances), ""
    table = Instance.__table__
    while True:
        owners = session.execute(
            select(table.c.id, table.c.head, table.c.history_length, table.c.record_key)
            .where(table.c.id > last)
            .order_by(table.c.id)
            .limit(CHUNK)
        ).all()
        if not owners:
            break
        yield from _verify(session, owners, outside.instances)
        missing.difference_update(row.id for row in owners)
        last = owners[-1].id
    for instance in sorted(missing):
        yield Broken(f"instance {instance}", 1, "the whole instance is gone")


def _verify(session: Session, owners: Any, outside: dict[str, tuple[int, bytes]]) -> Iterator[Broken]:
    verifiers: dict[str, Verifier] = {}
    for owner in owners:
        try:
            verifiers[owner.id] = Verifier(owner, outside.get(owner.id))
        except Unreadable as error:
            yield Broken(f"instance {owner.id}", 1, f"record key: {error}")
    table = History.__table__
    rows = session.execute(
        select(table)
        .where(table.c.instance_id.in_(list(verifiers)))
        .order_by(table.c.instance_id, table.c.seq)
        .execution_options(yield_per=1000)
    )
    for row in rows:
        verifiers[row.instance_id].take(row)
    for instance, verifier in verifiers.items():
        bad = verifier.end()
        if bad is not None:
            yield Broken(f"instance {instance}", bad, "changed, or cut off from here on")
