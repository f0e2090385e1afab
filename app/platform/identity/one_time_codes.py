"""One-time codes (C-03): six digits for five minutes, good once, counted in the database over all workers.

A code is looked for by the id that only its asker was told: five wrong tries void that code, and a stranger cannot
use up the tries of another's. Each ask is a row, and rows are counted: one a minute and ten in 24 hours for what was
typed, and as many for the person behind it however he was named; a hundred in 24 hours from one network. Where the
owner has come in from within 90 days counts by itself: strangers cannot use up his ten.
"""

import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from app.platform.data import new_id, sealing, transaction
from app.platform.identity import attempts
from app.platform.identity.entities import OneTimeCode
from app.platform.identity.messages import Refusal

LOGIN, RESET, PHONE, EMAIL, TICKET = "login", "reset", "phone", "email", "ticket"
LIFETIME = timedelta(minutes=5)
TICKET_LASTS = timedelta(minutes=10)
TRIES = 5
APART = timedelta(seconds=60)
DAY = timedelta(hours=24)
PER_ADDRESS = 10
PER_NETWORK = 100

_INSERT = insert(OneTimeCode.__table__)  # type: ignore[arg-type]  # of the table: it says NULL for nobody, too


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for a code, from where: `device` is the browser's long-lived cookie, if it has one."""

    address: str
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A code to be sent. `id` goes back to who asked; `gets`: whether there is anybody to send it to."""

    id: str
    code: str
    gets: bool


@dataclass(frozen=True, slots=True)
class Proved:
    """The code was right: whose it is (None: nobody's yet), and under which hash it was asked for."""

    id: str
    person: str | None
    to_hash: str


def to_hash(kind: str, typed: str) -> str:
    """Return under what asks are counted: what was typed, in one spelling, whoever it belongs to."""
    return sealing.digest("one-time-code.to", f"{kind}:{typed}")


def issue(
    session: Session,
    purpose: str,
    to: str,
    person: str | None,
    asked: Asked,
    now: datetime,
    *,
    for_anybody: bool = False,
    counted_by_person: bool = True,
) -> Issued:
    """Draw a code for `to` (a `to_hash`), in the open transaction of the verb that sends it.

    The same statements whether there is a `person` or not; nobody's code matches nothing, unless it is
    `for_anybody` who has the address. A person who had his share under another spelling gets none either, in
    silence. Raises `Refusal`: code_soon, code_day.
    """
    account = attempts.account_hash(person, to)
    network = sealing.digest("one-time-code.network", attempts.network(asked.address))
    with transaction(session):
        _lock(session, to, account, network)
        is_known = attempts.knows(session, account, asked.address, asked.device, now)
        spent = _spent(session, to, person, network, is_known, now)
        if spent.last is not None and now - spent.last < APART:
            seconds = ceil((APART - (now - spent.last)).total_seconds())
            raise Refusal("code_soon", "to", seconds=seconds)
        if spent.typed >= PER_ADDRESS or spent.network >= PER_NETWORK:
            raise Refusal("code_day", "to")
        has_share = spent.recent == 0 and spent.owned < PER_ADDRESS
        gets = for_anybody or (person is not None and (has_share or not counted_by_person))
        code = f"{secrets.randbelow(1_000_000):06}"
        row = new_id()
        session.execute(
            _INSERT,
            {
                "id": row,
                "purpose": purpose,
                "to_hash": to,
                "person_id": person if gets else None,
                "code_hash": _code_hash(row, code if gets else secrets.token_hex(3) + "-"),
                "network": network,
                "is_known": is_known,
                "sent_at": now,
                "expires_at": now + LIFETIME,
                "tries": 0,
            },
        )
    return Issued(row, code, gets)


class _Spent(NamedTuple):
    """When the last code went to what was typed, and how many went to it, its person, and the network."""

    last: datetime | None
    typed: int
    owned: int
    recent: int
    network: int


def _spent(
    session: Session, to: str, person: str | None, network: str, is_known: bool, now: datetime
) -> _Spent:
    """Count in one statement along three indexes."""
    row, within = OneTimeCode, OneTimeCode.sent_at > now - DAY
    owned = (row.person_id == (person or "nobody"), row.purpose.in_((LOGIN, RESET)))
    alike = row.is_known.is_(is_known)
    found = session.execute(
        select(
            select(func.max(row.sent_at)).where(row.to_hash == to, within).scalar_subquery(),
            select(func.count()).where(row.to_hash == to, within, alike).scalar_subquery(),
            select(func.count()).where(*owned, within, alike).scalar_subquery(),
            select(func.count()).where(*owned, row.sent_at > now - APART).scalar_subquery(),
            select(func.count()).where(row.network == network, within).scalar_subquery(),
        )
    ).one()
    return _Spent(*found)


def _lock(session: Session, *hashes: str) -> None:
    """Let asks for one address, of one person and from one network count one after the other, always in this order."""
    if session.get_bind().dialect.name == "postgresql":
        for number in hashes:
            session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": int(number[:15], 16)})


def check(session: Session, purpose: str, code_id: str, typed: str, now: datetime) -> Proved:
    """Count a try and return whose code it is, if it is right. It is not used up by that: see `use`.

    Five tries, right or wrong, then the code is void: the count is one UPDATE, so that tries at the same time in
    several processes are never more. Raises `Refusal`: code_void, code_wrong.
    """
    row = OneTimeCode
    with transaction(session):
        found = session.execute(
            update(row)
            .where(
                row.id == code_id,
                row.purpose == purpose,
                row.tries < TRIES,
                row.used_at.is_(None),
                row.expires_at > now,
            )
            .values(tries=row.tries + 1)
            .returning(row.code_hash, row.person_id, row.to_hash, row.tries)
            .execution_options(synchronize_session=False)
        ).first()
    if found is None:
        raise Refusal("code_void", "code")
    if not hmac.compare_digest(found.code_hash, _code_hash(code_id, _digits(typed))):
        left = TRIES - found.tries
        raise Refusal("code_wrong", "code", left=left) if left > 0 else Refusal("code_void", "code")
    return Proved(code_id, found.person_id, found.to_hash)


def use(session: Session, proved: Proved, now: datetime) -> None:
    """Use a code or ticket up, in the transaction of what it is for. Raises `Refusal("code_void")`, the second time."""
    row = OneTimeCode
    with transaction(session):
        used = session.execute(
            update(row)
            .where(row.id == proved.id, row.used_at.is_(None), row.expires_at > now)
            .values(used_at=now)
            .returning(row.id)
            .execution_options(synchronize_session=False)
        ).first()
        if used is None:
            raise Refusal("code_void", "code")


def ticket(session: Session, proved: Proved, now: datetime) -> str:
    """Exchange a right code for a ticket that holds ten minutes: with it the next page sets a new password."""
    row, secret = new_id(), secrets.token_urlsafe(24)
    with transaction(session):
        use(session, proved, now)
        session.execute(
            _INSERT,
            {
                "id": row,
                "purpose": TICKET,
                "to_hash": sealing.digest("one-time-code.ticket", row),
                "person_id": proved.person,
                "code_hash": _code_hash(row, secret),
                "network": "",
                "is_known": False,
                "sent_at": now,
                "expires_at": now + TICKET_LASTS,
                "tries": 0,
            },
        )
    return f"{row}.{secret}"


def shown(session: Session, value: str, now: datetime) -> Proved:
    """Return whom a ticket stands for, without using it up. Raises `Refusal("ticket_void")`."""
    row_id, _, secret = value.partition(".")
    row = OneTimeCode
    found = session.execute(
        select(row.person_id, row.code_hash, row.to_hash).where(
            row.id == row_id, row.purpose == TICKET, row.used_at.is_(None), row.expires_at > now
        )
    ).first()
    if found is None or not hmac.compare_digest(found.code_hash, _code_hash(row_id, secret)):
        raise Refusal("ticket_void")
    return Proved(row_id, found.person_id, found.to_hash)


def sweep(session: Session, now: datetime) -> None:
    """Forget codes that no count asks for any more."""
    with transaction(session):
        session.execute(delete(OneTimeCode).where(OneTimeCode.expires_at <= now - DAY))


def _code_hash(row: str, code: str) -> str:
    return sealing.digest("one-time-code", f"{row}:{code}")


def _digits(typed: str) -> str:
    return "".join(unicodedata.normalize("NFKC", typed).split())[:32]
