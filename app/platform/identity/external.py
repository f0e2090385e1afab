"""Who somebody is at another house that vouches for him: linked by himself, never made up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.identity import sessions
from app.platform.identity.entities import Account, External
from app.platform.identity.messages import Refusal
from app.platform.identity.sessions import Visit
from app.platform.identity.signing import SignedIn


@dataclass(frozen=True, slots=True)
class Link:
    """That a person is known at an issuer, since when."""

    issuer: str
    linked_at: datetime


def of(session: Session, person: str, issuer: str) -> Link | None:
    """Return a person's link with an issuer, or None."""
    row = session.execute(
        select(External.issuer, External.linked_at).where(
            External.person_id == person, External.issuer == issuer
        )
    ).first()
    return Link(*row) if row else None


def link(session: Session, by: Visit, issuer: str, subject: str, now: datetime) -> None:
    """Let `by` sign in as `subject` of `issuer` from now on; another subject there counts no more.

    Raises `Refusal("linked_elsewhere")`.
    """
    try:
        with transaction(session):
            owner = session.scalar(
                select(External.person_id).where(External.issuer == issuer, External.subject == subject)
            )
            if owner not in (None, by.person):
                raise Refusal("linked_elsewhere")
            session.execute(
                delete(External).where(External.issuer == issuer, External.person_id == by.person)
            )
            values = {"issuer": issuer, "subject": subject, "person_id": by.person, "linked_at": now}
            session.execute(insert(External), values)
            audit.log(
                session, "identity", "external.linked", by, now, {"issuer": issuer}, f"person:{by.person}"
            )
    except IntegrityError as error:  # somebody else was linked between the look and the write
        raise Refusal("linked_elsewhere") from error


def unlink(session: Session, by: Visit, issuer: str, now: datetime) -> bool:
    """Undo it; return whether there was a link."""
    with transaction(session):
        gone = session.scalar(
            delete(External)
            .where(External.issuer == issuer, External.person_id == by.person)
            .returning(External.person_id)
        )
        if gone is not None:
            body = {"issuer": issuer}
            audit.log(session, "identity", "external.unlinked", by, now, body, f"person:{by.person}")
    return gone is not None


def sign_in(session: Session, issuer: str, subject: str, address: str, agent: str, now: datetime) -> SignedIn:
    """Let in who is linked as `subject` of `issuer`. His second factor is asked for all the same.

    Raises `Refusal`: not_linked (also for a closed account), account_disabled.
    """
    try:
        with transaction(session):
            return _open(session, issuer, subject, address, agent, now)
    except Refusal as refusal:
        failed(session, issuer, refusal.code, address, now)
        raise


def failed(session: Session, issuer: str, why: str, address: str, now: datetime) -> None:
    """Note that somebody came from `issuer` and was not let in."""
    body = {"address": address, "way": "oidc", "issuer": issuer, "why": why}
    audit.log(session, "identity", "account.sign_in_failed", None, now, body)


def _open(session: Session, issuer: str, subject: str, address: str, agent: str, now: datetime) -> SignedIn:
    person = session.scalar(
        select(External.person_id).where(External.issuer == issuer, External.subject == subject)
    )
    account = session.get(Account, person, with_for_update=True, populate_existing=True) if person else None
    if person is None or account is None or account.closed_at is not None:
        raise Refusal("not_linked")
    if account.is_disabled:
        raise Refusal("account_disabled")
    first = account.first_sign_in_at is None
    account.first_sign_in_at = account.first_sign_in_at or now
    session.flush()
    token = sessions.begin(session, person, address, agent, now)
    body = {"address": address, "agent": agent[:200], "way": "oidc"}
    audit.log(session, "identity", "account.signed_in", person, now, body, f"person:{person}")
    return SignedIn(person, token, account.must_change_password and not account.is_demo, first)
