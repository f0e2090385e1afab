"""Which instances somebody looks after: those within the places where he may manage, asked in the query."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session

from app.platform.identity import roles
from app.platform.identity.places import below
from app.platform.registry import Acting
from app.platform.runtime.entities import Instance
from app.platform.runtime.errors import Unknown


def managed(by: Acting) -> ColumnElement[bool]:
    """The SQL of lying within the reach of `by`, over instances; what he only reads for another reason does not."""
    places = sorted(roles.places(by.posts, roles.MANAGE))
    return or_(*(below(Instance.place, place) for place in places)) if places else false()


def within(session: Session, instance: str, by: Acting) -> Any:
    """What is asked of an instance before anything else: its row, without state. Raises `Unknown` outside the reach."""
    row = session.execute(
        select(
            Instance.id,
            Instance.version_id,
            Instance.place,
            Instance.starter_id,
            Instance.state,
            Instance.tokens,
            Instance.record_key.is_(None).label("is_erased"),
        ).where(Instance.id == instance, managed(by))
    ).one_or_none()
    if row is None:
        raise Unknown(instance)
    return row
