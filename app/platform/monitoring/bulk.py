"""One verb at many instances: begun for a set that is frozen then, paused, stopped, gone on with, and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, insert, literal, null, or_, select, update
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import new_id, transaction
from app.platform.identity import authority, roles
from app.platform.identity.entities import Person
from app.platform.jobs import walking
from app.platform.jobs.walking import Settled
from app.platform.monitoring import bulk_choosing, bulk_verbs, repair_requests
from app.platform.monitoring.bulk_choosing import Picked, Sorted
from app.platform.monitoring.bulk_entities import Bulk, BulkRow
from app.platform.monitoring.bulk_verbs import Wish
from app.platform.registry import Acting, Words
from app.platform.runtime import naming, receipts
from app.platform.runtime.errors import Forbidden, Unknown

JOB: Final = "monitoring/bulk"
UNDONE_WITHIN: Final = timedelta(hours=24)
AT_A_TIME: Final = 500  # rows written by one statement
TWO_NEEDED: Final = Words(
    "本单位规定流程修复须经他人同意：请逐件在“流程修复”中提交，由另一名管理员同意后执行。",
    "Repairs take two here: ask for each under Repair, and another administrator agrees to it.",
)


@dataclass
class Changed(Exception):
    """Other instances than those confirmed would be done by now: `count` of them."""

    count: int


@dataclass
class BadWish(Exception):
    """A parameter of the verb is missing or cannot be; `field` names it."""

    field: str
    words: Words


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What was confirmed: so many instances, and the mark of just these (`Sorted.mark`)."""

    count: int
    mark: str


@dataclass(frozen=True, slots=True)
class Question:
    """Where the set came from, for the record: the list's key, its question as typed, how many rows were ticked."""

    list: str
    typed: Mapping[str, str]
    ticked: int = 0


def begin(
    session: Session,
    picked: Picked,
    wish: Wish,
    question: Question,
    confirmed: Confirmed,
    by: Acting,
    now: datetime,
    *,
    key: str | None = None,
    refused: Mapping[str, Words] | None = None,
) -> str:
    """Freeze the set and set the errand; return the run. `refused`: what forecasts have found against single ones.

    Raises `Forbidden`, `BadWish`, `repairing.BadReason`, `Changed`, `KeyReused`.
    """
    wish = mind(session, wish, by, now)
    body = receipts.body_of("bulk", wish.as_json(), confirmed.mark)

    def run() -> dict[str, str]:
        chosen = bulk_choosing.look(session, picked, by, now, with_tokens=wish.verb == "move")
        found = bulk_choosing.sort(chosen, wish, by, now, refused)
        if not found.fit or confirmed != Confirmed(len(found.fit), found.mark):
            raise Changed(len(found.fit))
        return {"bulk": _freeze(session, found, wish, question, by, now)}

    with transaction(session):
        return str(receipts.once(session, by.person, key, body, now, run)["bulk"])


def mind(session: Session, wish: Wish, by: Acting, now: datetime) -> Wish:
    """The wish with what its verb asks for alone. Raises `Forbidden`, `BadWish`, `repairing.BadReason`."""
    _mind_right(by)
    if wish.verb not in bulk_verbs.VERBS:
        raise BadWish("verb", Words("请选择处理方式", "Choose what is to be done"))
    if wish.verb in bulk_verbs.TWO and repair_requests.takes_two():
        raise Forbidden("repair.two", TWO_NEEDED)
    if wish.verb == "transfer":
        _mind_person(session, wish.to, by, now)
    if wish.verb == "move":
        for name, words in _OF_A_MOVE.items():
            if not getattr(wish, name):
                raise BadWish(name, words)
    reason = bulk_verbs.reason_of(wish.verb, wish.reason)
    kept = {name: getattr(wish, name) for name in _PARAMETERS.get(wish.verb, ())}
    return Wish(wish.verb, reason, **kept)


def pause(session: Session, bulk: str, by: Acting, now: datetime) -> None:
    """Let it rest after the instance it is at. Raises `Forbidden`, `Unknown`, `Settled`."""
    _turn(session, bulk, ("running",), "paused", by, now)


def stop(session: Session, bulk: str, by: Acting, now: datetime) -> None:
    """End it: what is done stays done, the rest is left. Raises as `pause`."""
    _turn(session, bulk, ("running", "paused"), "stopped", by, now)


def go_on(session: Session, bulk: str, by: Acting, now: datetime) -> None:
    """Go on where it rests, in the name of `by` from now on. Raises as `pause`."""
    _mind_right(by)
    with transaction(session):
        row = hold(session, bulk, by)
        if walking.standing(session, row) != "paused":
            raise Settled()
        if row.verb in bulk_verbs.TWO and repair_requests.takes_two():
            raise Forbidden("repair.two", TWO_NEEDED)
        session.execute(update(Bulk).where(Bulk.id == bulk).values(asked_by_id=by.person))
        done = count(session, bulk)
        set_going(
            session, bulk, title(row.verb, row.total, row.undoing_id is not None), done, row.total, by, now
        )
        note(session, row, "bulk.resumed", by, now)


def undo(session: Session, bulk: str, by: Acting, now: datetime) -> str:
    """Take a run back whose verb can be: those instances in which nothing has happened since. Return the run that does.

    Raises `Forbidden`, `Unknown`, `Settled` where there is nothing (any more) to take back.
    """
    _mind_right(by)
    with transaction(session):
        row = hold(session, bulk, by)
        if (
            not may_undo(row, now)
            or session.scalar(select(Bulk.id).where(Bulk.undoing_id == bulk)) is not None
        ):
            raise Settled()
        was = (BulkRow.bulk_id == bulk, BulkRow.result == "done")
        total = session.scalar(select(func.count()).select_from(BulkRow).where(*was)) or 0
        if not total:
            raise Settled()
        verb, undoing = bulk_verbs.BACK[row.verb], new_id()
        why = f"撤销批量{bulk_verbs.NAMES[row.verb].zh}：{row.wish.get('reason') or bulk}"[:500]
        wish = Wish(verb, why)
        _enter(session, undoing, wish, row.asked, total, by, now, undoing_id=bulk)
        back = select(
            *(literal(undoing), BulkRow.instance_id, literal("[]"), BulkRow.to_id, BulkRow.from_id),
            *(BulkRow.revision, null()),
        ).where(*was)
        columns = ["bulk_id", "instance_id", "about", "from_id", "to_id", "revision", "result"]
        session.execute(insert(BulkRow).from_select(columns, back, include_defaults=False))
        body = {"bulk": bulk, "verb": verb, "count": total, "reason": why}
        audit.log(session, "runtime", "bulk.undo_begun", by, now, body, f"bulk:{undoing}")
        set_going(session, undoing, title(verb, total, is_undoing=True), 0, total, by, now)
    return undoing


def may_undo(row: Any, now: datetime) -> bool:
    """Whether a run's verb can be taken back, and the time for that is not over."""
    is_open = row.ended_at is not None and now < row.ended_at + UNDONE_WITHIN
    return is_open and row.undoing_id is None and row.verb in bulk_verbs.BACK


def visible(by: Acting) -> Any:
    """The SQL of runs that `by` may see and steer: his own, and all where he looks after everything."""
    return or_(Bulk.asked_by_id == by.person, literal("" in roles.reach_of(by, roles.MANAGE)))


def hold(session: Session, bulk: str, by: Acting) -> Any:
    """A run's row under lock. Raises `Unknown`, also for one that `by` may not see."""
    row = walking.hold(session, Bulk, bulk)
    if row is None or (row.asked_by_id != by.person and "" not in roles.reach_of(by, roles.MANAGE)):
        raise Unknown(bulk)
    return row


def count(session: Session, bulk: str) -> int:
    """How many instances have a result."""
    asked = select(func.count()).select_from(BulkRow)
    return session.scalar(asked.where(BulkRow.bulk_id == bulk, BulkRow.result.is_not(None))) or 0


def title(verb: str, total: int, is_undoing: bool = False) -> Words:
    """What its errand is called."""
    name = bulk_verbs.NAMES[verb]
    if is_undoing:
        return Words(f"撤销批量处理：{name.zh} {total} 件", f"Take back: {name.en} {total}")
    return Words(f"批量{name.zh} {total} 件", f"{name.en} {total} in bulk")


def set_going(
    session: Session, bulk: str, called: Words, done: int, total: int, by: Acting, now: datetime
) -> None:
    """Begin the errand that works at a run; joins the open transaction."""
    arguments = {"bulk": bulk, "person": by.person}
    walking.set_going(session, Bulk, bulk, JOB, called, arguments, done, total, by, now)


def note(session: Session, row: Any, kind: str, by: Acting, now: datetime) -> None:
    """Write down that a run was steered; joins the open transaction."""
    body = {"bulk": row.id, "verb": row.verb}
    audit.log(session, "runtime", kind, by, now, body, f"bulk:{row.id}")


_OF_A_MOVE: Final = {
    "version": Words("请选择流程版本", "Choose the version of a process"),
    "source": Words("请选择现在的环节", "Choose the step it waits at"),
    "target": Words("请选择移到哪个环节", "Choose where it goes"),
}
_PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {"transfer": ("to",), "move": tuple(_OF_A_MOVE)}


def _mind_right(by: Acting) -> None:
    if not roles.reach_of(by, roles.MANAGE):
        raise Forbidden("instance.manage")


def _mind_person(session: Session, person: str, by: Acting, now: datetime) -> None:
    if not person:
        raise BadWish("to", naming.TELL["nobody"])
    if person == by.person:
        raise BadWish("to", naming.TELL["own"])
    seen = authority.seen_within(roles.reach_of(by, roles.MANAGE), now)
    if session.scalar(select(Person.id).where(Person.id == person, seen)) is None:
        raise BadWish("to", naming.TELL["no_account"])


def _freeze(
    session: Session, found: Sorted, wish: Wish, question: Question, by: Acting, now: datetime
) -> str:
    """Write the run down with all that were chosen: those left out have their result already."""
    bulk, total = new_id(), len(found.fit) + len(found.unfit)
    asked = {"list": question.list, "typed": dict(question.typed), "ticked": question.ticked}
    _enter(session, bulk, wish, asked, total, by, now)
    rows = [
        {
            "bulk_id": bulk,
            "instance_id": one.id,
            "about": list(
                one.tasks if wish.verb == "transfer" else one.incidents if wish.verb == "retry" else ()
            ),
            "from_id": one.version if wish.verb == "migrate" else None,
            "to_id": one.current if wish.verb == "migrate" else None,
            "result": None if why is None else "skipped",
            "why": None if why is None else list(why),
            "at": None if why is None else now,
        }
        for one, why in (*((each, None) for each in found.fit), *found.unfit)
    ]
    for start in range(0, len(rows), AT_A_TIME):
        session.execute(insert(BulkRow), rows[start : start + AT_A_TIME])
    body = {"bulk": bulk, "verb": wish.verb, "reason": wish.reason, "count": len(found.fit)}
    more = {"list": question.list, "filters": dict(question.typed), "ticked": question.ticked}
    parameters = {name: value for name, value in wish.as_json().items() if value and name not in body}
    audit.log(session, "runtime", "bulk.begun", by, now, {**body, **more, **parameters}, f"bulk:{bulk}")
    set_going(session, bulk, title(wish.verb, len(found.fit)), len(found.unfit), total, by, now)
    return bulk


def _enter(
    session: Session,
    bulk: str,
    wish: Wish,
    asked: Mapping[str, Any],
    total: int,
    by: Acting,
    now: datetime,
    undoing_id: str | None = None,
) -> None:
    session.execute(
        insert(Bulk).values(
            id=bulk,
            verb=wish.verb,
            wish=wish.as_json(),
            asked=dict(asked),
            asked_by_id=by.person,
            asked_at=now,
            total=total,
            state="running",
            undoing_id=undoing_id,
        )
    )


def _turn(session: Session, bulk: str, states: Sequence[str], to: str, by: Acting, now: datetime) -> None:
    _mind_right(by)
    with transaction(session):
        row = hold(session, bulk, by)
        walking.turn(session, Bulk, row, states, to, now)
        note(session, row, f"bulk.{to}", by, now)
