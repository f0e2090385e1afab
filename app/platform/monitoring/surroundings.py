"""What stands around an instance: timers, awaited messages, jobs, incidents, notices, files and the audit.

Every function is one statement (the audit three), whatever there is; scope is for the caller to have asked (`reach`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import documents
from app.platform.audit import journal
from app.platform.documents import Document, File
from app.platform.identity.entities import Person
from app.platform.jobs import Job
from app.platform.notices.entities import Delivery, Notice
from app.platform.registry import Words
from app.platform.runtime.entities import Incident, Subscription, Timer
from app.platform.runtime.history import HistoryRow

REPAIRS: Final = frozenset(
    {
        "suspended",
        "resumed",
        "variables",
        "moved",
        "taken_away",
        "put_in",
        "migrated",
        "retried",
        "cancelled",
        "transferred",
        "urged",
    }
)
"""Rows of the history that say what somebody did to the matter from outside; shown with the audit."""
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that was sent: about what, to whom, and by which ways with what came of it."""

    title: Words
    to: str
    at: datetime
    read_at: datetime | None
    ways: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A file of the instance: a print with its number, or one handed in; `verdict` where it was compared."""

    file: str
    name: str
    number: str | None
    type: str
    size: int
    pages: int | None
    at: datetime
    verdict: str | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """A row of the audit or a repair of the history: who, what; `facts`: name and value, or before and after."""

    at: datetime
    kind: str
    by_name: str
    comment: str
    facts: tuple[tuple[str, Words | str], ...]


def timers(session: Session, instance: str) -> list[Any]:
    """The armed timers, the next due first."""
    return list(
        session.execute(
            select(
                Timer.element,
                Timer.kind,
                Timer.text,
                Timer.armed_at,
                Timer.due_at,
                Timer.next_at,
                Timer.tries,
            )
            .where(Timer.instance_id == instance)
            .order_by(Timer.due_at, Timer.id)
            .limit(MOST)
        )
    )


def awaited(session: Session, instance: str) -> list[Any]:
    """The messages and signals it waits for."""
    return list(
        session.execute(
            select(
                Subscription.element,
                Subscription.kind,
                Subscription.name,
                Subscription.correlation,
                Subscription.sender_role,
            )
            .where(Subscription.instance_id == instance)
            .order_by(Subscription.element, Subscription.id)
            .limit(MOST)
        )
    )


def jobs(session: Session, instance: str) -> list[Any]:
    """Its work, the newest first: state, tries, and the error of what failed."""
    return list(
        session.execute(
            select(
                Job.id,
                Job.name,
                Job.arguments,
                Job.state,
                Job.tries,
                Job.losses,
                Job.error,
                Job.created_at,
                Job.due_at,
                Job.done_at,
            )
            .where(Job.instance_id == instance)
            .order_by(Job.id.desc())
            .limit(MOST)
        )
    )


def incidents(session: Session, instance: str) -> list[Incident]:
    """What has held it up, what still does first."""
    found = session.scalars(
        select(Incident).where(Incident.instance_id == instance).order_by(Incident.id.desc()).limit(MOST)
    ).all()
    return sorted(found, key=lambda one: one.closed_at is not None)


def notices(session: Session, instance: str) -> list[Told]:
    """What people were told of it, the newest first; by which ways, with what came of each."""
    newest = (
        select(Notice.id)
        .where(Notice.instance_id == instance)
        .order_by(Notice.id.desc())
        .limit(MOST)
        .subquery()
    )
    rows = session.execute(
        select(
            Notice.id,
            Notice.said,
            Notice.created_at,
            Notice.read_at,
            Person.name,
            Delivery.channel,
            Delivery.state,
        )
        .join(newest, newest.c.id == Notice.id)
        .outerjoin(Person, Person.id == Notice.person_id)
        .outerjoin(Delivery, Delivery.notice_id == Notice.id)
        .order_by(Notice.id.desc(), Delivery.id)
    )
    found: dict[str, Told] = {}
    ways: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        ways.setdefault(row.id, [])
        if row.channel:
            ways[row.id].append((row.channel, row.state))
        title = row.said.get("title") or ["", ""]
        found[row.id] = Told(
            Words(title[0], title[-1]), row.name or "", row.created_at, row.read_at, tuple(ways[row.id])
        )
    return list(found.values())


def papers(session: Session, instance: str) -> list[Paper]:
    """The prints and what was handed in, oldest first. Two statements."""
    rows = session.execute(
        select(
            File.id,
            File.name,
            File.type,
            File.size,
            File.pages,
            File.created_at,
            Document.number,
            File.purpose,
        )
        .outerjoin(Document, Document.file_id == File.id)
        .where(File.instance_id == instance)
        .order_by(File.created_at, File.id)
    ).all()
    verdicts = documents.verdicts(session, sorted(row.id for row in rows if row.number is None))
    return [
        Paper(
            row.id,
            row.name,
            row.number,
            row.type,
            row.size,
            row.pages,
            row.created_at,
            (verdicts.get(row.id) or (None, None))[0],
        )
        for row in rows
    ]


def audit(
    session: Session, instance: str, rows: list[HistoryRow], name_of: Callable[[str], Words]
) -> list[Noted]:
    """What the audit says of it and what was repaired, the newest first. At most four statements."""
    entries = journal.read(session, f"instance:{instance}")
    people = {one.by for one in entries if one.by}
    names = (
        {
            row.id: row.name
            for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
        }
        if people
        else {}
    )
    found = [
        Noted(one.at, one.kind, names.get(one.by or "", ""), "", _facts(one.body or {})) for one in entries
    ]
    found += [
        Noted(
            row.at,
            row.kind,
            row.by_name or str(row.body.get("name") or ""),
            _comment(row),
            _changes(row, name_of),
        )
        for row in rows
        if row.kind in REPAIRS
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _comment(row: HistoryRow) -> str:
    return str(row.body.get("comment") or row.body.get("reason") or "")


def _changes(row: HistoryRow, name_of: Callable[[str], Words]) -> tuple[tuple[str, Words | str], ...]:
    """Before and after of a repair: variables by name, the step it went from and to, the versions."""
    if row.kind == "variables":
        before, after = row.body.get("before") or {}, row.body.get("after") or {}
        return tuple((name, f"{_said(before.get(name))} → {_said(after[name])}") for name in after)
    if row.kind == "moved":
        source, target = name_of(row.element or ""), name_of(row.outcome or "")
        return (("", Words(f"{source.zh} → {target.zh}", f"{source.en} → {target.en}")),)
    if row.kind in ("taken_away", "put_in"):
        at, item = name_of(row.element or ""), row.body.get("item") or ""
        return (("", Words(f"{at.zh} {item}".strip(), f"{at.en} {item}".strip())),)
    if row.kind == "migrated":
        return (("", " → ".join((row.outcome or "").split(">"))),)
    return ()


def _facts(body: Mapping[str, Any]) -> tuple[tuple[str, Words | str], ...]:
    return tuple((name, _listed(value)) for name, value in body.items() if name != "instance")


def _listed(value: Any) -> Words | str:
    if not isinstance(value, list):
        return _said(value)
    every = [_said(one) for one in value]
    return Words("、".join(every), ", ".join(every))


def _said(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(_said(one) for one in value)
    return "—" if value in (None, "") else str(value)[:200]
