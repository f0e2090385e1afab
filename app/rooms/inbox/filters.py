"""What the boxes may be narrowed by: conditions over a task's columns wherever they can be, joins for text alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from app.platform import calendar, lists
from app.platform.calendar import Calendar
from app.platform.identity import people
from app.platform.identity.entities import Person
from app.platform.registry import Acting, Role, Words
from app.platform.runtime import pointing, policy, versions, waiting
from app.platform.runtime.entities import Copy, Instance, Process, Task, Version
from app.platform.runtime.errors import Unpublishable

Starter = aliased(Person)
SOON = 3  # working days
LOOKED_AT = 500  # open tasks in which steps are looked for
MOST_STEPS = 100
MOST_VERSIONS = 20  # in which a step that is asked for is looked up
ALL_STEPS = Words("全部环节", "All steps")
FLAGS = {
    "returned": Words("退回件", "Sent back"),
    "claimed": Words("已签收", "Claimed"),
    "seated": Words("会签", "Signed by several"),
    "behalf": Words("代办", "In another's stead"),
    "suspended": Words("已挂起", "Suspended"),
}
DUE = {
    "today": Words("今天到期", "Due today"),
    "soon": Words(f"{SOON} 个工作日内", f"Within {SOON} working days"),
    "overdue": Words("已超期", "Overdue"),
    "none": Words("无时限", "No deadline"),
}


def text(value: str, now: datetime) -> ColumnElement[bool]:
    """Title, number or the applicant's name; four digits are also the last of his ID number, by their keyed hash."""
    found = lists.contains(value, Instance.title, Instance.number, Starter.name)
    return or_(found, people.ends_in(value, Starter.id_number_last_hash))


def due(value: str | Calendar, now: datetime) -> ColumnElement[bool]:
    """When it is to be done: today, within three working days (their calendar stands for it), overdue, never.

    A deadline that stands still is none of the first three.
    """
    today, runs = now.astimezone(calendar.ZONE).date(), Task.paused_at.is_(None)
    if isinstance(value, Calendar):
        return and_(Task.due_at >= now, Task.due_at < _end(value.working_day(today, SOON)), runs)
    if value == "today":
        return and_(Task.due_at >= _end(today - timedelta(days=1)), Task.due_at < _end(today), runs)
    return {"overdue": overdue(now), "none": Task.due_at.is_(None)}.get(value, false())


def overdue(now: datetime) -> ColumnElement[bool]:
    """A deadline has passed that does not stand still."""
    return and_(Task.due_at < now, Task.paused_at.is_(None))


def _end(day: Any) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), calendar.ZONE)


def _calendar(session: Session, acting: Acting, value: str) -> str | Calendar:
    return calendar.load(session) if value == "soon" else value


def flags(asked: tuple[Sequence[str], Acting], now: datetime) -> ColumnElement[bool]:
    """Everything that is asked must hold."""
    codes, acting = asked
    return and_(*(_flag(code, acting) for code in codes))


def _flag(code: str, acting: Acting) -> ColumnElement[bool]:
    if code == "behalf":
        own = policy.workable(replace(acting, substitutes_for=()))
        return case((own, 0), else_=1) == 1  # not `not`: of what is NULL neither holds
    return {
        "returned": Task.is_returned.is_(True),
        "claimed": Task.claimed_by_id.is_not(None),
        "seated": Task.seats != "one",
        "suspended": Instance.state == "suspended",
    }.get(code, false())


def _flags_offered(session: Session, acting: Acting) -> lists.definition.Choices:
    return [(code, words) for code, words in FLAGS.items() if code != "behalf" or acting.substitutes_for]


def step(value: str, now: datetime) -> ColumnElement[bool]:
    """One step of one process: `<process>/<element>`."""
    process, _, element = value.partition("/")
    return and_(Task.process == process, Task.element == element)


def _steps_of(
    parts: Callable[[Acting], Sequence[ColumnElement[bool]]], *order: ColumnElement[Any]
) -> Callable[[Session, Acting], Any]:
    @lru_cache(maxsize=128)
    def asked(acting: Acting, _roles: tuple[Role | None, ...]) -> Any:
        """The same at any moment, and longer to put together than to answer."""
        columns = select(Task.process, Task.element, Task.name_zh, Task.name_en)
        ordered = columns.order_by(*order).limit(LOOKED_AT)  # in an index's order: see `lists.parts.keys`
        looked_at = [ordered.where(part).subquery() for part in parts(acting)]
        inside = union_all(*(select(each) for each in looked_at)).subquery()
        return (
            select(
                inside.c.process,
                inside.c.element,
                func.max(inside.c.name_zh).label("zh"),
                func.max(inside.c.name_en).label("en"),
                Process.name_zh,
                Process.name_en,
            )
            .join(Process, Process.key == inside.c.process)
            .group_by(inside.c.process, inside.c.element, Process.name_zh, Process.name_en)
            .order_by(inside.c.process, inside.c.element)
            .limit(MOST_STEPS)
        )

    def choices(session: Session, acting: Acting) -> list[tuple[str, Words]]:
        """The steps there are in a box: looked for in the first five hundred tasks of each part. One statement."""
        rows = session.execute(asked(acting, policy.declared(acting))).all()
        several = len({row.process for row in rows}) > 1
        return [(f"{row.process}/{row.element}", _step_words(row, several)) for row in rows]

    return choices


def _step_words(row: Any, several: bool) -> Words:
    if not several:
        return Words(row.zh, row.en or row.zh)
    return Words(f"{row.name_zh} · {row.zh}", f"{row.name_en or row.name_zh} · {row.en or row.zh}")


def _step_named(session: Session, acting: Acting, code: str) -> Words | None:
    """A step that has no task in the box, or none among those looked at: any that a published version draws."""
    key, _, element = code.partition("/")
    drawn = (
        select(Version.id, Process.name_zh, Process.name_en)
        .join(Process, Process.key == Version.process)
        .where(Version.process == key)
        .order_by((Version.id == Process.current_id).desc(), Version.number.desc())
        .limit(MOST_VERSIONS)
    )
    for row in session.execute(drawn).all() if element else ():
        try:
            asked = versions.program(session, row.id).definition.tasks.get(element)
        except Unpublishable:  # a version whose hooks the house has no more
            continue
        if asked is not None:
            name = asked.name
            return Words(f"{row.name_zh} · {name.zh}", f"{row.name_en or row.name_zh} · {name.en or name.zh}")
    return None


def _processes(session: Session, acting: Acting) -> Sequence[tuple[str, Words]]:
    rows = session.execute(
        select(Process.key, Process.name_zh, Process.name_en).order_by(Process.system, Process.key).limit(200)
    )
    return [(row.key, Words(row.name_zh, row.name_en)) for row in rows]


def _listed(words: Mapping[str, Words]) -> Callable[[Session, Acting], Any]:
    return lambda session, acting: list(words.items())


def period(key: str, zh: str, en: str, column: Any) -> lists.Filter:
    """A filter over the days of a moment."""
    return lists.Filter(key, Words(zh, en), "period", lambda days, now: lists.during(column, days))


SEARCH = lists.Filter(
    "q",
    Words("标题、编号、申请人或证件号后四位", "Title, number, applicant or last four of the ID"),
    "text",
    text,
    points=pointing.tasks,
)
WHICH = lists.Filter(
    "process",
    Words("事项", "Matter"),
    "choice",
    lambda key, now: Task.process == key,
    _processes,
    all=Words("全部事项", "All matters"),
)
STEPS = lists.Filter(
    "step",
    Words("环节", "Step"),
    "choice",
    step,
    _steps_of(waiting.parts, Task.opened_at.asc(), Task.id.asc()),
    all=ALL_STEPS,
    named=_step_named,
)
STEPS_DONE = lists.Filter(
    "step",
    Words("环节", "Step"),
    "choice",
    step,
    _steps_of(lambda acting: waiting.decided(acting.person), Task.closed_at.desc(), Task.id.desc()),
    all=ALL_STEPS,
    named=_step_named,
)
REGION = lists.Filter(
    "region",
    Words("地区", "Region"),
    "tree",
    lambda path, now: lists.within(Task.place, path),
    all=Words("全部地区", "All regions"),
)
ARRIVED = period("arrived", "到达日期", "Arrived", Task.opened_at)
DUE_WHEN = lists.Filter(
    "due",
    Words("时限", "Deadline"),
    "choice",
    due,
    _listed(DUE),
    all=Words("全部时限", "Any deadline"),
    resolve=_calendar,
)
DUE_ON = period("due_on", "到期日期", "Due", Task.due_at)
MARKS = lists.Filter(
    "flag",
    Words("标记", "Flags"),
    "several",
    flags,
    _flags_offered,
    resolve=lambda session, acting, codes: (codes, acting),
)
CLOSED = period("closed", "办理日期", "Decided", Task.closed_at)
STARTED = period("started", "发起日期", "Started", Instance.started_at)
COPIED = period("copied", "抄送日期", "Copied", Copy.at)
READ = lists.Filter(
    "read",
    Words("阅读", "Read"),
    "choice",
    lambda code, now: {"no": Copy.read_at.is_(None), "yes": Copy.read_at.is_not(None)}.get(code, false()),
    _listed({"no": Words("未读", "Unread"), "yes": Words("已读", "Read")}),
    all=Words("全部", "All"),
)
OWN_SEARCH = lists.Filter(
    "q",
    Words("标题或编号", "Title or number"),
    "text",
    lambda value, now: lists.contains(value, Instance.title, Instance.number),
)
OWN_WHICH = replace(WHICH, where=lambda key, now: Instance.process == key)
OWN_TASK = (
    select(Task.id)
    .where(Task.instance_id == Instance.id, Task.state == "open", Task.assignee_id == Instance.starter_id)
)  # fmt: skip
SENT_BACK = select(Task.id).where(Task.instance_id == Instance.id, Task.state == "open", Task.is_returned)
TURN = lists.Filter(
    "turn", Words("轮到我", "My turn"), "choice",
    lambda code, now: {"mine": OWN_TASK.exists(), "returned": SENT_BACK.exists()}.get(code, false()),
    _listed({"mine": Words("待我办理", "Waits for me"), "returned": Words("被退回", "Sent back")}),
    all=Words("全部", "All"),
)  # fmt: skip


def state(words: Mapping[str, Words]) -> lists.Filter:
    """Where a case stands."""
    return lists.Filter(
        "state", Words("状态", "State"), "choice", lambda code, now: Instance.state == code, _listed(words),
        all=Words("全部状态", "Any state"),
    )  # fmt: skip
