"""Makes one move of a rehearsal, through the same verbs that people's pages and the house's own work use."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from app.platform import calendar, forms
from app.platform.design import answering, receivers, working
from app.platform.design.halting import Halted
from app.platform.design.moves import Move, Who
from app.platform.registry import Acting, Call, Outcome, Post, Words, house
from app.platform.runtime import (
    claiming,
    firing,
    instances,
    messages,
    policy,
    seats,
    stepping,
    tasks,
    versions,
    views,
    work,
)
from app.platform.runtime.entities import Incident, Instance, Subscription, Task, Timer
from app.platform.runtime.tasks import Decision

if TYPE_CHECKING:
    from app.platform.design.rehearsing import Run

MOST_FIRED = 100
FENCE = "rehearsal"
NOBODY = Words(
    "今天没有人能办理这一步，请选择以某个角色办理", "Nobody can do this step today: choose a role to act as"
)
NOTHING_DUE = Words("没有到期的时限或定时器", "Nothing is going to be due")
NOT_OPEN = Words("这一步现在没有打开", "This step is not open now")
CLOCK = Who()
NO_STARTER = Words("请选择由谁发起", "Choose who starts it")


@dataclass(frozen=True, slots=True)
class Part:
    """Who has made a move: the person, and the role and place it was his to make by, as a test would name them."""

    person: str
    office: Who = CLOCK


def make(run: Run, move: Move) -> Part:
    """Make `move`, and do at once what a worker would do after it; return who has made it.

    Raises `Halted` and whatever the verbs raise.
    """
    match move.kind:
        case "start":
            part = _start(run, move)
        case "do":
            part = _do(run, move)
        case "claim":
            row, by = _found(run, move)
            claiming.claim(run.session, row.id, row.revision, by, run.clock)
            part = _part(run, row, by)
        case "skip":
            part = _skip(run, move)
        case "message":
            part = _message(run, move)
        case "answer":
            part = _answer(run, move)
        case "verb":
            part = _verb(run, move)
    working.settle(run)
    run.instance = run.instance or run.begun_here()
    return part


def _part(run: Run, row: Any, by: Acting) -> Part:
    return Part(by.person, run.cast.office(by.person, row.role, row.place))


def _start(run: Run, move: Move) -> Part:
    process, is_named = move.process or run.process, bool(move.who.role or move.who.person)
    program = versions.current(run.session, process)
    if run.instance is not None and process == run.process:
        raise Halted(Words("已经发起", "It has been started"))
    event = program.definition.begins.get(move.element) if move.element else None
    if event is None and not is_named:
        raise Halted(NO_STARTER)
    by = run.cast.acting(move.who) if is_named else _sender(run, event)
    if event is not None:
        business = move.variables.get("_key")
        instances.start_by_event(
            run.session, process, move.element, scalars(move.variables), by, run.clock, business
        )
    else:
        data: Any = scalars(move.variables)
        if program.definition.form:
            data = _start_entry(run, move, by, program)
        instances.start(run.session, process, by=by, post=by.post, now=run.clock, data=data)
    if not is_named:
        return Part(by.person)
    post = policy.may_start(by, program.definition)
    role, place = (post.role, post.place) if isinstance(post, Post) else (None, None)
    return Part(by.person, run.cast.office(by.person, role, place))


def _sender(run: Run, event: Any) -> Acting:
    """Who begins it where the move names nobody: the clock, or whoever rehearses, as the sender of the message."""
    return firing.CLOCK if event.kind == "timer" else run.by


def _start_entry(run: Run, move: Move, by: Acting, program: versions.Program) -> forms.Entry:
    step, given = answering.at_start(run, by, program)
    return _without_complaints(forms.read(step, answering.texts(run, move.data, step, given), given))


def _verb(run: Run, move: Move) -> Part:
    """What somebody does on a page of the system's own; its verb joins this transaction."""
    does = house.verbs.get(move.verb)
    if does is None:
        raise Halted(Words(f"没有“{move.verb}”这项操作", f"There is no verb “{move.verb}”"))
    by, own = run.cast.acting(move.who), select(Instance).where(Instance.id == (run.instance or ""))
    row = run.session.execute(own).scalar_one_or_none()
    known, starter = (row.variables, row.starter_id) if row is not None else ({}, by.person)
    call = Call(run.session, run.clock, by, run.instance or "", run.process, "", known, starter)
    try:
        inspect.signature(does).bind(call, **move.variables)
    except TypeError as error:
        raise Halted(Words(f"“{move.verb}”需要的内容不全", f"“{move.verb}”: {error}")) from error
    does(call, **move.variables)
    return Part(by.person, move.who)


def _without_complaints(entry: forms.Entry) -> forms.Entry:
    if entry.complaints:
        zh, en = (
            "；".join(dict.fromkeys(one.message(each) for one in entry.complaints)) for each in ("zh", "en")
        )
        raise Halted(Words(zh, en), None, entry)
    return entry


def _do(run: Run, move: Move) -> Part:
    row, by = _found(run, move)
    view = views.task(run.session, row.id, by, run.clock)
    entry = None
    if view.form is not None:
        given = answering.at_task(run, view, by, move.outcome)
        entry = forms.read(view.form, answering.texts(run, move.data, view.form, given), given)
        entry = _without_complaints(entry)
    decision = Decision(move.outcome, move.comment, view.revision)
    tasks.complete(run.session, row.id, entry, decision, by, run.clock)
    return _part(run, row, by)


def _found(run: Run, move: Move) -> tuple[Any, Acting]:
    """The open task a move means, and who acts at it."""
    row = open_task(run, move.element, move.nth)
    if row is None:
        raise Halted(NOT_OPEN)
    return row, acting_at(run, row, move.who)


def open_task(run: Run, element: str, nth: int = 1) -> Any:
    """The row of an open task at `element`, or None."""
    rows = run.session.execute(
        select(Task.__table__)
        .where(Task.instance_id.in_(run.instances), Task.element == element, Task.state == "open")
        .order_by(Task.visit, Task.id)
    ).all()
    return rows[nth - 1] if len(rows) >= nth else None


def acting_at(run: Run, row: Any, who: Who) -> Acting:
    """Who acts at an open task: whom the move names, else the first who really gets it. Raises `Halted`.

    Where several sign, who acts by a role takes the seat of whoever is on turn; where nobody sits, he gets one.
    """
    found = receivers.of_task(run.session, row, run.clock)
    if who.person:
        return run.cast.real(who.person)
    if not who.role:
        if not found:
            raise Halted(NOBODY)
        return run.cast.real(found[0].person)
    by = run.cast.acting(who)
    if row.seats == "one" or any(one.person == by.person for one in found):
        return by
    if found:
        return run.cast.real(found[0].person)
    bench = seats.bench(run.session, row)
    bench.add(by.person, by.name, 1, is_personal=True)
    bench.settle()
    bench.write(run.session)
    return by


def _skip(run: Run, move: Move) -> Part:
    days = calendar.load(run.session)
    until = calendar.due(run.clock, move.period, days) if move.period else next_due(run)
    if until is None:
        raise Halted(NOTHING_DUE)
    for _ in range(MOST_FIRED):
        timer = _next_timer(run, until)
        if timer is None:
            break
        run.clock = max(run.clock, timer.next_at)
        run.session.execute(update(Timer).where(Timer.id == timer.id).values(leased_by=FENCE))
        firing.fire(run.session, timer.id, FENCE, run.clock)
        working.settle(run)
    run.clock = max(run.clock, until)
    return Part("")


def next_due(run: Run) -> datetime | None:
    """The next moment at which something is due: a timer, or the deadline of an open task."""
    own = run.instances
    first = run.session.scalar(
        select(func.min(Timer.next_at)).where(Timer.instance_id.in_(own), Timer.next_at.is_not(None))
    )
    limit = run.session.scalar(
        select(func.min(Task.due_at)).where(
            Task.instance_id.in_(own), Task.state == "open", Task.due_at > run.clock
        )
    )
    return min((each for each in (first, limit) if each is not None), default=None)


def _next_timer(run: Run, until: datetime) -> Any:
    return run.session.execute(
        select(Timer.id, Timer.next_at)
        .where(Timer.instance_id.in_(run.instances), Timer.next_at <= until)
        .order_by(Timer.next_at, Timer.id)
        .limit(1)
    ).one_or_none()


def _message(run: Run, move: Move) -> Part:
    row = run.session.execute(
        select(Subscription.__table__)
        .where(Subscription.instance_id.in_(run.instances), Subscription.element == move.element)
        .order_by(Subscription.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        raise Halted(Words("这里现在不等待消息", "No message is waited for here"))
    by = run.cast.acting(move.who) if move.who.role or move.who.person else run.by
    data, about = scalars(move.variables), json.loads(row.correlation)
    messages.send(run.session, row.name, about, data, by, run.clock, kind=row.kind)
    return Part(by.person, move.who)


def _answer(run: Run, move: Move) -> Part:
    asked = next((one for one in run.asked.values() if one.element == move.element), None)
    if asked is None:
        raise Halted(Words("这里现在没有等待处理的系统任务", "No work waits here"))

    def returned(_call: Any) -> Mapping[str, Any]:
        if move.error:
            raise Outcome(move.error)
        return scalars(move.variables)

    work.carry_out(run.session, asked.arguments, returned, run.clock)
    _overcome(run, asked.element)
    del run.asked[asked.job]
    run.failed.pop(asked.element, None)
    return Part("")


def _overcome(run: Run, element: str) -> None:
    """Close what was open because the work at `element` had failed: it is answered now."""
    assert run.instance is not None
    held = stepping.hold(run.session, firing.CLOCK, run.clock, instance=run.instance)
    if held.row.has_incident:
        stepping.close_incidents(held, Incident.element == element, Incident.kind == "job")


def scalars(said: Mapping[str, Any]) -> dict[str, Any]:
    """Variables as typed: a number, true or false, or a text; nothing where nothing was typed."""
    return {
        name: _scalar(value) for name, value in said.items() if value not in ("", None) and name != "_key"
    }


def _scalar(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        read = json.loads(value)
    except ValueError:
        return value
    is_plain = isinstance(read, bool | float) or (isinstance(read, int) and str(read) == value)
    return read if is_plain else value
