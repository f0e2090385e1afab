"""The limiter before the password check (C-09): every try is a row, written before Argon2 costs anything.

Two counts. Per bucket (an account and where the try comes from) five failures within a quarter of an hour
pause that bucket for as long. Per account, over all addresses that the owner has not come in from within 90
days, 20 tries in a quarter of an hour. A device or address the owner has come in from is a bucket of its own
and stands outside the second count: a stranger can neither lock the owner out nor gain tries by his habits.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from app.platform.data import new_id, sealing, transaction
from app.platform.identity.entities import Attempt
from app.platform.identity.messages import Refusal

FAILURES = 5
PAUSE = timedelta(minutes=15)
PER_ACCOUNT = 20
MEMORY = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Permit:
    """The try may be made; it stands as failed until `passed` says otherwise."""

    attempt: str


@dataclass(frozen=True, slots=True)
class Pause:
    """No try before this moment."""

    until: datetime

    def refusal(self, now: datetime) -> Refusal:
        """Return what the person reads."""
        return Refusal("paused", minutes=max(1, ceil((self.until - now).total_seconds() / 60)))


def account_hash(person: str | None, login: str) -> str:
    """Return under what an account's tries are counted. Unknown names are counted like known ones."""
    return sealing.digest("attempt.account", f"person:{person}" if person else f"login:{login}")


def codes_hash(person: str) -> str:
    """Return under what a person's tries with permission codes are counted: apart from those with a password."""
    return sealing.digest("attempt.account", f"codes:{person}")


def admit(session: Session, account: str, address: str, device: str | None, now: datetime) -> Permit | Pause:
    """Count a try of `account` (a hash) from `address` with the device cookie `device`, or refuse it."""
    device_hash = sealing.digest("attempt.device", device) if device else None
    address = network(address)
    with transaction(session):
        _lock(session, account)
        is_known_device, is_known_address = _known(session, account, address, device_hash, now)
        source = f"device:{device_hash}" if is_known_device else f"address:{address}"
        bucket = sealing.digest("attempt.bucket", source)
        until = _bucket_pause(session, account, bucket, now)
        is_known = is_known_device or is_known_address
        if until is None and not is_known:
            until = _account_pause(session, account, now)
        if until is not None:
            return Pause(until)
        attempt = new_id()
        session.execute(
            insert(Attempt),
            {
                "id": attempt,
                "account_hash": account,
                "bucket": bucket,
                "address": address,
                "device_hash": device_hash,
                "at": now,
                "is_known": is_known,
                "has_passed": False,
            },
        )
    return Permit(attempt)


def passed(session: Session, permit: Permit) -> None:
    """The try was the owner."""
    with transaction(session):
        session.execute(update(Attempt).where(Attempt.id == permit.attempt).values(has_passed=True))


def knows(session: Session, account: str, address: str, device: str | None, now: datetime) -> bool:
    """Whether the owner of `account` (a hash) has come in from this address or device within 90 days."""
    device_hash = sealing.digest("attempt.device", device) if device else None
    return any(_known(session, account, network(address), device_hash, now))


def came_in(session: Session, account: str, address: str, device: str | None, now: datetime) -> None:
    """Note that the owner has come in otherwise than by his password: from here he is known now."""
    device_hash = sealing.digest("attempt.device", device) if device else None
    address = network(address)
    source = f"device:{device_hash}" if device_hash else f"address:{address}"
    with transaction(session):
        session.execute(
            insert(Attempt),
            {
                "id": new_id(),
                "account_hash": account,
                "bucket": sealing.digest("attempt.bucket", source),
                "address": address,
                "device_hash": device_hash,
                "at": now,
                "is_known": True,
                "has_passed": True,
            },
        )


def network(address: str) -> str:
    """Return what counts as one address: IPv4 as it is, IPv6 by its /64, of which everybody has billions."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(IPv6Address(int(found) >> 64 << 64)) + "/64"
    return str(found)


def _lock(session: Session, account: str) -> None:
    """Let tries of one account count one after the other. SQLite's verbs do so anyway."""
    if session.get_bind().dialect.name == "postgresql":
        number = int(account[:15], 16)
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _known(
    session: Session, account: str, address: str, device_hash: str | None, now: datetime
) -> tuple[bool, bool]:
    came_in = select(Attempt.id).where(
        Attempt.account_hash == account, Attempt.has_passed.is_(True), Attempt.at > now - MEMORY
    )
    by_device = came_in.where(Attempt.device_hash == device_hash).exists()
    by_address = came_in.where(Attempt.address == address).exists()
    found = session.execute(select(by_device, by_address)).one()
    return device_hash is not None and bool(found[0]), bool(found[1])


def _bucket_pause(session: Session, account: str, bucket: str, now: datetime) -> datetime | None:
    """Refused tries are not counted, so five failures within the time are always the last five."""
    last = session.execute(
        select(Attempt.at, Attempt.has_passed)
        .where(Attempt.account_hash == account, Attempt.bucket == bucket)
        .order_by(Attempt.at.desc(), Attempt.id.desc())
        .limit(FAILURES)
    ).all()
    if len(last) < FAILURES or any(row.has_passed for row in last) or last[0].at - last[-1].at >= PAUSE:
        return None
    until: datetime = last[0].at + PAUSE
    return until if now < until else None


def _account_pause(session: Session, account: str, now: datetime) -> datetime | None:
    last = session.scalars(
        select(Attempt.at)
        .where(Attempt.account_hash == account, Attempt.is_known.is_(False), Attempt.at > now - PAUSE)
        .order_by(Attempt.at.desc())
        .limit(PER_ACCOUNT)
    ).all()
    return last[-1] + PAUSE if len(last) == PER_ACCOUNT else None


def sweep(session: Session, now: datetime) -> None:
    """Forget tries that no count asks for any more."""
    with transaction(session):
        session.execute(delete(Attempt).where(Attempt.at <= now - MEMORY))
