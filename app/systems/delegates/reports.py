"""What is taken out of the lists of reviewing besides workbooks: the registration forms of many, in one ZIP (D-37)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.platform import documents, lists
from app.platform.registry import Acting, Refused, Words
from app.systems.delegates import rules
from app.systems.delegates.entities import Candidate

TEMPLATE: Final = "delegates/registration_form"
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

    `姓名-身份-登记表.pdf` in `代表大会名-登记表.zip`. Raises `Refused` for nobody, or for too many.
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
    names = {row["instance_id"]: form_name(row["name"], row["identity"]) for row in rows}
    congresses = {row["congress"] for row in rows}
    title = f"{congresses.pop()}-登记表" if len(congresses) == 1 else "登记表"
    return documents.bundle_later(
        session, TEMPLATE, list(names), Words(title, title), names.__getitem__, by, now
    )


def form_name(name: str, identity: str) -> str:
    """`姓名-身份-登记表` (2.4, Downloads)."""
    return f"{name}-{rules.IDENTITIES[identity][0]}-登记表"
