"""Who would get an open task, from today's posts: who holds it, sits at it or may take it, or stands in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from app.platform.data import Moment
from app.platform.identity import posts
from app.platform.identity.entities import Account, Person
from app.platform.runtime import recusal, seats
from app.platform.runtime.entities import Substitute

How = Literal["post", "person", "seat", "claimed"]

_ABSENT = aliased(Account)
_NOW = bindparam("now", type_=Moment)
_STANDING_IN = (  # built once: asked for every open task, at every move
    select(Substitute.substitute_id, Person.name, Substitute.person_id, Substitute.processes)
    .join(Person, Person.id == Substitute.substitute_id)
    .outerjoin(Account, Account.person_id == Substitute.substitute_id)
    .outerjoin(_ABSENT, _ABSENT.person_id == Substitute.person_id)
    .where(
        Substitute.person_id.in_(bindparam("people", expanding=True)),
        Substitute.ended_at.is_(None),
        Substitute.from_at <= _NOW,
        Substitute.until_at > _NOW,
        Account.is_disabled.is_not(True),
        _ABSENT.is_disabled.is_not(True),
    )
    .order_by(Substitute.id)
)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who can decide a task now, and how he comes to it; `for_name`: in whose stead, where he stands in."""

    person: str
    name: str
    how: How
    for_name: str = ""


def of_task(session: Session, row: Any, now: datetime) -> list[Receiver]:
    """Everybody who can decide the open task `row` now, those whose own it is first.

    Four statements at most. Whoever's account is disabled can do nothing.
    """
    task = dict(row._mapping)
    principals, how = _own(session, row, task, now)
    own = recusal.left(session, task, principals, now)
    found = [Receiver(person, name, how) for person, name in own]
    known = {one.person for one in found}
    standing = _standing_in(session, row.process, dict(own), now)
    free = {p for p, _ in recusal.left(session, task, ((p, n) for p, n, _ in standing), now)}
    for person, name, principal in standing:
        if person in free and person not in known:
            known.add(person)
            found.append(Receiver(person, name, how, dict(own)[principal]))
    return found


def _own(
    session: Session, row: Any, task: Mapping[str, Any], now: datetime
) -> tuple[list[tuple[str, str]], How]:
    if row.seats != "one":
        return _seated(session, row, now), "seat"
    if row.assignee_id is not None:
        kept_out = row.claimed_by_id not in (None, row.assignee_id)
        return ([] if kept_out else _able(session, [row.assignee_id])), "person"
    holders = _holders(session, row, now)
    if row.claimed_by_id is not None:
        return [each for each in holders if each[0] == row.claimed_by_id], "claimed"
    return holders, "post"


def _seated(session: Session, row: Any, now: datetime) -> list[tuple[str, str]]:
    """Those on turn: at a seat of their own, or one that their post still answers for."""
    turn = [seat for seat in seats.bench(session, row).left if seat.state == "open"]
    rightful = (
        {person for person, _ in _holders(session, row, now)}
        if any(not s.is_personal for s in turn)
        else set()
    )
    return _able(session, [s.person_id for s in turn if s.is_personal or s.person_id in rightful])


def _holders(session: Session, row: Any, now: datetime) -> list[tuple[str, str]]:
    if row.role is None:
        return []
    return posts.holders(session, row.role, row.place or "", row.subject, now)


def _able(session: Session, people: Sequence[str]) -> list[tuple[str, str]]:
    """The names of those whose account is not disabled, in the order given."""
    rows = session.execute(
        select(Person.id, Person.name)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.id.in_(people), Account.is_disabled.is_not(True))
    )
    names = {row.id: row.name for row in rows}
    return [(person, names[person]) for person in dict.fromkeys(people) if person in names]


def _standing_in(
    session: Session, process: str, principals: Iterable[str], now: datetime
) -> list[tuple[str, str, str]]:
    """(person, name, principal) of those who stand in for one of `principals` in this process now."""
    wanted = sorted(principals)
    if not wanted:
        return []
    rows = session.execute(_STANDING_IN, {"people": wanted, "now": now})
    return [
        (row.substitute_id, row.name, row.person_id)
        for row in rows
        if row.processes is None or process in row.processes
    ]
