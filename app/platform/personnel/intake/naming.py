"""User names drawn in order: a prefix the administrator chose, and the next number behind it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, MutableMapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.identity import logins
from app.platform.identity.entities import Account

PREFIX = "p"
DIGITS = 7


def asked(typed: str | None) -> tuple[str | None, str]:
    """What stands in the column: a user name, or a prefix with a star behind it; nothing means `p`."""
    text = (typed or "").strip()
    if not text:
        return None, PREFIX
    if text[-1] in "*＊":
        return None, logins.username(text[:-1]) or PREFIX
    return text, PREFIX


def shaped(prefix: str, serial: int) -> str:
    """`hs` and 12 make `hs0000012`: longer numbers grow to the left."""
    return f"{prefix}{serial:0{DIGITS}}"


def draw(
    session: Session,
    wanted: Mapping[int, str],
    serials: MutableMapping[str, int],
    not_these: Collection[str] = (),
) -> dict[int, str]:
    """A user name that nobody has for each row (its number: its prefix), in their order.

    `serials` remembers the last number of each prefix. Two statements as a rule, and one for each prefix new to it.
    """
    for prefix in dict.fromkeys(wanted.values()):
        if prefix not in serials:
            serials[prefix] = _last(session, prefix)
    found: dict[int, str] = {}
    open_rows = list(wanted)
    while open_rows:
        drawn = {}
        for row in open_rows:
            serials[wanted[row]] += 1
            drawn[row] = shaped(wanted[row], serials[wanted[row]])
        there = taken(session, drawn.values()) | set(not_these)
        found |= {row: name for row, name in drawn.items() if name not in there}
        open_rows = [row for row, name in drawn.items() if name in there]
    return found


def taken(session: Session, names: Collection[str]) -> set[str]:
    """Those of `names` that accounts have. One statement."""
    if not names:
        return set()
    return set(session.scalars(select(Account.username).where(Account.username.in_(list(names)))))


def _last(session: Session, prefix: str) -> int:
    """The last number given with this prefix, 0 before the first."""
    bytewise = Account.username.collate("C" if session.get_bind().dialect.name == "postgresql" else "BINARY")
    name = session.scalar(
        select(func.max(bytewise)).where(
            bytewise >= f"{prefix}0",
            bytewise < f"{prefix}:",  # which comes after 9
            func.length(Account.username) == len(prefix) + DIGITS,
        )
    )
    end = (name or "")[len(prefix) :]
    return int(end) if end.isascii() and end.isdigit() else 0
