"""Rehearsals kept for a day: the moves made so far, each list of them under an id of its own, never changed.

So a page's address shows the same as long as it is kept, a step back is the address before, and what was typed is
sealed. What came of the moves is never stored: it is played anew each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.platform.data import new_id, transaction
from app.platform.design import drafts, moves
from app.platform.design.entities import Rehearsal
from app.platform.design.moves import Move
from app.platform.registry import Acting
from app.platform.runtime.entities import Version
from app.platform.runtime.errors import Unknown

KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Script:
    """What is rehearsed, and the moves so far. `id` and `before` (a step back) are None before the first move.

    Either `draft` with its `revision`, or the published `version`.
    """

    process: str
    draft: str | None
    revision: int | None
    version: str | None
    base: datetime
    moves: tuple[Move, ...] = ()
    id: str | None = None
    before: str | None = None


def of_draft(session: Session, draft: str, now: datetime) -> Script:
    """A rehearsal of a draft as it is now, about to begin. Raises `Unknown`."""
    facts = drafts.get(session, draft)
    return Script(facts.process, draft, facts.revision, None, now)


def of_version(session: Session, version: str, now: datetime) -> Script:
    """The same of a published version. Raises `Unknown`."""
    process = session.scalar(select(Version.process).where(Version.id == version))
    if process is None:
        raise Unknown(version)
    return Script(process, None, None, version, now)


def files(session: Session, script: Script) -> dict[str, bytes]:
    """The files that are rehearsed. Raises `Unknown`."""
    if script.draft is not None:
        return drafts.files(session, script.draft, script.revision)
    return drafts.version_files(session, script.version or "")


def get(session: Session, rehearsal: str) -> Script:
    """A rehearsal that was kept. Raises `Unknown`, also when its day is over or its draft is closed."""
    row = session.execute(select(Rehearsal).where(Rehearsal.id == rehearsal)).scalar_one_or_none()
    if row is None:
        raise Unknown(rehearsal)
    return Script(
        row.process,
        row.draft_id,
        row.revision,
        row.version_id,
        row.base_at,
        moves.read(row.moves),
        row.id,
        row.before_id,
    )


def follow(script: Script, made: Sequence[Move]) -> Script:
    """What comes of `script` with the moves made, under an id of its own."""
    return replace(script, id=new_id(), before=script.id, moves=tuple(made))


def keep(session: Session, script: Script, by: Acting, now: datetime) -> None:
    """Keep the moves of `script`, which follows another, under its id; what is older than a day goes."""
    with transaction(session):
        session.execute(delete(Rehearsal).where(Rehearsal.made_at < now - KEPT))
        session.execute(
            insert(Rehearsal).values(
                id=script.id,
                before_id=script.before,
                process=script.process,
                draft_id=script.draft,
                revision=script.revision,
                version_id=script.version,
                moves=[one.written() for one in script.moves],
                base_at=script.base,
                made_by_id=by.person,
                made_at=now,
            )
        )
