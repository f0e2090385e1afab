"""What was and is about one person: every post with its dates, the latest deeds, where he is signed in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.audit.entities import AuditRow
from app.platform.identity import sessions
from app.platform.identity.entities import HeldPost, OpenSession, Person
from app.platform.registry import Post
from app.platform.runtime.entities import Instance

MERGED = "person.merged"


@dataclass(frozen=True, slots=True)
class Held:
    """A post with its dates, who gave and ended it (ids), and the number of the case it came from."""

    post: Post
    from_at: datetime
    until_at: datetime | None
    ended_at: datetime | None
    given_by: str | None
    ended_by: str | None
    case: str | None

    def state(self, now: datetime) -> str:
        """held, coming, ended (somebody ended it) or over (its time has come)."""
        if self.ended_at is not None:
            return "ended"
        if self.until_at is not None and self.until_at <= now:
            return "over"
        return "held" if self.from_at <= now else "coming"


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done to a person or by him, as the record has it."""

    at: datetime
    kind: str
    by: str | None


def posts(session: Session, person: str) -> list[Held]:
    """Every post somebody has, had or will have, the latest first. One statement."""
    rows = session.execute(
        select(
            HeldPost.id,
            HeldPost.role,
            HeldPost.place,
            HeldPost.subject,
            HeldPost.from_at,
            HeldPost.until_at,
            HeldPost.ended_at,
            HeldPost.granted_by,
            HeldPost.ended_by,
            Instance.number,
        )
        .outerjoin(Instance, Instance.id == HeldPost.instance_id)
        .where(HeldPost.person_id == person)
        .order_by(HeldPost.from_at.desc(), HeldPost.id.desc())
    )
    return [
        Held(
            Post(row.id, row.role, row.place, row.subject),
            row.from_at,
            row.until_at,
            row.ended_at,
            row.granted_by,
            row.ended_by,
            row.number,
        )
        for row in rows
    ]


def deeds(session: Session, person: str, most: int, merged: Collection[str] = ()) -> list[Deed]:
    """The latest rows of the record about a person, and those he was `merged` of. One statement, by its index."""
    rows = session.execute(
        select(AuditRow.at, AuditRow.kind, AuditRow.by_id)
        .where(AuditRow.about.in_([f"person:{one}" for one in (person, *merged)]))
        .order_by(AuditRow.at.desc(), AuditRow.stream, AuditRow.seq.desc())
        .limit(most)
    )
    return [Deed(*row) for row in rows]


def merged(session: Session, person: str) -> list[str]:
    """Who was merged into somebody, as the record has it, also by way of another. One statement, two where any was."""
    found: list[str] = []
    looking = [person]
    while looking:
        rows = session.execute(
            select(AuditRow.key_id, AuditRow.body).where(
                AuditRow.about.in_([f"person:{one}" for one in looking]), AuditRow.kind == MERGED
            )
        )
        bodies = [
            one["before"] for one in audit.bodies(session, [(row.key_id, row.body) for row in rows]) if one
        ]
        gone = [str(one["drop"]) for one in bodies if one["keep"] in looking]
        looking = [one for one in dict.fromkeys(gone) if one not in (person, *found)]
        found += looking
    return found


def open_sessions(session: Session, person: str, now: datetime) -> list[OpenSession]:
    """Where somebody is signed in, the latest first. Their ids are hashes: nobody signs in with them."""
    rows = session.scalars(
        select(OpenSession)
        .where(
            OpenSession.person_id == person,
            OpenSession.expires_at > now,
            OpenSession.seen_at > now - sessions.IDLE,
        )
        .order_by(OpenSession.seen_at.desc())
    )
    return list(rows)


def names(session: Session, people: Collection[str]) -> dict[str, str]:
    """The names of many by id; none for what is no person (a command, a hook). One statement."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
    return {row.id: row.name for row in rows}
