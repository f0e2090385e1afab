"""Timers are rows: armed with what a step opens, gone with what it closes, and found by an index when due.

Nothing here fires one; that is `firing`. Each change is one statement, whatever the number of timers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, delete, func, insert, null, select, update
from sqlalchemy.orm import Session

from app.platform import calendar
from app.platform.calendar import Deadline
from app.platform.data import new_id
from app.platform.engine import Definition, Faulty, Token, UserTask
from app.platform.runtime.entities import Instance, Task, Timer

if TYPE_CHECKING:
    from app.platform.runtime.stepping import Held

TIMER, INSTANCE = Timer.__table__, Instance.__table__
INSERT = insert(TIMER)  # type: ignore[arg-type]
NEXT_EVENT = (  # read along with the lock, so that the ordinary completion asks nothing more
    select(func.min(TIMER.c.next_at))
    .where(TIMER.c.instance_id == INSTANCE.c.id, TIMER.c.kind == "event")
    .scalar_subquery()
    .label("next_event")
)
DISARM = delete(TIMER).where(  # type: ignore[arg-type]
    TIMER.c.instance_id == bindparam("_instance"), TIMER.c.visit == bindparam("_visit")
)
DISARM_ALL = delete(TIMER).where(TIMER.c.instance_id == bindparam("_instance"))  # type: ignore[arg-type]

TRIES = 3
"""So often is a timer tried; then it rests, and there is an incident."""

RENAME = (
    update(TIMER)  # type: ignore[arg-type]
    .where(TIMER.c.instance_id == bindparam("_instance"), TIMER.c.visit == bindparam("_visit"))
    .values(element=bindparam("_element"), version_id=bindparam("_version"))
)

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def read(element: str, text: str, armed_at: datetime, days: calendar.Calendar) -> Deadline:
    """When a timer armed at `armed_at` with `text` is due: after a period, or at a date or moment.

    A date is its first moment; without a zone it is Asia/Shanghai's. What lies in the past is due at once. Raises
    `Faulty` (`bad_timer`) for anything else.
    """
    try:
        if text.startswith("P"):
            return calendar.deadline(armed_at, text, days)
        moment = datetime.fromisoformat(text if not _DATE.fullmatch(text) else f"{text}T00:00:00")
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=calendar.ZONE)
        return Deadline(moment.astimezone(UTC))
    except (ValueError, OverflowError) as error:
        raise Faulty(element, "bad_timer", {"text": text[:60]}) from error


def arm(held: Held, tokens: Iterable[Token], tasks: Sequence[Mapping[str, Any]] = ()) -> None:
    """Arm what `tokens` wait for, and the reminders and escalations of `tasks` (their rows).

    At most one statement. Raises `Faulty` for a time that cannot be read.
    """
    rows = [_event(held, token) for token in tokens if token.kind == "timer"]
    _insert(held, rows + [row for task in tasks for row in _of_task(held, task)])


def disarm(held: Held, tokens: Collection[Token]) -> None:
    """Take away the timers of tokens that wait no more, reminders and escalations of tasks too. One statement."""
    drawn = held.program.definition.tasks if any(token.kind == "user" for token in tokens) else {}
    visits = {t.visit for t in tokens if t.kind == "timer" or _is_timed(drawn.get(t.element))}
    if visits:
        held.session.execute(DISARM, [{"_instance": held.id, "_visit": visit} for visit in sorted(visits)])


def disarm_all(held: Held) -> None:
    """Take away every timer of an instance that is over."""
    held.session.execute(DISARM_ALL, {"_instance": held.id})


def occur_in(definition: Definition) -> bool:
    """Whether instances of `definition` have timers at all."""
    events = (event.kind == "timer" for event in definition.events.values())
    return any(events) or any(_is_timed(task) for task in definition.tasks.values())


def _is_timed(task: UserTask | None) -> bool:
    return task is not None and bool(task.remind or task.escalate)


def _insert(held: Held, rows: list[dict[str, Any]]) -> None:
    if rows:
        held.session.execute(INSERT, rows)


def _event(held: Held, token: Token) -> dict[str, Any]:
    due = read(token.element, token.timer or "", held.now, held.days)
    return _row(
        held, "event", token.element, token.visit, None, token.timer or "", due.at, due.is_provisional
    )


def _of_task(held: Held, task: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The reminder of a task, unless its moment has passed already, and its escalation."""
    drawn = held.program.definition.tasks[task["element"]]
    if task["due_at"] is None:
        return []
    about = (task["element"], task["visit"], task["id"])
    sure = task["is_due_provisional"]
    rows = []
    if drawn.remind and (at := calendar.before(task["due_at"], drawn.remind, held.days)) > held.now:
        rows.append(_row(held, "remind", *about, drawn.remind, at, sure))
    if drawn.escalate and drawn.due:
        rows.append(_row(held, "escalate", *about, drawn.due, task["due_at"], sure))
    return rows


def _row(
    held: Held,
    kind: str,
    element: str,
    visit: int,
    task: str | None,
    text: str,
    due: datetime,
    is_provisional: bool,
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "instance_id": held.id,
        "version_id": held.row.version_id,
        "process": held.row.process,
        "element": element,
        "visit": visit,
        "task_id": task,
        "kind": kind,
        "armed_at": held.now,
        "text": text,
        "due_at": due,
        "is_provisional": is_provisional,
        "next_at": due if held.state != "suspended" else None,
        "tries": 0,
    }


def rename(held: Held, version: str, tokens: Iterable[Token]) -> None:
    """Let the timers speak of the elements of another version, in which the instance waits at `tokens`."""
    rows = [
        {"_instance": held.id, "_visit": token.visit, "_element": token.element, "_version": version}
        for token in tokens
        if token.kind in ("timer", "user")
    ]
    if rows:
        held.session.execute(RENAME, rows)


def rest(held: Held, task: str | None = None) -> None:
    """Let timers sleep, which stay armed: the instance's while it is suspended, a `task`'s while it is paused."""
    mine = [TIMER.c.instance_id == held.id] + ([TIMER.c.task_id == task] if task is not None else [])
    held.session.execute(update(Timer).where(*mine).values(next_at=None, leased_by=None, lease_until=None))


def go_on(held: Held, element: str | None = None) -> None:
    """Let sleeping timers be looked at again: what was due meanwhile is due now.

    Without `element` all but those given up after three failures; with it just those of that element. What belongs
    to a task whose deadline stands still sleeps on.
    """
    paused = select(Task.id).where(Task.instance_id == held.id, Task.paused_at.is_not(None))
    asleep = [TIMER.c.instance_id == held.id, TIMER.c.next_at.is_(None)]
    asleep.append(TIMER.c.tries < TRIES if element is None else TIMER.c.element == element)
    then = case((TIMER.c.task_id.in_(paused), null()), else_=TIMER.c.due_at)
    held.session.execute(update(Timer).where(*asleep).values(next_at=then, tries=0))


def put_off(held: Held, task: Any, due: Deadline) -> None:
    """Let the timers of a task, whose deadline has stood still and is `due` now, be looked at when they are due."""
    mine = select(TIMER).where(TIMER.c.instance_id == held.id, TIMER.c.task_id == task.id)
    for timer in held.session.execute(mine).all():
        at = due.at if timer.kind == "escalate" else calendar.before(due.at, timer.text, held.days)
        values = {"due_at": at, "is_provisional": due.is_provisional}
        if timer.tries < TRIES and held.state != "suspended":
            values["next_at"] = at
        held.session.execute(update(Timer).where(TIMER.c.id == timer.id).values(**values))


def wake_starts(session: Session, element: str) -> None:
    """Let the timer starts at `element` that were given up after three failures be looked at again."""
    asleep = (TIMER.c.kind == "start", TIMER.c.element == element, TIMER.c.next_at.is_(None))
    session.execute(update(Timer).where(*asleep).values(next_at=TIMER.c.due_at, tries=0))


def arm_starts(session: Session, version: str, definition: Definition, now: datetime) -> None:
    """Arm the timer starts of a version just published, instead of those of the versions before it.

    In publication's transaction. Raises `Faulty` (`bad_timer`) for a moment that cannot be read.
    """
    session.execute(delete(Timer).where(TIMER.c.process == definition.process, TIMER.c.kind == "start"))
    days, rows = calendar.load(session), []
    for element, event in definition.begins.items():
        if event is None or event.kind != "timer" or event.timer is None:
            continue
        text = event.timer if isinstance(event.timer, str) else _computed(element, event.timer, now)
        due = read(element, text, now, days)
        if not text.startswith("P") and due.at <= now - timedelta(days=1):
            continue  # a date long past is not made up for by publishing anew
        rows.append(
            {
                "id": new_id(),
                "instance_id": None,
                "version_id": version,
                "process": definition.process,
                "element": element,
                "kind": "start",
                "armed_at": now,
                "text": text,
                "due_at": due.at,
                "is_provisional": due.is_provisional,
                "next_at": due.at,
                "tries": 0,
            }
        )
    if rows:
        session.execute(INSERT, rows)


def _computed(element: str, expression: Any, now: datetime) -> str:
    try:
        value = expression.evaluate(dict.fromkeys(expression.names), now)
    except ValueError as error:
        raise Faulty(element, "bad_timer", {"text": expression.text[:60]}) from error
    return value if isinstance(value, str) else str(value)
