"""The quota tables of invited units as pages show them: what is allotted, and what of it is taken (PG-D3, D-07)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import false, or_, select
from sqlalchemy.orm import Session, aliased

from app.platform.identity.entities import Unit
from app.platform.registry import Acting, Words
from app.systems.delegates import candidates, rules
from app.systems.delegates.entities import Congress, Invitation
from app.systems.delegates.roles import LIAISON

ROWS = (
    (rules.MEMBER, Words("委员候选人名额", "Committee members")),
    (rules.DELEGATE, Words("代表名额", "Delegates")),
)
OTHERS = tuple(identity for identity in rules.IDENTITIES if identity not in rules.WITH_MINIMUMS)
Convener = aliased(Unit)


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure: `1位`, `不少于1位`; of heads also how many are `used`."""

    title: Words
    text: Words
    used: int | None = None
    seats: int = 0

    @property
    def is_full(self) -> bool:
        """Whether nobody can be added."""
        return self.used is not None and self.used >= self.seats


@dataclass(frozen=True, slots=True)
class Invited:
    """A unit invited to a congress, as its liaison sees it; `rows` is empty while nothing is allotted (D-48)."""

    id: str
    congress: str
    congress_name: str
    convener: str
    unit: str
    unit_name: str
    is_open: bool
    rows: tuple[tuple[Cell, ...], ...] = ()

    @property
    def may_add(self) -> bool:
        """Whether 新增 is offered."""
        return self.is_open and bool(self.rows)


def invited(session: Session, by: Acting, congress: str | None = None) -> list[Invited]:
    """The published invitations of the units that `by` is liaison of, the latest congress first, without figures."""
    found = session.execute(
        select(Invitation, Congress, Convener.name.label("convener"), Unit.name.label("unit"))
        .join(Congress, Congress.id == Invitation.congress_id)
        .join(Convener, Convener.id == Congress.unit_id)
        .join(Unit, Unit.id == Invitation.unit_id)
        .where(
            Congress.published_at.is_not(None),
            or_(false(), *(Unit.path == post.place for post in by.holds(LIAISON))),
            *([Congress.id == congress] if congress is not None else []),
        )
        .order_by(Congress.published_at.desc(), Congress.id.desc(), Unit.name, Unit.id)
    )
    return [
        Invited(
            row.Invitation.id,
            row.Congress.id,
            row.Congress.name,
            row.convener,
            row.Invitation.unit_id,
            row.unit,
            row.Congress.ended_at is None,
        )
        for row in found
    ]


def tables(session: Session, congress: str, unit: str) -> tuple[tuple[Cell, ...], ...]:
    """The three rows of PG-D3 for a unit; nothing while nothing is allotted. Two statements."""
    quota = candidates.quota(session, congress, unit)
    if not quota:
        return ()
    used = rules.seats_used(candidates.seated(session, congress, unit))

    def heads(identity: str, title: Words) -> Cell:
        seats = quota[identity].seats if identity in quota else 0
        return Cell(title, _words(identity, None, seats), used[identity], seats)

    def least(identity: str, minimum: str) -> Cell:
        number = quota[identity].minimums.get(minimum, 0) if identity in quota else 0
        return Cell(Words(*rules.MINIMUMS[minimum]), _words(identity, minimum, number))

    return (
        *(
            (heads(identity, title), *(least(identity, minimum) for minimum in rules.MINIMUMS))
            for identity, title in ROWS
        ),
        tuple(heads(identity, Words(*rules.IDENTITIES[identity])) for identity in OTHERS),
    )


def _words(identity: str, minimum: str | None, number: int) -> Words:
    seats = "1 seat" if number == 1 else f"{number} seats"
    en = seats if minimum is None else f"at least {number}"
    return Words(rules.quota_words(identity, minimum, number), en)
