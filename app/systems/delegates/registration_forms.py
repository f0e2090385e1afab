"""Registration forms of a congress, one document per person, packed by name (PG-D12, D-37)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from app.platform import audit, documents
from app.platform.data import transaction
from app.platform.identity.entities import Unit
from app.platform.registry import Acting, Refused, Words
from app.platform.runtime.entities import Instance
from app.platform.runtime.errors import Unknown
from app.systems.delegates import candidates, congresses, registration_form
from app.systems.delegates.entities import Candidate, Congress
from app.systems.delegates.roles import CONVENER, LIAISON

NOBODY = Words("还没有可以导出的登记表", "There are no forms to take out yet")


@dataclass(frozen=True, slots=True)
class Held:
    """A congress with how many forms of it there are for whoever asks."""

    id: str
    name: str
    term: str
    forms: int


def readable(by: Acting) -> ColumnElement[bool]:
    """The SQL of whose forms a person may have: his own unit's, or those reported to his own congresses (D-44)."""
    own = [post.place for post in by.holds(CONVENER)]
    units = [post.place for post in by.holds(LIAISON)]
    reported = select(Instance.id).where(Instance.stage_zh.in_(sorted(candidates.REPORTED)))
    return or_(
        false(),
        and_(
            Candidate.congress_id.in_(select(Congress.id).where(Congress.place.in_(own))),
            Candidate.instance_id.in_(reported),
        ),
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
    return pack(session, [row.instance_id for row in found], by, now)


def pack(session: Session, instances: Sequence[str], by: Acting, now: datetime) -> str:
    """Print the forms of these candidates into 代表大会名-登记表.zip, in their order; return the errand.

    Each is called 姓名-身份-登记表.pdf. Of several congresses the ZIP names none. Raises `Refused` for nobody, or for
    too many.
    """
    rows = session.execute(
        select(
            Candidate.instance_id, Candidate.name, Candidate.identity, Congress.id, Congress.name.label("of")
        )
        .join(Congress, Congress.id == Candidate.congress_id)
        .where(Candidate.instance_id.in_(instances))
    ).all()
    if not rows:
        raise Refused(NOBODY.zh, NOBODY.en)
    names = {row.instance_id: registration_form.file_name(row.name, row.identity) for row in rows}
    counts = Counter(row.id for row in rows)
    wanted = [instance for instance in instances if instance in names]
    title = Words(f"{rows[0].of}-登记表", f"{rows[0].of}: registration forms")
    if len(counts) > 1:
        title = Words("登记表", "Registration forms")
    with transaction(session):
        errand = documents.bundle_later(
            session, registration_form.TEMPLATE, wanted, title, names.__getitem__, by, now
        )
        for congress, count in sorted(counts.items()):
            body = {"congress": congress, "count": count}
            audit.log(session, "delegates", "forms.exported", by, now, body, congresses.about_of(congress))
    return errand
