"""The verbs of an instance: start it, amend what it holds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.audit import chain
from app.platform.data import new_id, sealing, transaction
from app.platform.forms import Entry
from app.platform.registry import Acting, Post, Words
from app.platform.runtime import (
    binding,
    drafts,
    ending,
    places,
    policy,
    receipts,
    stepping,
    versions,
    views,
)
from app.platform.runtime.entities import Entry as EntryRow
from app.platform.runtime.entities import Instance, Serial, Task
from app.platform.runtime.errors import Forbidden, InstanceChanged, KeyReused, Unknown
from app.platform.runtime.history import Happening, values_digest

INSERT = insert(Instance.__table__)  # type: ignore[arg-type]
LONGEST_TITLE = 300
LOCAL = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Started:
    """A new instance and the tasks it opened."""

    instance: str
    tasks: tuple[str, ...]


def start(
    session: Session,
    process: str,
    *,
    by: Acting,
    post: Post | None,
    now: datetime,
    data: Mapping[str, Any] | Entry,
    business_key: str | None = None,
    title: str | None = None,
    key: str | None = None,
) -> Started:
    """Start a process under `post` (the one worked under), frozen for `starter.*` places.

    `data`: the start form's entry, or variables handed in by a system's verb. Raises `Unknown`, `Forbidden`,
    `HookRefused`, `KeyReused`.
    """
    given = data.written if isinstance(data, Entry) else dict(data)
    body = receipts.body_of("start", process, given, business_key, title)
    program = versions.current(session, process)
    joins = bool(session.info.get("verb"))
    try:
        with transaction(session):
            before = receipts.answered(session, by.person, key, body)
            if before is not None:
                return Started(before["instance"], tuple(before["tasks"]))
            allowed = policy.may_start(by, program.definition)
            if allowed is False:
                raise Forbidden("process.start")
            worked_under = post or (allowed if isinstance(allowed, Post) else None)
            held = _insert(session, program, by, worked_under, now, business_key, title)
            return _begin(held, data, key, body, entitles=title is None)
    except KeyReused:  # two at once with one key: the other one has committed by now
        before = None if joins else receipts.answered(session, by.person, key, body)
        if before is None:
            raise
        return Started(before["instance"], tuple(before["tasks"]))


def start_by_event(
    session: Session,
    process: str,
    element: str,
    data: Mapping[str, Any],
    by: Acting,
    now: datetime,
    business_key: str | None = None,
) -> Started:
    """Start a process at the start event `element`: its timer is due, or its message has come.

    Of `data` only what the event names is kept. Raises `Unknown`, and the engine's errors.
    """
    program = versions.current(session, process)
    event = program.definition.begins.get(element)
    if event is None:
        raise Unknown(process)
    given = {name: value for name, value in data.items() if name in event.data}
    with transaction(session):
        held = _insert(session, program, by, by.post, now, business_key, None)
        return _begin(held, given, None, "", entitles=True, at=element)


def _begin(
    held: stepping.Held,
    data: Mapping[str, Any] | Entry,
    key: str | None,
    body: str,
    *,
    entitles: bool,
    at: str | None = None,
) -> Started:
    """Let the engine walk the new instance to its first tasks, and write the answer down."""
    session, program, by, now = held.session, held.program, held.by, held.now
    said = {"name": by.name}
    if isinstance(data, Entry):
        said["values"] = values_digest(held.pen.key, data.values)
    held.pen.write(Happening("started", by=by.person, body=said))
    variables = _first_variables(held, data)
    if entitles and program.definition.title is not None:
        _entitle(held, variables)
    step = engine.start(program.definition, variables, stepping.caller(held), now, at)
    stepping.write(held, step)
    if isinstance(data, Entry):
        drafts.drop(session, f"start:{program.process}", by.person)
    receipts.give(session, by.person, key, body, {"instance": held.id, "tasks": held.opened}, now)
    return Started(held.id, tuple(held.opened))


def _insert(
    session: Session,
    program: versions.Program,
    by: Acting,
    post: Post | None,
    now: datetime,
    business_key: str | None,
    title: str | None,
) -> stepping.Held:
    key = os.urandom(32)
    values: dict[str, Any] = {
        "id": new_id(),
        "process": program.process,
        "version_id": program.version,
        "number": _number(session, program.definition.number, now),
        "title": title or program.definition.name.zh,
        "business_key": business_key,
        "state": "running",
        "starter_id": by.person,
        "starter_post_id": post.id if post else None,
        "place": post.place if post else "",
        "started_at": now,
        "tokens": b"",
        "variables": {},
        "revision": 1,
        "history_length": 0,
        "head": chain.START,
        "record_key": sealing.seal(key),
    }
    session.execute(INSERT, values)
    row = session.execute(stepping.LOCK, {"instance": values["id"]}).one()
    return stepping.held_of(session, row, by, now)


def _first_variables(held: stepping.Held, data: Mapping[str, Any] | Entry) -> dict[str, Any]:
    """The variables a chain begins with: those handed in, or those its start form declares."""
    if not isinstance(data, Entry):
        return dict(data)
    variables = dict(data.variables)
    form = held.program.forms[held.program.definition.form or data.form]
    if form.entity:
        held.variables = variables
        row = binding.store(held.call("start"), form, data.changed)
        if form.row and form.row.startswith("variable:"):
            variables[form.row.removeprefix("variable:")] = row
    held.session.execute(
        insert(EntryRow).values(
            id=new_id(),
            instance_id=held.id,
            element="start",
            form=form.id,
            values=dict(data.values),
            by_id=held.by.person,
            at=held.now,
        )
    )
    binding.record(held.call("start"), form, data.values)
    return variables


def _entitle(held: stepping.Held, variables: Mapping[str, Any]) -> None:
    """Give the instance the title its diagram composes; what is not known yet reads as nothing."""
    definition = held.program.definition
    assert definition.title is not None
    named = dict.fromkeys(definition.title.names) | dict(variables)
    named |= {
        "starter_name": held.by.name,
        "process_name": definition.name.zh,
        "region_name": places.name_of(held.session, held.row.place),
        "unit_name": places.unit_name(held.session, held.row.place),
        "year": held.now.astimezone(LOCAL).year,
    }
    held.title = str(definition.title.evaluate(named, held.now) or definition.name.zh)[:LONGEST_TITLE]
    held.session.execute(update(Instance).where(Instance.id == held.id).values(title=held.title))


def _number(session: Session, pattern: str | None, now: datetime) -> str | None:
    """The next number under a pattern with a yearly serial, such as `QX{year}{serial:04}`."""
    if not pattern:
        return None
    day = now.astimezone(LOCAL)
    insert_or = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    first = insert_or(Serial).values(pattern=pattern, year=day.year, last=1)
    given = first.on_conflict_do_update(
        index_elements=["pattern", "year"], set_={"last": Serial.last + 1}
    ).returning(Serial.last)
    last = session.scalar(given)
    width = pattern.partition("{serial:")[2].partition("}")[0]
    serial = str(last).zfill(int(width)) if width else str(last)
    return (
        pattern.replace("{year}", str(day.year))
        .replace("{month}", f"{day.month:02}")
        .replace(f"{{serial:{width}}}", serial)
        .replace("{serial}", serial)
    )


def view(session: Session, instance: str, by: Acting, now: datetime) -> views.InstanceView:
    """One instance as `by` sees it. Raises `Unknown`."""
    return views.instance(session, instance, by, now)


def retitle(session: Session, instance: str, title: str) -> None:
    """Give an instance a new title, inside the verb of a system that knows better than its start did."""
    session.execute(update(Instance).where(Instance.id == instance).values(title=title[:LONGEST_TITLE]))


def cancel(session: Session, instance: str, reason: str, by: Acting, now: datetime) -> None:
    """End an instance before its time, by its starter or a manager: its open tasks and waiting work end with it (C-45).

    Raises `Unknown`, `Forbidden`; `InstanceChanged` when it is not running any more.
    """
    with transaction(session):
        held = stepping.hold(session, by, now, instance=instance)
        if not policy.may_read(session, by, instance):
            raise Unknown(instance)
        if held.row.starter_id != by.person and not policy.may_manage(by, held.row.place):
            raise Forbidden("instance.cancel")
        ending.early(held, reason)


def call_off(session: Session, instance: str, reason: str, by: Acting, now: datetime) -> None:
    """End an instance of one's own process before its time, inside the verb of the system that has asked who may.

    Like `cancel`, but whoever acts need neither have started it nor look after it: an application whose project is
    given up, a person taken off a list. Raises `Unknown`; `InstanceChanged` when it is not running any more.
    """
    if not session.info.get("verb"):
        raise RuntimeError("call_off joins a verb's transaction")
    ending.early(stepping.hold(session, by, now, instance=instance), reason)


def amend(
    session: Session,
    instance: str,
    element: str,
    note: Words,
    by: Acting,
    now: datetime,
    scans: Mapping[str, Any] | None = None,
) -> stepping.Held:
    """Note that a system's verb changed what the open task `element` shows, inside that verb's transaction.

    `scans`: what the record keeps of scans handed in, by the field they are for (`documents.recorded`). The task's
    revision rises, so whoever had it open reads it anew before deciding. Raises `InstanceChanged`
    when that task is not open any more.
    """
    if not session.info.get("verb"):
        raise RuntimeError("amend joins a verb's transaction")
    held = stepping.hold(session, by, now, instance=instance)
    task = session.execute(
        select(Task.id).where(Task.instance_id == instance, Task.element == element, Task.state == "open")
    ).scalar_one_or_none()
    if task is None or held.state != "running":
        raise InstanceChanged()
    session.execute(update(Task).where(Task.id == task).values(revision=Task.revision + 1))
    said = {"zh": note.zh, "en": note.en, "name": by.name, **({"scans": dict(scans)} if scans else {})}
    held.pen.write(Happening("amended", element, task, by.person, body=said))
    stepping.save(held)
    return held
