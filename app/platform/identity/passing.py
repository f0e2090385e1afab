"""An account when two records of one person become one: it passes over to the other, or it is closed for good."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.identity import accounts, sessions
from app.platform.identity.entities import Account, External, Factor, RecoveryCode, Token
from app.platform.registry import Acting


def pass_over(session: Session, person: str, to: str, now: datetime) -> None:
    """Let the account of `person` be that of `to`, who has none: second factor and outside identities go along.

    Sessions end, tokens are revoked, and recovery codes are void: they were made for the one person.
    """
    with transaction(session):
        sessions.end_all(session, person)
        _revoke(session, person, now)
        session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person))
        for table in (Factor, External, Account):
            session.execute(update(table).where(table.person_id == person).values(person_id=to))
        session.expire_all()


def end(session: Session, person: str, by: Acting | str | None, now: datetime) -> None:
    """Close the account of `person`, if he has one, and all other ways in: nobody comes in as him any more."""
    with transaction(session):
        sessions.end_all(session, person)
        _revoke(session, person, now)
        for table in (RecoveryCode, Factor, External):
            session.execute(delete(table).where(table.person_id == person))
        session.expire_all()
        if session.get(Account, person) is not None:
            accounts.close(session, person, by, now)


def _revoke(session: Session, person: str, now: datetime) -> None:
    open_ = (Token.person_id == person, Token.revoked_at.is_(None))
    session.execute(update(Token).where(*open_).values(revoked_at=now))
