"""Each person's choice: which sorts of notices reach him by e-mail and text message besides in-app."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.identity.entities import Account, Person
from app.platform.notices.entities import NoticeChoice
from app.platform.notices.kinds import KINDS, OUTSIDE
from app.platform.notices.settings import settings

_CHOICE = NoticeChoice.__table__
_PHONE = Account.login_phone


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a person can be reached outside, and which ways this installation has at all."""

    email: str | None
    phone: str | None
    ways: tuple[str, ...]


def configured() -> tuple[str, ...]:
    """The outside ways this installation has."""
    place = settings()
    return tuple(
        way for way, there in zip(OUTSIDE, (place.mail, place.sms), strict=True) if there is not None
    )


def reach(session: Session, person: str) -> Reach:
    """A person's own addresses. One statement."""
    row = session.execute(
        select(Person.email, Person.phone, _PHONE)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.id == person)
    ).one()
    return Reach(row.email, row.phone or row.login_phone, configured())


def of(session: Session, person: str) -> dict[str, frozenset[str]]:
    """By which outside ways each kind of notice reaches a person, what he has chosen over what is usual."""
    rows = session.execute(
        select(NoticeChoice.kind, NoticeChoice.email, NoticeChoice.sms).where(
            NoticeChoice.person_id == person
        )
    )
    chosen = {row.kind: _ways(row) for row in rows}
    return {key: chosen.get(key, kind.ways) - kind.never for key, kind in KINDS.items()}


def choose(session: Session, person: str, wanted: Mapping[str, Collection[str]], now: datetime) -> None:
    """Keep by which ways kinds of notices are to reach a person; what is as usual needs no row."""
    rows = [
        {
            "person_id": person,
            "kind": key,
            "email": "email" in ways,
            "sms": "sms" in ways,
            "chosen_at": now,
        }
        for key, ways in wanted.items()
        if key in KINDS and frozenset(ways) - KINDS[key].never != KINDS[key].ways
    ]
    with transaction(session):
        session.execute(
            delete(NoticeChoice).where(NoticeChoice.person_id == person, NoticeChoice.kind.in_(list(wanted)))
        )
        if rows:
            session.execute(insert(NoticeChoice), rows)


def who_want(session: Session, kind: str) -> list[str]:
    """The persons who have chosen to be told of a kind outside that is not told of unasked. One statement."""
    wants = NoticeChoice.email.is_(True) | NoticeChoice.sms.is_(True)
    return list(
        session.scalars(
            select(NoticeChoice.person_id)
            .where(NoticeChoice.kind == kind, wants)
            .order_by(NoticeChoice.person_id)
        )
    )


def ways_of(
    session: Session, people: Iterable[str], kinds: Iterable[str]
) -> dict[tuple[str, str], frozenset[str]]:
    """By which ways each person can be reached, and wants to be, with each of `kinds` ("" for what has none).

    One statement, and none where this installation has no way outside.
    """
    there, wanted, asked = configured(), sorted(set(people)), sorted(set(kinds))
    if not there or not wanted:
        return {}
    rows = session.execute(
        select(
            Person.id,
            Person.email.is_not(None).label("has_email"),
            (Person.phone.is_not(None) | _PHONE.is_not(None)).label("has_sms"),
            NoticeChoice.kind,
            NoticeChoice.email,
            NoticeChoice.sms,
        )
        .outerjoin(Account, Account.person_id == Person.id)
        .outerjoin(NoticeChoice, (NoticeChoice.person_id == Person.id) & NoticeChoice.kind.in_(asked))
        .where(Person.id.in_(wanted))
    ).all()
    reached = {
        row.id: frozenset(way for way in there if (row.has_email if way == "email" else row.has_sms))
        for row in rows
    }
    chosen = {(row.id, row.kind): _ways(row) for row in rows if row.kind is not None}
    found = {}
    for person, ways in reached.items():
        for key in asked:
            kind = KINDS.get(key)
            likes = chosen.get((person, key), kind.ways) - kind.never if kind else frozenset(OUTSIDE)
            found[person, key] = ways & likes
    return found


def _ways(row: object) -> frozenset[str]:
    return frozenset(way for way in OUTSIDE if getattr(row, way))
