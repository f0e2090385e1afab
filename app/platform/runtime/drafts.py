"""Drafts: what somebody has typed and not yet sent, kept through time-outs, refusals and second deciders.

Two windows on one draft never overwrite each other unseen: each says which version it has read. Versions rise by
one from a number drawn anew for each draft: one that was read before a drop is none of the next draft's. What a
window replaces knowingly is set aside, and stays until the draft is dropped. A window that says which one it is never
quarrels with itself: of two saves of its own that overtake each other, the one it made later stays.

A step that is interrupted (an event leads away from it) and comes again is another task: what its worker had typed is
there again, unless the step was done or somebody else did anything to the case meanwhile.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from app.platform.data import transaction
from app.platform.registry import Acting
from app.platform.runtime.entities import Draft, Task
from app.platform.runtime.errors import DraftOutdated

TABLE = Draft.__table__
KEPT = timedelta(days=90)
FIRST = 10**9  # versions begin below; they are integers of 32 bits
WINDOW = "~window"  # among the values: who saved it, which nobody is shown
ASIDE = "~"  # behind `about`: what was set aside
DELETE = delete(TABLE).where(  # type: ignore[arg-type]
    TABLE.c.about.in_([bindparam("_about"), bindparam("_aside")]), TABLE.c.person_id == bindparam("_person")
)


class Window(NamedTuple):
    """One page or program that saves, by a name it has thought up, and which of its saves this is: they count up."""

    name: str
    turn: int


class Kept(NamedTuple):
    """A draft, when it was saved, its version, the one that was set aside for it, if any, and whose it is."""

    values: Mapping[str, Any]
    saved_at: datetime
    version: int
    aside: tuple[Mapping[str, Any], datetime] | None
    window: Window | None = None


def keep(
    session: Session,
    about: str,
    values: Mapping[str, Any],
    by: Acting,
    now: datetime,
    *,
    read: int | None = None,
    anew: bool = False,
    window: Window | None = None,
) -> int:
    """Keep what `by` has typed about a task (its id) or a start (`start:<process>`). A transaction of its own.

    `read`: the version that the page has seen, 0 for none; a newer one is not overwritten, `DraftOutdated` says so,
    unless it says the same or is an earlier save of this `window`. `anew`: overwrite it, but set it aside. Returns the
    version there is now.
    """
    kept = {**values, WINDOW: list(window)} if window else values
    with transaction(session):
        version = _put(session, about, kept, by, now, read)
        if version is not None:
            return version
        found = _read(session, OWN, about, by)
        if found is None:  # dropped this very moment
            return _put(session, about, kept, by, now, None) or 0
        if found.values == dict(values):
            return found.version
        if window and found.window and found.window.name == window.name:
            if found.window.turn > window.turn:
                return found.version
            return _put(session, about, kept, by, now, None) or 0
        if not anew:
            raise DraftOutdated(found.version, found.saved_at)
        _put(session, about + ASIDE, found.values, by, found.saved_at, None)
        return _put(session, about, kept, by, now, None) or 0


def _put(
    session: Session, about: str, values: Mapping[str, Any], by: Acting, at: datetime, read: int | None
) -> int | None:
    """Write a draft as the next version, if the one there is is the one that was read. One statement."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    first = 1 + secrets.randbelow(FIRST)
    row = insert(Draft).values(
        about=about, person_id=by.person, values=dict(values), saved_at=at, version=first
    )
    fresh = {
        "values": row.excluded["values"],
        "saved_at": row.excluded.saved_at,
        "version": TABLE.c.version + 1,
    }
    kept = row.on_conflict_do_update(
        index_elements=["about", "person_id"],
        set_=fresh,
        where=None if read is None else TABLE.c.version == read,
    )
    return session.execute(kept.returning(TABLE.c.version)).scalar_one_or_none()


def of(session: Session, about: str, by: Acting) -> Kept | None:
    """What `by` has kept about it, or about the step when it was interrupted, and when. One statement."""
    return _read(session, OF, about, by)


def _interrupted() -> Select[str]:
    """The earlier tasks of the same step that were never done, and after which nobody but the person did anything."""
    here, earlier, since = aliased(Task), aliased(Task), aliased(Task)
    done = exists().where(
        since.instance_id == earlier.instance_id,
        since.state == "closed",
        or_(
            and_(since.element == earlier.element, since.visit > earlier.visit),
            and_(
                since.closed_at >= earlier.closed_at,
                since.closed_by_id.is_distinct_from(bindparam("_person", type_=TABLE.c.person_id.type)),
            ),
        ),
    )
    step = and_(earlier.instance_id == here.instance_id, earlier.element == here.element)
    return (
        select(earlier.id)
        .join(here, step)
        .where(here.id == bindparam("_about"), here.state != "closed", earlier.state == "cancelled", ~done)
    )


def _reading(which: ColumnElement[bool]) -> Select[Any]:
    return (
        select(Draft.about, Draft.values, Draft.saved_at, Draft.version)
        .where(which, Draft.person_id == bindparam("_person"))
        .order_by(Draft.saved_at)
    )


_OWN = Draft.about.in_([bindparam("_about"), bindparam("_aside")])
OWN = _reading(_OWN)
OF = _reading(or_(_OWN, Draft.about.in_(_interrupted())))  # built once: it costs more to write than to run


def _read(session: Session, which: Select[Any], about: str, by: Acting) -> Kept | None:
    asked = {"_about": about, "_aside": about + ASIDE, "_person": by.person}
    found = {row.about: row for row in session.execute(which, asked)}
    aside = found.pop(about + ASIDE, None)
    row = found.get(about) or next(reversed(found.values()), None)
    if row is None:
        return None
    values = dict(row.values)
    window = values.pop(WINDOW, None)
    other = (aside.values, aside.saved_at) if aside else None
    return Kept(values, row.saved_at, row.version, other, Window(*window) if window else None)


def sweep(session: Session, now: datetime) -> int:
    """Forget drafts older than 90 days about tasks that are not open any more (they keep what a late decider typed)."""
    over = select(Task.id).where(Task.id == func.rtrim(Draft.about, ASIDE), Task.state != "open").exists()
    with transaction(session):
        gone = session.execute(delete(Draft).where(Draft.saved_at < now - KEPT, over))
        return int(gone.rowcount)  # type: ignore[attr-defined]


def drop(session: Session, about: str, person: str) -> None:
    """Forget a draft, inside the verb that made it moot. One statement."""
    session.execute(DELETE, {"_about": about, "_aside": about + ASIDE, "_person": person})
