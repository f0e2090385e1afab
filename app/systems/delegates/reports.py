"""What is taken out of the lists of reviewing besides workbooks: the registration forms of many, in one ZIP (D-37)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.platform import lists
from app.platform.registry import Acting, Refused, Words
from app.systems.delegates import registration_forms
from app.systems.delegates.entities import Candidate

NOBODY = Words("当前筛选没有人员", "There is nobody in this selection")


def forms_later(
    session: Session,
    listing: lists.List,
    ticked: Sequence[str],
    asked: Mapping[str, str],
    by: Acting,
    now: datetime,
) -> str:
    """Print and pack the forms of the ticked rows, or of all asked for; return the errand's id.

    Raises `Refused` for nobody, or for too many.
    """
    query = listing.query(session, by, now)
    if ticked:
        query = query.where(Candidate.id.in_(ticked[: lists.exporting.TICKS]))
    else:
        question = lists.read(listing, session, by, asked)
        query = query.where(
            *(
                one.where(question.values[one.key], now)
                for one in listing.filters
                if one.key in question.values
            )
        )
    rows = session.execute(query.order_by(*listing.order)).mappings().all()
    if not rows:
        raise Refused(*NOBODY)
    return registration_forms.pack(session, [row["instance_id"] for row in rows], by, now)
