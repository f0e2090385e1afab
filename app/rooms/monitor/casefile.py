"""What the page of an instance is made of: its head, the drawing, its history as a tree, and the moment looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from sqlalchemy import select

from app.platform import calendar
from app.platform.data import new_id
from app.platform.identity.entities import Person
from app.platform.monitoring import moments, reach, visits, wording
from app.platform.monitoring.moments import Moment
from app.platform.monitoring.visits import Visit
from app.platform.registry import Words
from app.platform.runtime import (
    asides,
    history,
    policy,
    urging,
    versions,
    views,
    where_said,
    whereabouts,
)
from app.platform.runtime.entities import Incident
from app.platform.runtime.history import HistoryRow
from app.platform.runtime.versions import Program
from app.platform.runtime.views import InstanceView
from app.platform.runtime.whereabouts import Whereabouts
from app.rooms.monitor import drawings
from app.rooms.web.acting import me, now, session

NAMED = 5  # of those who can act, by name


@dataclass(frozen=True)
class Casefile:
    """An instance within the reader's reach. `rows` is its history, `moment` what is looked at (None: the present)."""

    view: InstanceView
    owner: Any
    program: Program
    rows: Sequence[HistoryRow]
    moment: Moment | None
    is_managed: bool

    def name_of(self, element: str) -> Words:
        """What a step is called; the start form has no element of its own."""
        if element == "start":
            return wording.KINDS["started"]
        return self.program.names.get(element, Words(element, element))


def read(instance: str) -> Casefile:
    """Read an instance and its history. Raises `Unknown` outside the reach (404)."""
    owner = reach.within(session(), instance, me())
    view = views.instance(session(), instance, me(), now())
    rows = asides.happened(session(), instance, history.of(session(), instance), view.starter, me())
    at = request.args.get("at", "")
    moment = moments.after(rows, int(at)) if at.isascii() and at.isdigit() and len(at) < 7 else None
    if moment is not None and rows and moment.seq == rows[-1].seq:
        moment = None
    return Casefile(
        view,
        owner,
        versions.program(session(), owner.version_id),
        rows,
        moment,
        policy.may_manage(me(), owner.place, owner.starter_id),
    )


def shown(case: Casefile) -> dict[str, Any]:
    """What the template is handed, besides the tab at its side."""
    where = whereabouts.of(session(), case.view, case.rows, me(), now())
    tree = visits.of(case.rows, calendar.load(session()), now())
    element = request.args.get("element", "")
    held_up = open_incidents(case)
    return {
        "case": case,
        "instance": case.view,
        "where": where,
        "sentence": where_said.sentence(where, now()),
        "who": _who(case),
        "milestones": _milestones(tree, where, case),
        "tree": [one for one in tree if not element or one.element == element],
        "element": element,
        "element_name": case.name_of(element),
        "drawing": drawings.of(
            case,
            tree,
            {row.element for row in held_up if row.element},
            case.name_of,
            lambda one: here(element=None if one == element else one) + "#history",
        ),
        "slider": _slider(case),
        "step_name": lambda one: one.name if one.name.zh else case.name_of(one.element),
        "step_name_of": lambda element: case.name_of(element or ""),
        "kind": wording.of,
        "state": wording.STATES[case.view.state],
        "state_at": wording.STATES[case.moment.state] if case.moment else None,
        "incidents": held_up,
        "incident_words": wording.INCIDENTS,
        "here": here,
        "at_url": _along("at", here(at=None), "diagram"),
        "entry_url": _along("entry", here(tab="entries", entry=None), "side"),
        "key": new_id(),
        "repair_url": url_for("monitor.repair", instance=case.view.id)
        if "monitor.repair" in current_app.view_functions
        else "",
        "process_url": url_for("monitor.process", process=case.view.process)
        if "monitor.process" in current_app.view_functions
        else "",
    }


def here(**changes: Any) -> str:
    """The address of the page as it is looked at, with some of it changed; None leaves a part out."""
    kept = {name: request.args[name] for name in ("at", "tab", "entry", "element") if request.args.get(name)}
    arguments = {**kept, **changes}
    instance = (request.view_args or {})["instance"]
    found = {name: value for name, value in arguments.items() if value not in (None, "")}
    return url_for("monitor.instance", instance=instance, **found)


def _along(name: str, base: str, part: str) -> Callable[[Any], str]:
    """Addresses that differ in one number or id: put together by hand, for a page may have hundreds of them."""
    start = f"{base}{'&' if '?' in base else '?'}{name}="
    return lambda value: f"{start}{value}#{part}"


def open_incidents(case: Casefile) -> list[Any]:
    """What holds it up now."""
    return list(
        session().execute(
            select(Incident.id, Incident.kind, Incident.element, Incident.opened_at)
            .where(Incident.instance_id == case.view.id, Incident.closed_at.is_(None))
            .order_by(Incident.id)
        )
    )


def _who(case: Casefile) -> dict[str, Any] | None:
    """How many can act now, and some of their names."""
    if case.view.state != "running" or not case.view.open_tasks:
        return None
    people = urging.waited_for(session(), case.view.id, now())
    names = session().scalars(select(Person.name).where(Person.id.in_(people[:NAMED])).order_by(Person.name))
    return {"count": len(people), "names": list(names) if people else []}


def _milestones(tree: Sequence[Visit], where: Whereabouts, case: Casefile) -> list[tuple[Words, str]]:
    """The steps passed, those it stands at, and the likely ones to come: (name, done | now | coming | end)."""
    steps: dict[str, tuple[Words, str]] = {}
    for one in tree:
        if one.task and one.ended and one.ended.kind != "closed":
            steps.setdefault(one.element, (one.name, "done"))
    for task in case.view.open_tasks:
        steps.pop(task.element, None)
        steps[task.element] = (task.name, "now")
    if where.state == "waiting" and where.awaited and where.awaited.name.zh:
        steps[where.awaited.element] = (where.awaited.name, "now")
    coming = [(one.name, "coming") for one in where.coming if one.element not in steps]
    over = case.view.state in ("ended", "cancelled")
    last = case.view.stage or wording.STATES[case.view.state][0]
    end = [(last, "end")] if over else [(Words("办结", "Completed"), "coming")] if where.ends else []
    return [*steps.values(), *coming, *end]


def _slider(case: Casefile) -> dict[str, Any]:
    """Where the slider stands, and the rows before and after it at which a verb had ended."""
    last = case.rows[-1].seq if case.rows else 0
    at = case.moment.seq if case.moment else last
    stops = moments.stops(case.rows)
    return {
        "at": at,
        "last": last,
        "before": max((one for one in stops if one < at), default=None),
        "after": min((one for one in stops if one > at), default=None),
    }
