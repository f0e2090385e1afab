"""Which columns of a list a person wants to see: kept per person and list, as what differs from the definition."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, String, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.platform.data import Base, Id, Json, Moment, transaction
from app.platform.lists.definition import Column, List
from app.platform.registry import Acting


class Choice(Base):
    """What a person changed: columns `hidden` that are shown at first, and `shown` that are not."""

    __tablename__ = "lists_choice"

    person_id: Mapped[str] = mapped_column(Id, primary_key=True)
    list: Mapped[str] = mapped_column(String(120), primary_key=True)
    hidden: Mapped[Any] = mapped_column(Json)
    shown: Mapped[Any] = mapped_column(Json)
    chosen_at: Mapped[datetime] = mapped_column(Moment)


_table = Choice.__table__


def columns(listing: List, name: str | None, session: Session, by: Acting) -> tuple[Column, ...]:
    """The columns of the list called `name` that `by` sees, in the order of the definition.

    One statement; none where there is nothing to choose, or the list has no name.
    """
    if name is None or not is_choosable(listing):
        return _visible(listing, (), ())
    row = _kept(session, by, name)
    return _visible(listing, row.hidden if row else (), row.shown if row else ())


def kept(name: str, session: Session, by: Acting) -> tuple[str, ...]:
    """What `by` has kept under `name` with `keep`. One statement."""
    row = _kept(session, by, name)
    return tuple(row.shown) if row else ()


def keep(name: str, wanted: Collection[str], session: Session, by: Acting, now: datetime) -> None:
    """Keep how `by` likes a page to look, under a name that is no list's; nothing where `wanted` is empty."""
    with transaction(session):
        reset(name, session, by)
        if wanted:
            _enter(session, by, name, (), wanted, now)


def choose(
    listing: List, name: str, wanted: Collection[str], session: Session, by: Acting, now: datetime
) -> None:
    """Keep that `by` wants to see the columns `wanted` (keys; unknown ones are passed over, fixed ones stay)."""
    free = [column for column in listing.columns if not column.fixed]
    hidden = [one.key for one in free if not one.hidden_at_first and one.key not in wanted]
    shown = [one.key for one in free if one.hidden_at_first and one.key in wanted]
    with transaction(session):
        reset(name, session, by)
        if hidden or shown:
            _enter(session, by, name, hidden, shown, now)


def reset(name: str, session: Session, by: Acting) -> None:
    """Forget what `by` has chosen for the list."""
    with transaction(session):
        session.execute(delete(Choice).where(_table.c.person_id == by.person, _table.c.list == name))


def is_off(what: str, session: Session, by: Acting) -> bool:
    """Whether `by` has switched off `what`, something that lists do unless told otherwise. One statement."""
    kept = select(_table.c.list).where(_table.c.person_id == by.person, _table.c.list == what)
    return session.execute(kept).first() is not None


def switch(what: str, on: bool, session: Session, by: Acting, now: datetime) -> None:
    """Switch it on or off, for `by` alone."""
    with transaction(session):
        reset(what, session, by)
        if not on:
            row = {"person_id": by.person, "list": what, "hidden": [], "shown": [], "chosen_at": now}
            session.execute(insert(Choice).values(row))


def _kept(session: Session, by: Acting, name: str) -> Row[Any, Any] | None:
    mine = (_table.c.person_id == by.person, _table.c.list == name)
    return session.execute(select(_table.c.hidden, _table.c.shown).where(*mine)).first()


def _enter(
    session: Session, by: Acting, name: str, hidden: Collection[str], shown: Collection[str], now: datetime
) -> None:
    row = {"person_id": by.person, "list": name, "hidden": list(hidden), "shown": list(shown)}
    session.execute(insert(Choice).values(**row, chosen_at=now))


def is_choosable(listing: List) -> bool:
    """Whether a reader may hide or show any column."""
    return any(not column.fixed for column in listing.columns)


def _visible(listing: List, hidden: Collection[str], shown: Collection[str]) -> tuple[Column, ...]:
    return tuple(
        column
        for column in listing.columns
        if column.fixed or (column.key in shown if column.hidden_at_first else column.key not in hidden)
    )
