"""The lines of a repair: what each asks for, and how it is carried out through the verbs there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.identity import authority, roles
from app.platform.identity.entities import Person
from app.platform.monitoring import mends
from app.platform.registry import Acting, Refused, Words
from app.platform.runtime import branching, control, errors, moving, naming, transferring, work
from app.platform.runtime.entities import Incident, Task
from app.platform.runtime.incidents import BROKEN

Kind = Literal[
    "move", "add", "drop", "retry", "assign", "set", "end", "fire", "deliver", "free", "resume", "migrate"
]
KINDS: Final = frozenset(get_args(Kind))
MOST: Final = 20
LONGEST: Final = 200  # characters of what a line names
Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to be put right.

    `at`: the token (`element#visit`) of a move or drop, or beside which one is added; the task of an assign, the
    incident of a retry, the name of a variable, the key of what a verb of `mends` is done to. `to`: the element a
    token goes to or is added at, or the person a task is given to. `value`: of the variable, or what one more of
    several instances is for.
    """

    kind: Kind
    at: str = ""
    to: str = ""
    value: Value = None

    @property
    def token(self) -> tuple[str, int]:
        """The token a move, add or drop speaks of: its element, and which visit."""
        element, _, visit = self.at.rpartition("#")
        return element, int(visit) if visit.isascii() and visit.isdecimal() and len(visit) < 10 else 0

    def as_json(self) -> dict[str, Any]:
        """As it is kept and as a form carries it."""
        return {"kind": self.kind, "at": self.at, "to": self.to, "value": self.value}


@dataclass
class BadLine(Exception):
    """Line `number` (from 1) cannot be done, in words meant for whoever asked; nothing has been done at all."""

    number: int
    words: Words

    def __str__(self) -> str:
        return f"{self.number}: {self.words.zh}"


def read(found: Any) -> Line:
    """A line from JSON that somebody has sent. Raises `ValueError` for what none can be."""
    if not isinstance(found, dict) or found.get("kind") not in KINDS:
        raise ValueError("kind")
    at, to, value = found.get("at", ""), found.get("to", ""), found.get("value")
    if not all(isinstance(text, str) and len(text) <= LONGEST for text in (at, to)):
        raise ValueError("names")
    if not isinstance(value, str | int | float | bool | None):
        raise ValueError("value")
    return Line(found["kind"], at, to, value)


def carry_out(
    session: Session, instance: str, lines: Sequence[Line], reason: str, by: Acting, now: datetime
) -> None:
    """Do the lines in order, in the caller's transaction, which must fail with the first. Raises `BadLine`."""
    if not lines:
        raise BadLine(0, Words("请先添加要修复的内容。", "Add what is to be put right first."))
    if len(lines) > MOST:
        raise BadLine(MOST + 1, Words(f"一次最多 {MOST} 项。", f"At most {MOST} lines at a time."))
    for number, line in enumerate(lines, 1):
        try:
            _VERBS[line.kind](session, instance, line, reason, by, now)
        except REFUSALS as error:
            raise BadLine(number, said(error, line)) from error


def _move(session: Session, instance: str, line: Line, reason: str, by: Acting, now: datetime) -> None:
    element, visit = line.token
    moving.move(session, instance, element, line.to, reason, by, now, visit=visit)


def _add(session: Session, instance: str, line: Line, reason: str, by: Acting, now: datetime) -> None:
    item = None if line.value is None else str(line.value)
    branching.add(session, instance, line.token, line.to, reason, by, now, item)


def _drop(session: Session, instance: str, line: Line, reason: str, by: Acting, now: datetime) -> None:
    branching.take_away(session, instance, line.token, reason, by, now)


def _retry(session: Session, instance: str, line: Line, reason: str, by: Acting, now: datetime) -> None:
    his = select(Incident.id).where(Incident.id == line.at, Incident.instance_id == instance)
    if session.scalar(his) is None:
        raise errors.Unknown(line.at)
    work.retry(session, line.at, by, now)


def _assign(session: Session, instance: str, line: Line, reason: str, by: Acting, now: datetime) -> None:
    row = session.execute(
        select(Task.revision).where(Task.id == line.at, Task.instance_id == instance)
    ).one_or_none()
    if row is None:
        raise errors.Unknown(line.at)
    if line.to == by.person:
        raise naming.bad("own")
    seen = authority.seen_within(roles.reach_of(by, roles.MANAGE), now)
    if session.scalar(select(Person.id).where(Person.id == line.to, seen)) is None:
        raise naming.bad("no_account")
    transferring.transfer(session, line.at, line.to, row.revision, by, now, reason)


def _set(session: Session, instance: str, line: Line, reason: str, by: Acting, now: datetime) -> None:
    control.set_variables(session, instance, {line.at: line.value}, reason, by, now)


def _end(session: Session, instance: str, line: Line, reason: str, by: Acting, now: datetime) -> None:
    control.cancel(session, instance, reason, by, now)


def _mend(session: Session, instance: str, line: Line, reason: str, by: Acting, now: datetime) -> None:
    if mends.instance_of(session, line.kind, line.at) != instance:
        raise errors.Unknown(line.at)
    mends.VERBS[line.kind](session, line.at, reason, by, now)


_VERBS: Final[Mapping[str, Callable[[Session, str, Line, str, Acting, datetime], None]]] = {
    "move": _move,
    "add": _add,
    "drop": _drop,
    "retry": _retry,
    "assign": _assign,
    "set": _set,
    "end": _end,
    **dict.fromkeys(mends.VERBS, _mend),
}
GONE: Final = Words("它已经不再停滞。", "It does not stand still any more.")
REFUSALS: Final = (errors.RuntimeRefusal, Refused, *BROKEN)


def said(error: Exception, line: Line | None = None) -> Words:
    """Why a verb of the runtime, or a `line` of it, cannot be done, in both languages."""
    match error:
        case (
            errors.CannotMove(words=words)
            | errors.BadPerson(words=words)
            | errors.HookRefused(words=words)
            | Refused(words=words)
        ):
            return words
        case errors.BadVariable(name=name):
            return Words(
                f"变量“{name}”不在流程声明之中，或其值不能使用。",
                f"The process declares no variable “{name}”, or it cannot have that value.",
            )
        case errors.Unknown():
            return Words("这一项已经不在了。", "It is not there any more.")
        case errors.TaskTaken(by_name=""):
            return Words("这项任务已经收回或办结。", "The task is over or was taken back.")
        case errors.TaskTaken(by_name=name):
            return Words(f"已由{name}办理。", f"{name} has decided it already.")
        case errors.InstanceChanged() if line and line.kind in mends.VERBS:
            return GONE
        case errors.CannotMigrate(words=why):
            return Words(f"不能迁移：{why.zh}。", f"It cannot be carried over: {why.en}.")
        case errors.InstanceChanged():
            return Words(
                "事项已结束或已挂起，这一项不能执行；挂起的请先恢复。",
                "The instance is over or suspended: resume it first.",
            )
        case errors.Forbidden(words=words):
            return words or Words("您没有权限执行这一项。", "You may not do this.")
        case engine.Faulty(element=element):
            return Words(
                f"流程在“{element}”继续时出错：{error}",
                f"The process failed where it went on, at {element}: {error}",
            )
        case _other:
            return Words(f"不能执行：{error}", f"It cannot be done: {error}")
