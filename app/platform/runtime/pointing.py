"""Which instances a typed text points at, as indexes know it: a number's beginning, a starter's name or last four."""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, or_, select, union
from sqlalchemy.orm import Session

from app.platform.identity.entities import Person
from app.platform.identity.people import last_four_hash
from app.platform.runtime.entities import Instance, Task

MOST = 500
LAST_FOUR = re.compile(r"\d{3}[\dXx]")


def instances(session: Session, text: str) -> list[str]:
    """The ids of at most `MOST` instances by number and as many by starter, of the whole house. One statement."""
    named = [Person.name == text]
    if LAST_FOUR.fullmatch(text):
        named.append(Person.id_number_last_hash == last_four_hash(text))
    people = select(Person.id).where(or_(*named)).limit(MOST)
    by_number = select(Instance.id).where(Instance.number.startswith(text, autoescape=True)).limit(MOST)
    by_starter = select(Instance.id).where(Instance.starter_id.in_(people)).limit(MOST)
    return list(session.scalars(union(*(select(each.subquery()) for each in (by_number, by_starter)))))


def tasks(session: Session, text: str) -> ColumnElement[bool] | None:
    """The tasks of those instances, as a condition; None where there are none."""
    found = instances(session, text)
    return Task.instance_id.in_(found) if found else None


def numbered(session: Session, text: str) -> list[str]:
    """The ids of at most `MOST` instances whose number begins with a text, of the whole house. One statement."""
    return list(
        session.scalars(
            select(Instance.id).where(Instance.number.startswith(text, autoescape=True)).limit(MOST)
        )
    )
