"""Folds changes of counts into what is kept, and counts everything anew where that was never done."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import delete, insert, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.platform import calendar
from app.platform.calendar import ZONE
from app.platform.data import transaction
from app.platform.identity.places import above, alone
from app.platform.monitoring import durations, truth
from app.platform.monitoring.entities import Delta, Figure, Mark, Stay

BUILT = "figures"
AT_ONCE = 5_000
MOST_ROUNDS = 20
LOCK = 0x6669_6775  # who folds holds it; nobody else waits for it
KEY = ("figure", "place", "process", "version_id", "element", "detail", "day")
Kept = Counter[tuple[str, ...]]


def fold(session: Session, now: datetime) -> int:
    """Fold in what has changed (a chore); return how many changes. The first time everything is counted.

    Few thousand changes in one transaction, so that on SQLite nobody waits for long.
    """
    built = session.scalar(select(Mark.at).where(Mark.key == BUILT))
    session.rollback()
    if built is None:
        return rebuild(session, now)
    count = 0
    for _round in range(MOST_ROUNDS):
        if not _is_any(session):
            break
        with transaction(session):
            if not _alone(session):
                break
            done = _fold_some(session)
        count += done
        if done < AT_ONCE:
            break
    return count


def _is_any(session: Session) -> bool:
    """Whether there is anything to fold: asked first, so that nobody takes SQLite's one lock for nothing."""
    found = session.scalar(select(or_(select(Delta.id).exists(), select(Stay.id).exists())))
    session.rollback()
    return bool(found)


def rebuild(session: Session, now: datetime) -> int:
    """Count everything anew within one snapshot, while others go on writing; return how many counts are kept.

    What they write meanwhile stays behind as changes, and is folded in later. Returns 0 where somebody folds just now.
    """
    with transaction(session):
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            session.execute(text("SET LOCAL statement_timeout = 0"))
            session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        if not _alone(session):
            return 0
        for entity in (Delta, Stay, Figure):
            session.execute(delete(entity), execution_options={"synchronize_session": False})
        count = 0
        for kept in _by_place(itertools.chain(_counts(session), _times(session))):
            _write(session, kept)
            count += len(kept)
        note(session, BUILT, now, {"counts": count})
    return count


def _counts(session: Session) -> Iterator[tuple[str, Kept]]:
    """What is counted at each place, figure by figure."""
    for (_figure, place), rows in groupby(truth.counted(session), lambda row: (row[0], row[1])):
        yield place, Counter({tuple(row[:-1]): row[-1] for row in rows})


def _times(session: Session) -> Iterator[tuple[str, Kept]]:
    """The times spent at each place: of steps, then of whole cases."""
    clock = durations.Clock(calendar.load(session))
    for (place, _is_case), rows in groupby(truth.stays(session), lambda row: (row.place, row.element == "")):
        yield place, _leaves(clock, rows)


def _by_place(found: Iterable[tuple[str, Kept]]) -> Iterator[Kept]:
    """Add up what comes in the order of its places, and give the counts of a place once it is behind.

    So that not all counties of a country are in memory at once, only those on the way down to one of them.
    """
    open_places = dict[str, Kept]()
    for place, leaves in found:
        here = levels(place)
        for gone in [level for level in open_places if level not in here]:
            yield open_places.pop(gone)
        for level in here:
            kept = open_places.setdefault(level, Counter())
            for (figure, _place, *rest), n in leaves.items():
                kept[(figure, level, *rest)] += n
    yield from open_places.values()


def _alone(session: Session) -> bool:
    """Whether nobody else folds; on SQLite nobody else writes anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(session.scalar(text(f"SELECT pg_try_advisory_xact_lock({LOCK})")))


def _fold_some(session: Session) -> int:
    some = select(Delta.id).order_by(Delta.id).limit(AT_ONCE)
    columns = [Delta.__table__.c[name] for name in (*KEY, "n")]
    rows = session.execute(
        delete(Delta).where(Delta.id.in_(some)).returning(*columns),
        execution_options={"synchronize_session": False},
    ).all()
    some = select(Stay.id).order_by(Stay.id).limit(AT_ONCE)
    stays = session.execute(
        delete(Stay).where(Stay.id.in_(some)).returning(*(Stay.__table__.c)),
        execution_options={"synchronize_session": False},
    ).all()
    leaves: Kept = Counter()
    for row in rows:
        leaves[tuple(row[:-1])] += row.n
    changed = rolled(leaves)
    changed.update(timed(session, stays))
    _add(session, {key: count for key, count in changed.items() if count})
    return max(len(rows), len(stays))


def levels(place: str) -> tuple[str, ...]:
    """Where something at `place` counts: everywhere above it, there, and at that place alone."""
    return (*above(place), *((alone(place),) if place else ()))


def rolled(leaves: Mapping[tuple[str, ...], int]) -> Kept:
    """Add counts up the places they lie in."""
    kept: Kept = Counter()
    for (figure, place, *rest), count in leaves.items():
        for level in levels(place):
            kept[(figure, level, *rest)] += count
    return kept


def timed(session: Session, stays: Iterable[Any]) -> Kept:
    """What steps that were decided and cases that ended count as, by the day of the end."""
    return rolled(_leaves(durations.Clock(calendar.load(session)), stays))


def _leaves(clock: durations.Clock, stays: Iterable[Any]) -> Kept:
    leaves: Kept = Counter()
    for row in stays:
        day = row.to_at.astimezone(ZONE).date().isoformat()
        spent = durations.bucket(clock.minutes(row.from_at, row.to_at, row.paused_days))
        about = (row.place, row.process, row.version_id, row.element)
        leaves["stay", *about, spent, day] += row.n
        if row.due_at is not None and row.to_at > row.due_at:
            leaves["late", *about, "", day] += row.n
        if row.is_return:
            leaves["returned", *about, "", day] += row.n
    return leaves


def _add(session: Session, changed: Mapping[tuple[str, ...], int]) -> None:
    """Add to what is kept, in the order of the keys; a count that is there no more has no row."""
    rows = [dict(zip(KEY, key, strict=True)) | {"n": count} for key, count in sorted(changed.items())]
    insert_of = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for begin in range(0, len(rows), 500):
        adding: Any = insert_of(Figure).values(rows[begin : begin + 500])
        session.execute(
            adding.on_conflict_do_update(
                index_elements=list(KEY), set_={"n": Figure.__table__.c.n + adding.excluded.n}
            )
        )
    if any(count < 0 for count in changed.values()):
        session.execute(delete(Figure).where(Figure.n == 0), execution_options={"synchronize_session": False})


def _write(session: Session, kept: Kept) -> None:
    rows = [dict(zip(KEY, key, strict=True)) | {"n": count} for key, count in kept.items() if count]
    for begin in range(0, len(rows), 10_000):
        session.execute(insert(Figure), rows[begin : begin + 10_000])


def note(session: Session, key: str, now: datetime, said: Mapping[str, Any]) -> None:
    """Write down that something was done now; inside the caller's transaction."""
    done = session.execute(update(Mark).where(Mark.key == key).values(at=now, said=dict(said)))
    if done.rowcount == 0:  # type: ignore[attr-defined]
        session.execute(insert(Mark).values(key=key, at=now, said=dict(said)))
