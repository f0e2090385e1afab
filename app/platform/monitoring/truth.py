"""The figures counted from what they tell of: to fill them the first time, and for the doctor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, literal, or_, select
from sqlalchemy.orm import Session

from app.platform.monitoring.entities import Delta, Figure, Mark, Stay
from app.platform.runtime.doctor import Finding
from app.platform.runtime.entities import Incident, Instance, Task

MOST = 20  # findings of one look
NOTHING = literal("")


def counts(session: Session) -> Counter[tuple[str, ...]]:
    """Count what is there now and what began and ended each day, at the places themselves."""
    found: Counter[tuple[str, ...]] = Counter()
    for row in counted(session):
        found[tuple(row[:-1])] += row[-1]
    return found


def counted(session: Session) -> Iterator[Any]:
    """The same as rows, figure by figure and each in order of places: as many as are asked for are in memory."""
    here: tuple[Any, ...] = (Instance.place, Instance.process)
    began, ended = _day(session, Instance.started_at), _day(session, Instance.ended_at)
    due = _day(session, Task.due_at)
    version: Any = Instance.version_id
    tasks = (Task.state == "open",)
    dated = (*tasks, Task.due_at.is_not(None), Task.paused_at.is_(None))
    asked = (
        ("case", None, (version, NOTHING, Instance.state, NOTHING), (Instance.state != "ended",)),
        ("started", None, (version, NOTHING, NOTHING, began), ()),
        ("ended", None, (version, NOTHING, NOTHING, ended), (Instance.ended_at.is_not(None),)),
        ("task", Task, (version, Task.element, NOTHING, NOTHING), tasks),
        ("due", Task, (version, Task.element, NOTHING, due), dated),
        (
            "incident",
            Incident,
            (version, func.coalesce(Incident.element, ""), Incident.kind, NOTHING),
            (Incident.closed_at.is_(None),),
        ),
    )
    for figure, inside, rest, where in asked:
        inner: Any = select(*(c.label(f"c{n}") for n, c in enumerate((*here, *rest)))).where(*where)
        if inside is not None:
            inner = inner.select_from(inside).join(Instance, Instance.id == inside.instance_id)
        rows = inner.subquery()
        every = select(literal(figure), *rows.c, func.count()).group_by(*rows.c).order_by(rows.c.c0)
        yield from session.execute(every, execution_options={"yield_per": 5_000})


def stays(session: Session) -> Iterator[Any]:
    """Steps that somebody has decided, then cases that have ended, as rows like those of `Stay`, in order of places."""
    back = case((or_(Task.state == "returned", Task.outcome == "return"), 1), else_=0)
    steps = (
        select(
            *(Instance.place, Instance.process, Instance.version_id, Task.element),
            *(Task.opened_at.label("from_at"), Task.closed_at.label("to_at"), Task.due_at, Task.paused_days),
            *(back.label("is_return"), literal(1).label("n")),
        )
        .join(Instance, Instance.id == Task.instance_id)
        .where(
            Task.state.in_(("closed", "returned")),
            Task.closed_at.is_not(None),
            Task.closed_by_id.is_not(None),
        )
    )
    cases = select(
        *(Instance.place, Instance.process, Instance.version_id, NOTHING.label("element")),
        *(Instance.started_at.label("from_at"), Instance.ended_at.label("to_at")),
        *(literal(None).label("due_at"), literal(0).label("paused_days")),
        *(literal(0).label("is_return"), literal(1).label("n")),
    ).where(Instance.ended_at.is_not(None))
    for statement in (steps, cases):
        yield from session.execute(statement.order_by(Instance.place), execution_options={"yield_per": 5_000})


def examine(session: Session, _now: datetime) -> Iterator[Finding]:
    """I11: what is kept, with what is not folded in yet, is what there is; the first twenty that differ."""
    from app.platform.monitoring import folding

    if session.get(Mark, folding.BUILT) is None:
        return  # they are counted when the house is next opened
    kept: Counter[tuple[str, ...]] = Counter()
    names = folding.KEY
    for row in session.execute(select(*(getattr(Figure, name) for name in names), Figure.n)):
        kept[tuple(row[:-1])] += row[-1]
    new: Counter[tuple[str, ...]] = Counter()
    for row in session.execute(select(*(getattr(Delta, name) for name in names), Delta.n)):
        new[tuple(row[:-1])] += row[-1]
    kept.update(folding.rolled(new))
    kept.update(folding.timed(session, session.execute(select(*Stay.__table__.c))))
    wanted = folding.rolled(counts(session))
    wanted.update(folding.timed(session, stays(session)))
    kept, wanted = _comparable(kept), _comparable(wanted)
    wrong = [key for key in sorted(kept.keys() | wanted.keys()) if kept[key] != wanted[key]]
    for key in wrong[:MOST]:
        said = " ".join(part or "-" for part in key)
        yield Finding("I11", None, "figure", f"{said} is kept as {kept[key]}, there are {wanted[key]}")


def _comparable(counted: Counter[tuple[str, ...]]) -> Counter[tuple[str, ...]]:
    """A time that was spent stays where and as it was counted, whatever becomes of places, versions and the calendar.

    So of times only how many there are everywhere is compared.
    """
    found: Counter[tuple[str, ...]] = Counter()
    for (figure, place, process, version, element, detail, day), count in counted.items():
        is_past = figure in ("stay", "late", "returned")
        if not is_past or place == "":
            how = ("", element, "") if is_past else (version, element, detail)
            found[figure, place, process, *how, day] += count
    return found


def _day(session: Session, moment: Any) -> Any:
    """The day of a moment in Shanghai, as text: the same as in the triggers."""
    if session.get_bind().dialect.name == "sqlite":
        return func.date(moment, "+8 hours")
    return func.to_char(func.timezone("Asia/Shanghai", moment), "YYYY-MM-DD")
