"""Writes the record, in the transaction of the entry it comes from; examines it against the entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, delete, insert, select
from sqlalchemy.orm import Session

from app.platform.forms import Form
from app.platform.records.entities import Value
from app.platform.records.fields import is_listed, stored
from app.platform.runtime import binding, versions
from app.platform.runtime.doctor import Finding
from app.platform.runtime.entities import Entry, Instance
from app.platform.runtime.errors import Unpublishable

KIND: Final = binding.RECORD
TABLE = Value.__table__


def keep(session: Session, arguments: Mapping[str, Any], now: datetime) -> None:
    """Record what an entry of the free form `form` says: it replaces what the form said before.

    One statement where it says the same, as whoever only reads the form leaves it; at most three.
    """
    instance, form = arguments["instance"], arguments["form"]
    mine = and_(TABLE.c.instance_id == instance, TABLE.c.form == form.id)
    kept = session.execute(
        select(Instance.started_at, TABLE.c.field, TABLE.c.position, TABLE.c.text, TABLE.c.number)
        .outerjoin(TABLE, mine)
        .where(Instance.id == instance)
    ).all()
    before = {(row.field, row.position): (row.text, row.number) for row in kept if row.field is not None}
    made = list(rows(instance, arguments["process"], form, arguments["values"]))
    if before == {(one["field"], one["position"]): (one["text"], one["number"]) for one in made}:
        return
    if before:
        session.execute(delete(Value).where(mine), execution_options={"synchronize_session": False})
    if made:
        began = {"started_at": kept[0].started_at}
        session.execute(insert(TABLE), [one | began for one in made])  # type: ignore[arg-type]


def rows(instance: str, process: str, form: Form, values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows that the values of a form make."""
    for name, one in form.fields.items():
        if is_listed(one):
            for position, (text, number) in enumerate(stored(values.get(name))):
                yield {
                    "instance_id": instance,
                    "form": form.id,
                    "field": name,
                    "position": position,
                    "process": process,
                    "text": text,
                    "number": number,
                }


def forget(session: Session, instance: str) -> None:
    """Forget what is recorded of an instance, inside the verb that forgets the instance."""
    session.execute(
        delete(Value).where(TABLE.c.instance_id == instance), execution_options={"synchronize_session": False}
    )


def examine(session: Session, now: datetime) -> Iterator[Finding]:
    """I1: the record says what the last entry of each free form says, and nothing of what was forgotten."""
    forgotten = select(TABLE.c.instance_id).distinct().join(Instance).where(Instance.record_key.is_(None))
    for instance in session.scalars(forgotten):
        yield Finding("I1", instance, "record_kept", "its record outlives what was forgotten")
    recorded = select(TABLE.c.instance_id).distinct().order_by(TABLE.c.instance_id)
    for instance in session.scalars(recorded.execution_options(yield_per=200)).all():
        yield from _of_one(session, instance)


def _of_one(session: Session, instance: str) -> Iterator[Finding]:
    said = _said(session, instance)
    try:
        program = versions.of_instance(session, instance)
    except Unpublishable:
        return  # an incident says so
    entries = session.execute(
        select(Entry.form, Entry.values)
        .where(Entry.instance_id == instance)
        .order_by(Entry.at.desc(), Entry.id.desc())
    )
    last: dict[str, Mapping[str, Any]] = {}
    for row in entries:
        last.setdefault(row.form, row.values)
    for (form, field), found in said.items():
        if found != list(stored(last.get(form, {}).get(field))):
            yield Finding("I1", instance, "record_differs", f"{form} {field} is not what was entered")
    for form, values in last.items():
        drawn = program.forms.get(form)
        if drawn is None or drawn.entity is not None:
            continue
        for made in rows(instance, "", drawn, values):
            if (form, made["field"]) not in said and made["position"] == 0:
                yield Finding("I1", instance, "record_lacks", f"{form} {made['field']} was entered")


def _said(session: Session, instance: str) -> dict[tuple[str, str], list[tuple[str | None, float | None]]]:
    said: dict[tuple[str, str], list[tuple[str | None, float | None]]] = {}
    rows_of_it = session.execute(
        select(TABLE.c.form, TABLE.c.field, TABLE.c.text, TABLE.c.number)
        .where(TABLE.c.instance_id == instance)
        .order_by(TABLE.c.form, TABLE.c.field, TABLE.c.position)
    )
    for row in rows_of_it:
        said.setdefault((row.form, row.field), []).append((row.text, row.number))
    return said
