"""Where a person is signed in: the open sessions of the account page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.identity import sessions
from app.platform.identity.entities import OpenSession
from app.platform.identity.sessions import Visit


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that is signed in. `id` is the hash of its cookie: nobody can sign in with it."""

    id: str
    address: str
    agent: str
    created_at: datetime
    seen_at: datetime
    is_this: bool


def of(session: Session, by: Visit, now: datetime) -> list[Device]:
    """Return the open sessions of `by`, this one first, then the latest."""
    rows = session.execute(
        select(
            OpenSession.id,
            OpenSession.address,
            OpenSession.agent,
            OpenSession.created_at,
            OpenSession.seen_at,
        )
        .where(
            OpenSession.person_id == by.person,
            OpenSession.expires_at > now,
            OpenSession.seen_at > now - sessions.IDLE,
        )
        .order_by(OpenSession.seen_at.desc())
    )
    found = [Device(r.id, r.address, r.agent, r.created_at, r.seen_at, r.id == by.session) for r in rows]
    return sorted(found, key=lambda device: not device.is_this)


def end(session: Session, by: Visit, device: str, now: datetime) -> bool:
    """Sign out one of one's own browsers; False if there is none of this id."""
    with transaction(session):
        ended = session.scalar(
            delete(OpenSession)
            .where(OpenSession.id == device, OpenSession.person_id == by.person)
            .returning(OpenSession.id)
        )
        if ended is not None:
            audit.log(session, "identity", "account.session_ended", by, now, {}, f"person:{by.person}")
    return ended is not None


def end_others(session: Session, by: Visit, now: datetime) -> None:
    """Sign out everywhere but here."""
    with transaction(session):
        sessions.end_all(session, by.person, but=by.session)
        audit.log(session, "identity", "account.sessions_ended", by, now, {}, f"person:{by.person}")
