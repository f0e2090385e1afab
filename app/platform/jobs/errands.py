"""Errands: long work that a person has asked for, with its progress and its result, to be left and found again.

An errand is a job that somebody looks at. Its function is registered like every other (`house.job(kind)`) and gets
its id as `arguments["errand"]`. While it works it tells how far it is (`step`), in transactions of its own; what it
writes last it writes together with `finish`, in the transaction that finishes the job.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.platform.data import new_id, transaction
from app.platform.jobs.entities import Errand
from app.platform.jobs.waiting import enqueue, retry
from app.platform.registry import Acting, Words

KEEP = timedelta(days=30)
BEGUN = "errands.begun"  # in `Session.info`: what was begun through this session, for whoever shows it
UNDER_WAY = ("waiting", "running")
_table = Errand.__table__


class Stopped(Exception):
    """The person who asked for it has called it off; what is written so far stays, the rest is left.

    Let it pass: whoever runs the job takes it for an end and not for an error.
    """


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an errand is. `result` and `arguments` hold ids, counts and codes, never personal data.

    `state`: waiting, running, done, failed or stopped. `total` is None until it is known.
    """

    id: str
    kind: str
    title: Words
    owner: str
    state: str
    done: int
    total: int | None
    arguments: Mapping[str, Any]
    result: Mapping[str, Any]
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed", "stopped")


def begin(
    session: Session,
    kind: str,
    title: Words,
    arguments: Mapping[str, Any],
    by: Acting,
    now: datetime,
    total: int | None = None,
) -> str:
    """Write the errand and its job, and return the errand's id; joins the open transaction."""
    identifier = new_id()
    with transaction(session):
        job = enqueue(session, kind, {**arguments, "errand": identifier}, now, key=f"errand:{identifier}")
        session.execute(
            insert(Errand).values(
                id=identifier,
                kind=kind,
                title_zh=title.zh,
                title_en=title.en,
                owner_id=by.person,
                post_id=by.post.id if by.post else None,
                state="waiting",
                done=0,
                total=total,
                arguments=dict(arguments),
                result={},
                job_id=job,
                created_at=now,
            )
        )
        session.info.setdefault(BEGUN, []).append(identifier)
    return identifier


def keep(
    session: Session,
    kind: str,
    title: Words,
    arguments: Mapping[str, Any],
    result: Mapping[str, Any],
    by: Acting,
    now: datetime,
) -> str:
    """Write down what was done at once as an errand that is over, to be found like one; joins the open transaction."""
    identifier = new_id()
    with transaction(session):
        session.execute(
            insert(Errand).values(
                id=identifier,
                kind=kind,
                title_zh=title.zh,
                title_en=title.en,
                owner_id=by.person,
                post_id=by.post.id if by.post else None,
                state="done",
                done=0,
                arguments=dict(arguments),
                result=dict(result),
                job_id="",  # nobody has worked on it
                created_at=now,
                finished_at=now,
            )
        )
    return identifier


def step(session: Session, errand: str, done: int, total: int | None = None) -> None:
    """Tell how far it is. Joins the open transaction, or has one of its own. Raises `Stopped`."""
    values: dict[str, Any] = {"state": "running", "done": done}
    if total is not None:
        values["total"] = total
    with transaction(session):
        told = session.execute(
            update(Errand)
            .where(_table.c.id == errand, _table.c.state.in_(UNDER_WAY))
            .values(**values)
            .returning(_table.c.id)
        ).first()
    if told is None:
        raise Stopped(errand)


def finish(
    session: Session, errand: str, result: Mapping[str, Any], now: datetime, state: str = "done"
) -> None:
    """Write down what came of it; joins the transaction that finishes the job. Raises `Stopped`.

    A file that is its result stands in `result["file"]`: it goes when the errand goes. One that is `failed` for a
    reason its owner should know says so in `result["why"]` (`{"zh", "en"}`): trying again would not help.
    """
    with transaction(session):
        told = session.execute(
            update(Errand)
            .where(_table.c.id == errand, _table.c.state.in_(UNDER_WAY))
            .values(state=state, result=dict(result), finished_at=now)
            .returning(_table.c.id)
        ).first()
        if told is None:
            raise Stopped(errand)


def refuse(session: Session, errand: str, words: Words, now: datetime) -> None:
    """Let it end as failed for a reason its owner should know: trying again would not help. Raises `Stopped`."""
    finish(session, errand, {"why": words._asdict()}, now, "failed")


def stop(session: Session, errand: str, by: Acting, now: datetime) -> bool:
    """Call off one's own errand; its job notices at its next `step`. False if it is over or not one's own."""
    with transaction(session):
        stopped = session.execute(
            update(Errand)
            .where(
                _table.c.id == errand,
                _table.c.owner_id == by.person,
                _table.c.state.in_(UNDER_WAY),
            )
            .values(state="stopped", finished_at=now)
            .returning(_table.c.id)
        ).first()
    return stopped is not None


def fail(session: Session, job: str, now: datetime) -> None:
    """Let the errand of a job that was given up say so; joins the transaction that gives it up."""
    session.execute(
        update(Errand)
        .where(_table.c.job_id == job, _table.c.state.in_(UNDER_WAY))
        .values(state="failed", finished_at=now)
    )


def again(session: Session, errand: str, by: Acting, now: datetime) -> bool:
    """Let one's own failed errand try once more; False if there is none, or its job came to an end."""
    with transaction(session):
        job = session.scalar(
            select(_table.c.job_id)
            .where(_table.c.id == errand, _table.c.owner_id == by.person, _table.c.state == "failed")
            .with_for_update()
        )
        if job is None or not retry(session, job, now):
            return False
        session.execute(
            update(Errand)
            .where(_table.c.id == errand)
            .values(state="waiting", done=0, finished_at=None, result={})
        )
        session.info.setdefault(BEGUN, []).append(errand)
    return True


def get(session: Session, errand: str, by: Acting) -> Standing | None:
    """One's own errand, or None: what others have asked for is nobody's business."""
    row = session.execute(select(_table).where(_table.c.id == errand, _table.c.owner_id == by.person)).first()
    return _standing(row) if row is not None else None


def own(session: Session, by: Acting, most: int = 50, only: Collection[str] | None = None) -> list[Standing]:
    """One's own errands, or `only` some of them by id, newest first. One statement."""
    asked = select(_table).where(_table.c.owner_id == by.person)
    if only is not None:
        asked = asked.where(_table.c.id.in_(only))
    return [_standing(row) for row in session.execute(asked.order_by(_table.c.id.desc()).limit(most))]


def forget(session: Session, now: datetime) -> list[Mapping[str, Any]]:
    """Delete errands that ended more than thirty days ago; return their results. Joins the open transaction."""
    with transaction(session):
        gone = session.execute(
            delete(Errand).where(_table.c.finished_at < now - KEEP).returning(_table.c.result)
        )
        return [row.result for row in gone]


def _standing(row: Any) -> Standing:
    return Standing(
        id=row.id,
        kind=row.kind,
        title=Words(row.title_zh, row.title_en),
        owner=row.owner_id,
        state=row.state,
        done=row.done,
        total=row.total,
        arguments=row.arguments,
        result=row.result,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
