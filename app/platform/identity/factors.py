"""The second factor: a TOTP program (RFC 6238) after the password, and ten recovery codes for when it is lost.

Steps are 30 seconds; one before and one after now are accepted too. No step is accepted twice, nor one older than
the newest accepted: the row of the secret says so in the one statement that takes it, whoever else is trying.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyotp
from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import sealing, transaction
from app.platform.identity import attempts, authority, posts, proof, roles, sessions
from app.platform.identity.entities import Factor, OpenSession, Person, RecoveryCode
from app.platform.identity.messages import Refusal
from app.platform.identity.sessions import Visit
from app.platform.registry import Acting

SECONDS: Final = 30
CODES: Final = 10
FEW: Final = 3
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
_LENGTH: Final = 10
_READ_AS: Final = str.maketrans("OIL", "011")
_VERIFIERS: Final = (-1, 0, 1)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person has set up: since when, how many recovery codes are left, whether he is still at it."""

    confirmed_at: datetime | None
    is_begun: bool
    codes_left: int


@dataclass(frozen=True, slots=True)
class Whence:
    """Where a code is typed: the address and the device cookie, as the limiter counts them."""

    address: str
    device: str | None = None


def standing(session: Session, person: str) -> Standing:
    """Return how far a person has got. One statement."""
    left = (
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.person_id == person, RecoveryCode.used_at.is_(None))
        .scalar_subquery()
    )
    row = session.execute(select(Factor.confirmed_at, left).where(Factor.person_id == person)).first()
    if row is None:
        return Standing(None, False, 0)
    return Standing(row[0], row[0] is None, int(row[1]))


def begin(session: Session, by: Visit, now: datetime) -> None:
    """Draw a secret for oneself; it counts once `confirm` has seen a code of it. Raises `Refusal("factor_set")`."""
    with transaction(session):
        posts.lock(session, by.person)
        row = session.get(Factor, by.person, populate_existing=True)
        if row is not None and row.confirmed_at is not None:
            raise Refusal("factor_set")
        if row is None:
            row = Factor(person_id=by.person)
            session.add(row)
        row.secret, row.created_at, row.last_step = pyotp.random_base32(), now, None
        session.flush()


def begun(session: Session, person: str, issuer: str, username: str) -> tuple[str, str] | None:
    """Return the secret in groups of four to be typed, and as the address a QR code holds; None when not setting up."""
    secret = session.scalar(
        select(Factor.secret).where(Factor.person_id == person, Factor.confirmed_at.is_(None))
    )
    if secret is None:
        return None
    address = pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer.replace(":", " "))
    return " ".join(re.findall(".{1,4}", secret)), address


def confirm(session: Session, by: Visit, code: str, now: datetime) -> tuple[str, ...]:
    """Set the factor up with a code of the new secret; return ten recovery codes, which nobody can read again.

    This session has proved itself by it; every other one ends. Raises `Refusal`: factor_set, factor_not_begun,
    factor_wrong.
    """
    with transaction(session):
        posts.lock(session, by.person)
        row = session.get(Factor, by.person, populate_existing=True)
        if row is None:
            raise Refusal("factor_not_begun")
        if row.confirmed_at is not None:
            raise Refusal("factor_set")
        steps = _steps(row.secret, code, now)
        if not steps:
            raise Refusal("factor_wrong_new", "code")
        row.confirmed_at, row.last_step = now, steps[-1]
        session.flush()
        _prove(session, by, now)
        sessions.end_all(session, by.person, but=by.session)
        fresh = _fresh(session, by.person)
        _note(session, "factor.set", by, now, by.person)
    return fresh


def verify(session: Session, by: Visit, code: str, whence: Whence, now: datetime) -> None:
    """Let this session further after a right code.

    Raises `Refusal`: factor_missing, paused_codes (the limiter), factor_wrong, factor_used (a right code whose step,
    or a later one, was accepted before), clock_back (the same because this machine's clock was set back).
    """
    permit = _admit(session, by, whence, now)
    try:
        with transaction(session):
            take(session, by.person, code, now)
            attempts.passed(session, permit)
            _prove(session, by, now)
            _note(session, "factor.shown", by, now, by.person, address=whence.address)
    except Refusal as refusal:
        _failed(session, by, refusal, whence, now)
        raise


def recover(session: Session, by: Visit, code: str, whence: Whence, now: datetime) -> int:
    """Let this session further after one of the recovery codes, which is used up by it; return how many are left.

    Raises `Refusal`: factor_missing, paused_codes, recovery_wrong (also for one used before).
    """
    permit = _admit(session, by, whence, now)
    try:
        with transaction(session):
            _mine(session, by.person)
            taken = session.execute(
                update(RecoveryCode)
                .where(
                    RecoveryCode.hash == _hash(by.person, code),
                    RecoveryCode.person_id == by.person,
                    RecoveryCode.used_at.is_(None),
                )
                .values(used_at=now)
            )
            if not taken.rowcount:  # type: ignore[attr-defined]
                raise Refusal("recovery_wrong", "code")
            attempts.passed(session, permit)
            _prove(session, by, now)
            left = standing(session, by.person).codes_left
            _note(session, "factor.recovered", by, now, by.person, address=whence.address, left=left)
    except Refusal as refusal:
        _failed(session, by, refusal, whence, now)
        raise
    return left


def renew(session: Session, by: Visit, code: str, whence: Whence, now: datetime) -> tuple[str, ...]:
    """Draw ten new recovery codes in the place of the old ones, for who shows a code of his program.

    Raises `Refusal` as `verify`.
    """
    permit = _admit(session, by, whence, now)
    try:
        with transaction(session):
            take(session, by.person, code, now)
            attempts.passed(session, permit)
            fresh = _fresh(session, by.person)
            _note(session, "factor.codes_renewed", by, now, by.person)
    except Refusal as refusal:
        _failed(session, by, refusal, whence, now)
        raise
    return fresh


def turn_off(session: Session, by: Visit, code: str, whence: Whence, now: datetime) -> None:
    """Do without a second factor again, for who shows a code and holds no post that asks for one.

    Raises `Refusal`: factor_needed, and as `verify`.
    """
    permit = _admit(session, by, whence, now)
    try:
        with transaction(session):
            posts.lock(session, by.person)
            if proof.demanded(posts.of(session, by.person, now)):
                raise Refusal("factor_needed")
            take(session, by.person, code, now)
            attempts.passed(session, permit)
            _remove(session, by.person)
            _note(session, "factor.turned_off", by, now, by.person)
    except Refusal as refusal:
        _failed(session, by, refusal, whence, now)
        raise


def reset(session: Session, person: str, by: Acting | str, now: datetime) -> None:
    """Take somebody's factor and recovery codes away, so that he sets a new one up; all his sessions end.

    `by` is another administrator who could give him every post he holds, or whoever may run commands. Raises
    `Refusal`: unknown_person (also for one `by` does not see), own_factor, not_yours, factor_missing.
    """
    with transaction(session):
        posts.lock(session, person)
        if isinstance(by, Acting):
            if not sees(session, person, by, now):
                raise Refusal("unknown_person")
            if person == by.person:
                raise Refusal("own_factor")
            if not authority.could_give_all(session, person, by, now):
                raise Refusal("factor_not_yours")
        if not session.scalar(select(func.count()).select_from(Factor).where(Factor.person_id == person)):
            raise Refusal("factor_missing")
        _remove(session, person)
        sessions.end_all(session, person)
        _note(session, "factor.reset", by, now, person)


def sees(session: Session, person: str, by: Acting, now: datetime) -> bool:
    """Whether a person is within the reach of `by`, as who looks after people or gives posts."""
    reach = {*roles.reach_of(by, roles.PEOPLE), *roles.reach_of(by, roles.POSTS)}
    within = authority.seen_within(reach, now)
    return session.scalar(select(Person.id).where(Person.id == person, within)) is not None


def take(session: Session, person: str, code: str, now: datetime) -> None:
    """Use a code up, in the open transaction. Raises `Refusal`: factor_missing, factor_wrong, factor_used, clock_back.

    The step goes into the row only if it is newer than the one there, so of two browsers with the same code one wins.
    """
    row = _mine(session, person)
    steps = _steps(row.secret, code, now)
    if not steps:
        raise Refusal("factor_wrong", "code")
    newer = [step for step in steps if row.last_step is None or step > row.last_step]
    if newer:
        taken = session.execute(
            update(Factor)
            .where(
                Factor.person_id == person,
                Factor.confirmed_at.is_not(None),
                or_(Factor.last_step.is_(None), Factor.last_step < newer[0]),
            )
            .values(last_step=newer[0])
            .execution_options(synchronize_session=False)
        )
        if taken.rowcount:  # type: ignore[attr-defined]
            return
    went_back = row.last_step is not None and _step(now) < row.last_step - 1
    raise Refusal("clock_back" if went_back else "factor_used", "code")


def _mine(session: Session, person: str) -> Factor:
    row = session.get(Factor, person, populate_existing=True)
    if row is None or row.confirmed_at is None:
        raise Refusal("factor_missing")
    return row


def _step(now: datetime) -> int:
    return int(now.timestamp()) // SECONDS


def _steps(secret: str, code: str, now: datetime) -> list[int]:
    """The steps around now whose code this is, the oldest first; usually none or one."""
    typed = re.sub(r"\s", "", code)
    if not re.fullmatch("[0-9]{6}", typed):
        return []
    totp, here = pyotp.TOTP(secret), _step(now)
    return [here + away for away in _VERIFIERS if hmac.compare_digest(totp.generate_otp(here + away), typed)]


def _admit(session: Session, by: Visit, whence: Whence, now: datetime) -> attempts.Permit:
    """Count a try at somebody's codes: apart from those at his password, and the two sorts of codes together."""
    account = sealing.digest("attempt.factor", by.person)
    permit = attempts.admit(session, account, whence.address, whence.device, now)
    if isinstance(permit, attempts.Pause):
        raise Refusal("paused_codes", "code", **permit.refusal(now).parameters)
    return permit


def _failed(session: Session, by: Visit, refusal: Refusal, whence: Whence, now: datetime) -> None:
    body = {"address": whence.address, "why": refusal.code}
    audit.log(session, "identity", "factor.refused", by, now, body, f"person:{by.person}")


def _prove(session: Session, by: Visit, now: datetime) -> None:
    session.execute(update(OpenSession).where(OpenSession.id == by.session).values(proved_at=now))


def _fresh(session: Session, person: str) -> tuple[str, ...]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person))
    drawn = tuple("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(CODES))
    session.execute(
        insert(RecoveryCode), [{"hash": _hash(person, code), "person_id": person} for code in drawn]
    )
    return tuple(f"{code[:5]}-{code[5:]}" for code in drawn)


def _hash(person: str, code: str) -> str:
    plain = re.sub(r"[\s\-]", "", code.upper()).translate(_READ_AS)
    return sealing.digest("factor.recovery", f"{person}\0{plain}")


def _remove(session: Session, person: str) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person))
    session.execute(delete(Factor).where(Factor.person_id == person))
    session.expire_all()


def _note(session: Session, kind: str, by: Acting | str, now: datetime, person: str, **body: object) -> None:
    audit.log(session, "identity", kind, by, now, body, f"person:{person}")
