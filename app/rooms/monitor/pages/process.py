"""The page of one process: its drawing with figures on each step, and the list below, both under one filter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, current_app, request, url_for
from sqlalchemy import select

from app.platform import lists as platform_lists
from app.platform.calendar import ZONE
from app.platform.engine import Faulty
from app.platform.identity import roles
from app.platform.lists import Asked, List
from app.platform.monitoring import durations, process_figures, process_waits
from app.platform.monitoring.process_figures import Measured
from app.platform.registry import Words
from app.platform.runtime import diagram, versions
from app.platform.runtime.entities import Process
from app.platform.runtime.errors import Unpublishable
from app.platform.runtime.versions import Program
from app.rooms.monitor import lists, process_drawing, process_lists, process_period
from app.rooms.monitor.blueprint import blueprint
from app.rooms.monitor.process_drawing import SHOWS
from app.rooms.web import acting
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import current, said
from app.rooms.web.lists import answer
from app.rooms.web.shell import this_page

BETWEEN = "."


@blueprint.get("/processes/<process>", endpoint="process")
@needs(roles.MANAGE)
def process_page(process: str) -> str:
    """`?version=&region=&period=&show=&element=…`: a process within the reader's reach; 404 where there is none."""
    listing = process_lists.get(process)
    row = (
        session()
        .execute(select(Process.name_zh, Process.name_en, Process.current_id).where(Process.key == process))
        .one_or_none()
    )
    if listing is None or row is None:
        abort(404)
    name, period = Words(row.name_zh, row.name_en), process_period.read(request.args, _today())
    asked = _read(listing, period)
    reach = process_figures.narrowed(lists.reach_of(me()), asked.values.get("region"))
    version = asked.values.get("version")
    whole, measured = process_figures.of(
        session(), process, reach, now(), (period.first, period.last), version
    )
    measured = process_waits.beside(measured, process_waits.of(session(), process, reach, version))
    program = _program(version or row.current_id)
    return answer(
        listing,
        "monitor/process.html",
        post="",
        asked=asked,
        tabs=(),
        process=process,
        name=name,
        whole=whole,
        period=period,
        is_begun=_is_begun(),
        error=durations.ERROR,
        designer_url=_designer(process),
        **_shown(process, program, measured, asked, said(name)),
    )


def _today() -> Any:
    return now().astimezone(ZONE).date()


def _is_begun() -> bool:
    return request.args.get("begun") == "1"


def _read(listing: List, period: process_period.Asked) -> Asked:
    """The list's question: that of the address, and where it is wished so only what began in the period."""
    sent: dict[str, str] = {
        **request.args.to_dict(),
        "element": BETWEEN.join(request.args.getlist("element")),
    }
    if _is_begun():
        sent |= {"started_from": period.first.isoformat(), "started_to": period.last.isoformat()}
    return platform_lists.read(listing, session(), me(), sent)


def _program(version: str | None) -> Program | None:
    """What is drawn; nothing where no version is live, or it cannot be read any more."""
    if version is None:
        return None
    try:
        return versions.program(session(), version)
    except (Faulty, Unpublishable):
        return None


def _shown(
    process: str, program: Program | None, measured: Mapping[str, Measured], asked: Asked, title: str
) -> dict[str, Any]:
    """The drawing, its legend, the table behind it, and what is chosen."""
    show = SHOWS.get(request.args.get("show", ""), SHOWS["count"])
    plan = diagram.plan_of(program, current()) if program else diagram.Plan()
    codes = [code for code in asked.typed.get("element", "").split(BETWEEN) if code]
    chosen = {code.replace(process_lists.DOT, ".") for code in codes}
    offered = dict(asked.choices["element"])
    tasks = list(program.definition.tasks) if program else []
    beside = [one for one in measured if one not in plan.boxes] if not asked.values.get("version") else []
    known = _names(process, beside, offered)

    def name_of(element: str) -> str:
        words = known.get(element)
        return said(words) if words else plan.names.get(element) or element

    def drawn_as(element: str) -> str:
        name, drawn = name_of(element), plan.names.get(element, "")
        return (
            name if drawn in ("", name) else f"{drawn} ({name})"
        )  # a name must hold what is to be read there

    def only(element: str) -> str:
        code = process_lists.code_of(element)
        return this_page(element=None if codes == [code] else code, page=None) + "#diagram"

    def toggled(element: str) -> str:
        code = process_lists.code_of(element)
        left = [one for one in codes if one != code] + ([] if code in codes else [code])
        return this_page(element=BETWEEN.join(left) or None, page=None) + "#diagram"

    within = {one: measured[one] for one in measured if one in plan.boxes or one in beside}
    steps = [*tasks, *(one for one in within if one not in tasks)]
    return {
        "show": show,
        "shows": SHOWS.values(),
        "drawing": process_drawing.drawn(plan, within, show, title, drawn_as, chosen, tasks, only),
        "legend": process_drawing.legend(within, show),
        "has_values": any(show.value(one) is not None for one in within.values()),
        "steps": [measured.get(one, Measured(one)) for one in steps],
        "beside": beside,
        "name_of": name_of,
        "only": only,
        "toggled": toggled,
        "code_of": process_lists.code_of,
        "chosen_codes": codes,
        "chosen": [(code.replace(process_lists.DOT, "."), code) for code in codes],
        "days": process_drawing.days,
        "share": process_drawing.part,
    }


def _names(process: str, beside: list[str], offered: Mapping[str, Words]) -> dict[str, Words]:
    """What the elements are called, those that the drawing does not have by an earlier version."""
    found = {code.replace(process_lists.DOT, "."): words for code, words in offered.items()}
    late = process_lists.names_of(session(), process, [one for one in beside if one not in found])
    return found | late


def _designer(process: str) -> str:
    """The page of its versions in the designer, for whoever may see it."""
    may = acting.may(roles.DESIGN) or acting.may(roles.PUBLISH)
    if not may or "designer.process" not in current_app.view_functions:
        return ""
    return url_for("designer.process", process=process)
