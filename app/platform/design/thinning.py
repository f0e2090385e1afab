"""Old states of drafts are thinned out, so that saving every second keeps a past one can look through."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.design.entities import Content, Draft, DraftState

WHOLE: Final = timedelta(days=1)
"""So long every state is kept; then of each hour the last one; those kept under a name, aside, or now stay for good."""
CLOSED: Final = timedelta(days=30)
"""So long a draft that was published or thrown away can be looked up by whoever keeps the house; then it goes."""
UNUSED: Final = timedelta(days=2)
"""A content that no state names goes after this time: a save may be about to name it."""
AT_ONCE: Final = 200


def thin(session: Session, now: datetime) -> int:
    """Thin out, draft by draft (a chore); return how many states went. Runs as often as one likes."""
    count = 0
    old = select(DraftState.draft_id).where(DraftState.saved_at < now - WHOLE).distinct()
    drafts = list(session.scalars(old.order_by(DraftState.draft_id)))
    for draft in drafts:
        with transaction(session):
            count += _of(session, draft, now)
    with transaction(session):
        _forget_contents(session, now)
    return count


def _of(session: Session, draft: str, now: datetime) -> int:
    row = session.get(Draft, draft)
    if row is None:
        return 0
    rows = session.scalars(
        select(DraftState).where(DraftState.draft_id == draft).order_by(DraftState.revision)
    ).all()
    if row.closed_at is not None and row.closed_at < now - CLOSED:
        gone = [one.id for one in rows]
    else:
        last = {one.saved_at.replace(minute=0, second=0, microsecond=0): one.id for one in rows}
        kept = set(last.values())
        gone = [
            one.id
            for one in rows
            if one.id not in kept
            and one.saved_at < now - WHOLE
            and one.note is None
            and not one.aside
            and one.revision != row.revision
        ]
    for start in range(0, len(gone), AT_ONCE):
        session.execute(delete(DraftState).where(DraftState.id.in_(gone[start : start + AT_ONCE])))
    if row.closed_at is not None and len(gone) == len(rows):
        session.execute(delete(Draft).where(Draft.id == draft))
    return len(gone)


def _forget_contents(session: Session, now: datetime) -> None:
    named: set[str] = set()
    for files in session.scalars(select(DraftState.files)):
        named |= set(files.values())
    unused = session.scalars(select(Content.hash).where(Content.used_at < now - UNUSED)).all()
    gone = sorted(set(unused) - named)
    for start in range(0, len(gone), AT_ONCE):
        still = Content.used_at < now - UNUSED  # unless a save has taken it up meanwhile
        session.execute(delete(Content).where(Content.hash.in_(gone[start : start + AT_ONCE]), still))
