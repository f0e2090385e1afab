"""Registration forms of a congress, one document per person, packed by name (PG-D12, D-37)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session

from app.platform import audit, documents
from app.platform.data import transaction
from app.platform.identity.entities import Unit
from app.platform.registry import Acting, Refused, Words
from app.platform.runtime.errors import Unknown
from app.systems.delegates import congresses, rules
from app.systems.delegates.entities import Candidate, Congress
from app.systems.delegates.roles import CONVENER, LIAISON

TEMPLATE: Final = "delegates/registration_form"
NOBODY = Words("还没有人提交登记表", "Nobody has submitted a form yet")


@dataclass(frozen=True, slots=True)
class Held:
    """A congress with how many forms of it there are for whoever asks."""

    id: str
    name: str
    term: str
    forms: int


def readable(by: Acting) -> ColumnElement[bool]:
    """The SQL of whose forms a person may have: his own unit's, or all of his own congresses (D-44)."""
    own = [post.place for post in by.holds(CONVENER)]
    units = [post.place for post in by.holds(LIAISON)]
    return or_(
        false(),
        Candidate.congress_id.in_(select(Congress.id).where(Congress.place.in_(own))),
        Candidate.unit_id.in_(select(Unit.id).where(Unit.path.in_(units))),
    )


def there(by: Acting) -> tuple[ColumnElement[bool], ...]:
    """The SQL of the forms that are there: submitted, of somebody who was not removed."""
    return Candidate.removed_at.is_(None), Candidate.submitted_at.is_not(None), readable(by)


def held(session: Session, by: Acting) -> list[Held]:
    """The congresses of which there are forms, newest first; those of one's own without forms too."""
    counted = (
        select(func.count())
        .where(Candidate.congress_id == Congress.id, *there(by))
        .correlate(Congress)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Congress.id, Congress.name, Congress.term, counted.label("forms"))
        .where(or_(congresses.covered(by), counted > 0))
        .order_by(Congress.made_at.desc(), Congress.id.desc())
    )
    return [Held(*row) for row in rows]


def export(session: Session, congress: str, by: Acting, now: datetime) -> str:
    """Have all forms of a congress that `by` may read printed and packed; return the errand.

    Raises `Unknown`, `Refused` where there are none.
    """
    found = session.execute(
        select(Candidate.instance_id, Candidate.unit_id)
        .where(Candidate.congress_id == congress, *there(by))
        .order_by(Candidate.unit_id, Candidate.id)
    ).all()
    if not found and congress not in {one.id for one in held(session, by)}:
        raise Unknown(congress)
    return pack(session, congress, [row.instance_id for row in found], by, now)


def pack(session: Session, congress: str, instances: Sequence[str], by: Acting, now: datetime) -> str:
    """Print the forms of these candidates into 大会名-登记表.zip; return the errand. Raises `Refused` for none."""
    if not instances:
        raise Refused(NOBODY.zh, NOBODY.en)
    names = {
        row.instance_id: f"{row.name}-{rules.IDENTITIES[row.identity][0]}-登记表"
        for row in session.execute(
            select(Candidate.instance_id, Candidate.name, Candidate.identity).where(
                Candidate.congress_id == congress, Candidate.instance_id.in_(instances)
            )
        )
    }
    wanted = [instance for instance in instances if instance in names]
    with transaction(session):
        name = session.get_one(Congress, congress).name
        title = Words(f"{name}-登记表", f"{name}: registration forms")
        errand = documents.bundle_later(session, TEMPLATE, wanted, title, names.__getitem__, by, now)
        body = {"congress": congress, "count": len(wanted)}
        audit.log(session, "delegates", "forms.exported", by, now, body, congresses.about_of(congress))
    return errand
