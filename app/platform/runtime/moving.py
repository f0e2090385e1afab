"""Return, withdraw and repair of an instance: the engine says what is possible, here it becomes true once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.data import transaction
from app.platform.registry import Acting, Refused, Words, house
from app.platform.runtime import (
    firing,
    incidents,
    policy,
    receipts,
    seats,
    stepping,
    tasks,
    unanswered,
    views,
    withdrawing,
)
from app.platform.runtime.entities import History, Task
from app.platform.runtime.errors import (
    CannotMove,
    Forbidden,
    HookRefused,
    InstanceChanged,
    MissingOpinion,
    Unknown,
)
from app.platform.runtime.history import Happening
from app.platform.runtime.items import judged_at, put, taken_back
from app.platform.runtime.withdrawing import may_withdraw as may_withdraw
from app.platform.runtime.withdrawing import withdrawable as withdrawable

TASK, HISTORY = Task.__table__, History.__table__
RETURNED = Words("退回", "Return")
MOVED = Words("调整", "Move")
SEND_BACK = (
    update(TASK)  # type: ignore[arg-type]
    .where(TASK.c.id == bindparam("_id"), TASK.c.revision == bindparam("_revision"), TASK.c.state == "open")
    .values(
        state="returned",
        closed_at=bindparam("_at"),
        closed_by_id=bindparam("_by"),
        closed_for_id=bindparam("_for"),
        paused_at=None,
        revision=TASK.c.revision + 1,
    )
)
DECIDED = (
    select(HISTORY.c.element)
    .where(HISTORY.c.instance_id == bindparam("instance"), HISTORY.c.kind == "decided")
    .distinct()
)

WAS = select(TASK.c.is_returned, TASK.c.opened_at, TASK.c.paused_days).where(TASK.c.id == bindparam("task"))


@dataclass(frozen=True, slots=True)
class Place:
    """A step an instance could go back to; `because`: why it may not, in words, None where it may."""

    element: str
    name: Words
    because: Words | None


def places_to_return(session: Session, task: str, by: Acting, now: datetime) -> tuple[Place, ...]:
    """The steps decided in the instance of `task`, latest first, and which of them it may be sent back to.

    Raises `Unknown` for a task that is none of the reader's business.
    """
    views.task(session, task, by, now)
    return places_of(session, task)


def places_of(session: Session, task: str) -> tuple[Place, ...]:
    """The same for a task that has been read already. Three statements at most."""
    row = session.execute(tasks.FIND, {"task": task}).one()
    if row.state != "open":
        return ()
    held = session.execute(stepping.READ, {"instance": row.instance_id}).one()
    program = stepping.program_of(session, held)
    decided = session.execute(
        select(HISTORY.c.element, HISTORY.c.seq)
        .where(HISTORY.c.instance_id == row.instance_id, HISTORY.c.kind == "decided")
        .order_by(HISTORY.c.seq.desc())
    ).all()
    possible = engine.targets(program.definition, held.tokens, row.element, row.visit)
    found: dict[str, Place] = {}
    for each in decided:
        drawn = program.definition.tasks.get(each.element)
        if drawn is None or each.element in found or each.element not in possible:
            continue
        code = possible[each.element]
        found[each.element] = Place(
            each.element, drawn.name, None if code is None else CannotMove(each.element, code).words
        )
    return tuple(found.values())


def send_back(
    session: Session,
    task: str,
    to: str,
    revision: int,
    by: Acting,
    now: datetime,
    comment: str = "",
    items: Mapping[str, str] | None = None,
    then: Literal["step_by_step", "straight_back"] = "step_by_step",
    key: str | None = None,
) -> tasks.Completed:
    """Send an open task back to a step the instance has passed (退回), with an opinion.

    `items`: fields and files by name, each with what is wrong with it. `then`: whether the steps between are
    taken again, or the matter comes straight back. Raises what `tasks.complete` raises, and `CannotMove`.
    """
    body = receipts.body_of("return", task, to, comment, dict(items or {}), then)
    with incidents.reporting(session, by, now, task=task), transaction(session):
        held = stepping.hold(session, by, now, task=task)
        firing.overtake(held)
        row = session.execute(tasks.FIND, {"task": task}).one()
        before = tasks.answered(session, row, key, by, body)
        if before is not None:
            return before
        drawn = held.program.asked(row)
        standing = tasks.mind_open(session, held, row, drawn, revision)
        if "return" not in drawn.allow:
            raise Forbidden("task.return")
        if not comment.strip():
            raise MissingOpinion(RETURNED)
        tasks.mind_opinion(comment)
        _mind_decided(session, held, to)
        named = judged_at(held, row, drawn, items) if items else None
        step = _move(held, row.element, row.visit, to, then == "straight_back")
        closed = session.execute(
            SEND_BACK,
            {
                "_id": task,
                "_revision": revision,
                "_at": now,
                "_by": by.person,
                "_for": standing.person if standing.principal else None,
            },
        )
        if closed.rowcount != 1:  # type: ignore[attr-defined]
            raise InstanceChanged()
        seats.close_of(held, "returned")
        unanswered.of_task(held, row)
        held.returned = True
        said = {"comment": comment, "zh": RETURNED.zh, "en": RETURNED.en, "name": by.name, "to": to}
        more: dict[str, Any] = {"items": dict(items)} if items else {}
        if named and named.of:
            more["of"] = dict(named.of)
        if standing.principal is not None:
            more |= {"for": standing.person, "for_name": standing.principal.name}
        held.pen.write(
            Happening("returned", row.element, task, by.person, to[:60], body={**said, **more, "then": then})
        )
        put(held, row, named)
        stepping.write(held, step, closing=row.visit)
        receipts.give(session, by.person, key, body, {"instance": held.id, "tasks": held.opened}, now)
        return tasks.Completed(held.id, tuple(held.opened))


def withdraw(
    session: Session, instance: str, by: Acting, now: datetime, comment: str = "", key: str | None = None
) -> tasks.Completed:
    """Take back the last decision (撤回), by whoever made it, while nobody has acted since.

    Somebody having looked at it is no act. Raises `Unknown`, `Forbidden`, `CannotMove`, `InstanceChanged`.
    """
    body = receipts.body_of("withdraw", instance, comment)
    with incidents.reporting(session, by, now, instance=instance), transaction(session):
        held = stepping.hold(session, by, now, instance=instance)
        firing.overtake(held)
        before = receipts.answered(session, by.person, key, body)
        if before is not None:
            return tasks.Completed(before["instance"], tuple(before["tasks"]), is_repeat=True)
        if not policy.may_read(session, by, instance):
            raise Unknown(instance)
        if held.state != "running":
            raise InstanceChanged()
        last = session.execute(withdrawing.LAST_ACT, {"instance": instance}).one_or_none()
        if last is None or last.by_id != by.person:
            raise CannotMove(instance, "acted_since" if last is not None else "not_last")
        if last.kind != "decided":
            raise CannotMove(instance, "not_last")
        drawn = held.program.definition.tasks.get(last.element)
        if drawn is None:  # it was decided before the instance was carried over to a version without it
            raise CannotMove(last.element, "not_passed")
        if "withdraw" not in drawn.allow:
            raise Forbidden("task.withdraw")
        older = session.scalar(withdrawing.NEWEST_BEFORE, {"instance": instance, "seq": last.seq}) or 0
        element, visit = withdrawing.successor(held.program.definition, held.tokens, drawn.id, older)
        step = _move(held, element, visit, drawn.id, straight_back=False)
        tasks.mind_opinion(comment)
        was = session.execute(WAS, {"task": last.task_id}).one()
        held.returned, held.since, held.paused = was.is_returned, was.opened_at, was.paused_days
        taken_back(held, last.seq, (token.element for token in step.closed))
        held.pen.write(
            Happening(
                "withdrawn", drawn.id, last.task_id, by.person, body={"comment": comment, "name": by.name}
            )
        )
        stepping.write(held, step)
        receipts.give(session, by.person, key, body, {"instance": held.id, "tasks": held.opened}, now)
        return tasks.Completed(held.id, tuple(held.opened))


def move(
    session: Session,
    instance: str,
    source: str,
    target: str,
    reason: str,
    by: Acting,
    now: datetime,
    key: str | None = None,
    visit: int | None = None,
) -> tasks.Completed:
    """Put the token that waits at element `source` at element `target`: a repair, by whoever looks after it.

    `visit`: which, where several wait there; else the oldest. Raises `Unknown`, `Forbidden`, `MissingOpinion`,
    `CannotMove`, `InstanceChanged`, and the engine's errors.
    """
    body = receipts.body_of("move", instance, source, target, reason)
    with incidents.reporting(session, by, now, instance=instance), transaction(session):
        held = hold_to_manage(session, instance, by, now)
        firing.overtake(held)
        before = receipts.answered(session, by.person, key, body)
        if before is not None:
            return tasks.Completed(before["instance"], tuple(before["tasks"]), is_repeat=True)
        if not reason.strip():
            raise MissingOpinion(MOVED)
        tasks.mind_opinion(reason)
        if held.state != "running":
            raise InstanceChanged()
        live = engine.tokens(held.program.definition, held.tokens)
        token = next((t for t in live if t.element == source and visit in (None, t.visit)), None)
        if token is None:
            raise CannotMove(source, "nothing_here")
        try:
            step = engine.repair(
                held.program.definition,
                held.tokens,
                (token.element, token.visit),
                target,
                stepping.caller(held),
                now,
            )
        except engine.Immovable as error:
            raise CannotMove(error.target, error.code) from error
        said = {"comment": reason, "name": by.name, "to": target}
        held.pen.write(Happening("moved", source, by=by.person, outcome=target[:60], body=said))
        if held.row.has_incident:
            stepping.close_incidents(held, stepping.INCIDENT.c.element == source)
        stepping.write(held, step)
        receipts.give(session, by.person, key, body, {"instance": held.id, "tasks": held.opened}, now)
        return tasks.Completed(held.id, tuple(held.opened))


def hold_to_manage(session: Session, instance: str, by: Acting, now: datetime) -> stepping.Held:
    """Lock an instance for whoever looks after it. Raises `Unknown`, or `Forbidden` to those who only read it."""
    held = stepping.hold(session, by, now, instance=instance)
    if not policy.may_manage(by, held.row.place, held.row.starter_id):
        if not policy.may_read(session, by, instance):
            raise Unknown(instance)
        raise Forbidden("instance.manage")
    return held


def _mind_decided(session: Session, held: stepping.Held, to: str) -> None:
    if to not in held.program.definition.tasks:
        raise CannotMove(to, "not_decided")
    if to not in session.scalars(DECIDED, {"instance": held.id}).all():
        raise CannotMove(to, "not_decided")


def _move(held: stepping.Held, element: str, visit: int, to: str, straight_back: bool) -> engine.Step:
    """Ask the engine, and take back what services between have done, where they can."""
    definition = held.program.definition
    try:
        for at, action in () if straight_back else engine.undone(definition, held.tokens, element, visit, to):
            undo = house.actions[action].undo
            if undo is not None:
                undo(held.call(at))
        return engine.move(
            definition, held.tokens, (element, visit), to, stepping.caller(held), held.now, straight_back
        )
    except engine.Immovable as error:
        raise CannotMove(error.target, error.code) from error
    except Refused as refused:
        raise HookRefused(refused.words, refused.field) from refused
