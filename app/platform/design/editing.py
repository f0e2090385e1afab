"""One editor at a time: whose window may save a draft, and how another takes over without losing anybody's work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.design.entities import Draft
from app.platform.identity import people
from app.platform.registry import Acting
from app.platform.runtime.errors import Unknown

UNHEARD = timedelta(seconds=60)
"""A window that has said nothing for so long has been closed, or lost: anybody may take over."""
PATIENCE = timedelta(seconds=60)
"""So long whoever edits may answer the question to hand over; then he who asked may take it."""
WINDOW_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Editing:
    """Who edits a draft, as one window sees it. `mine`: it may save. `takes`: it may take over now.

    `editor` and `since` speak of whoever edits; `asking` is the name of who wants to take over from this window.
    """

    mine: bool
    takes: bool
    editor: str | None
    since: datetime | None
    asking: str | None


def look(session: Session, draft: str, window: str, by: Acting, now: datetime) -> Editing:
    """Say who edits, without changing anything. Raises `Unknown`."""
    return _seen(session, of(session, draft), window, by, now)


def edited(session: Session, now: datetime) -> frozenset[str]:
    """The open drafts that somebody edits at this moment, by id."""
    heard = select(Draft.id).where(Draft.closed_at.is_(None), Draft.editor_seen_at > now - UNHEARD)
    return frozenset(session.scalars(heard.where(Draft.editor_window.is_not(None))))


def beat(session: Session, draft: str, window: str, by: Acting, now: datetime) -> Editing:
    """Say that this window is still open; whoever comes to a draft nobody edits begins to. Raises `Unknown`."""
    with transaction(session):
        row = of(session, draft, lock=True)
        if _is_free(row, now) or row.editor_window == window:
            _give(session, row, window, by, now, keeps_question=row.editor_window == window)
            row = of(session, draft)
        return _seen(session, row, window, by, now)


def ask(session: Session, draft: str, window: str, by: Acting, now: datetime) -> Editing:
    """Ask whoever edits to hand over; asked again, the first question counts. Raises `Unknown`."""
    with transaction(session):
        row = of(session, draft, lock=True)
        if _is_free(row, now):
            _give(session, row, window, by, now)
        elif row.editor_window != window and row.asked_window != window:
            session.execute(
                update(Draft)
                .where(Draft.id == draft)
                .values(asked_by_id=by.person, asked_window=window, asked_at=now)
            )
        return _seen(session, of(session, draft), window, by, now)


def take(session: Session, draft: str, window: str, by: Acting, now: datetime) -> Editing:
    """Take over where that is due: it is free, the question went unanswered, or it is one's own other window.

    Where it is not, nothing changes. Raises `Unknown`.
    """
    with transaction(session):
        row = of(session, draft, lock=True)
        if _may_take(row, window, by, now):
            _give(session, row, window, by, now)
        return _seen(session, of(session, draft), window, by, now)


def hand_over(
    session: Session, draft: str, window: str, by: Acting, now: datetime, *, agrees: bool
) -> Editing:
    """Answer the question: give the draft to whoever asked, or go on oneself. Raises `Unknown`."""
    with transaction(session):
        row = of(session, draft, lock=True)
        if row.editor_window == window and row.asked_window is not None:
            values: dict[str, object] = {"asked_by_id": None, "asked_window": None, "asked_at": None}
            if agrees:
                values |= {
                    "editor_id": row.asked_by_id,
                    "editor_window": row.asked_window,
                    "editor_seen_at": now,
                }
            session.execute(update(Draft).where(Draft.id == draft).values(**values))
        return _seen(session, of(session, draft), window, by, now)


def leave(session: Session, draft: str, window: str) -> None:
    """The window is closed: the draft is free at once. Raises `Unknown`."""
    with transaction(session):
        row = of(session, draft, lock=True)
        if row.editor_window == window:
            nobody = {"editor_id": None, "editor_window": None, "editor_seen_at": None}
            session.execute(update(Draft).where(Draft.id == draft).values(**nobody))


def of(session: Session, draft: str, *, lock: bool = False) -> Draft:
    """The row of an open draft, locked for a verb. Raises `Unknown`."""
    asked = select(Draft).where(Draft.id == draft, Draft.closed_at.is_(None))
    row = session.scalar(
        (asked.with_for_update() if lock else asked).execution_options(populate_existing=True)
    )
    if row is None:
        raise Unknown(draft)
    return row


def may_save(row: Draft, window: str, now: datetime) -> bool:
    """Whether a window may save: it edits, or nobody does."""
    return row.editor_window == window or _is_free(row, now)


def _is_free(row: Draft, now: datetime) -> bool:
    return row.editor_window is None or row.editor_seen_at is None or row.editor_seen_at <= now - UNHEARD


def _may_take(row: Draft, window: str, by: Acting, now: datetime) -> bool:
    unanswered = row.asked_window == window and row.asked_at is not None and row.asked_at <= now - PATIENCE
    return _is_free(row, now) or row.editor_id == by.person or unanswered


def _give(
    session: Session, row: Draft, window: str, by: Acting, now: datetime, *, keeps_question: bool = False
) -> None:
    values: dict[str, object] = {
        "editor_id": by.person,
        "editor_window": window[:WINDOW_LENGTH],
        "editor_seen_at": now,
    }
    if not keeps_question:
        values |= {"asked_by_id": None, "asked_window": None, "asked_at": None}
    session.execute(update(Draft).where(Draft.id == row.id).values(**values))


def _seen(session: Session, row: Draft, window: str, by: Acting, now: datetime) -> Editing:
    mine = row.editor_window == window
    names = people.names(session, {one for one in (row.editor_id, row.asked_by_id) if one})
    asking = names.get(row.asked_by_id or "") if mine and row.asked_window is not None else None
    free = _is_free(row, now)
    return Editing(
        mine,
        not mine and _may_take(row, window, by, now),
        None if free and not mine else names.get(row.editor_id or ""),
        row.editor_seen_at,
        asking,
    )
