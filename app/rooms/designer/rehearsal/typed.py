"""What was typed into a page of a rehearsal: the next move, and the real form as it was left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Request

from app.platform import forms
from app.platform.design import answering, playing
from app.platform.design.moves import BadMove, Move, Who
from app.platform.design.rehearsing import Run
from app.platform.engine import Definition
from app.platform.forms import Entry, Given, StepForm
from app.platform.forms.kinds.uploads import File
from app.platform.registry import Acting, Words
from app.platform.runtime import views
from app.rooms.designer.rehearsal import where
from app.rooms.web import forms as drawn

OWN = "_v."
"""What the names of variables begin with, which are typed where there is no form."""


@dataclass(frozen=True)
class Typed:
    """A move as posted; `redraws`: it only asks for the form again. `entry`: the form as it was read."""

    move: Move
    redraws: bool = False
    entry: Entry | None = None


def read(run: Run, request: Request) -> Typed:
    """Read a posted move, and the form it comes with, in the name of who plays. Raises `BadMove`, `Refusal`."""
    posted = request.form
    kind, element = posted.get("_move", ""), posted.get("_element", "")
    said = {
        "move": kind,
        "element": element,
        "as": posted.get("_who", ""),
        "nth": posted.get("_nth", 1, int),
        "outcome": posted.get("outcome", "") if kind == "do" else "",
        "comment": posted.get("comment", "").strip() if kind == "do" else "",
        "variables": _variables(run, posted),
        "for": _period(posted) if kind == "skip" else "",
        "error": posted.get("_error", "").strip() if kind == "answer" else "",
    }
    move = Move.read(said)
    if kind not in ("start", "do") or (kind == "start" and element):
        return Typed(move)
    found = form_of(run, move)
    if found is None:
        return Typed(move, drawn.is_update(posted))
    step, given = found
    entry = _entry(run, request, step, given)
    data = answering.portable(step, entry.sent, given)
    return Typed(Move.read({**said, "data": data}), drawn.is_update(posted), entry)


def form_of(run: Run, move: Move) -> tuple[StepForm, Given] | None:
    """The real form a move is made on, as who plays sees it; None where there is none, or he sees none."""
    if move.kind == "start":
        by = run.cast.acting(move.who)
        return answering.at_start(run, by) if run.program.definition.form else None
    found = view_of(run, move.element, move.nth, move.who)
    if found is None or found[0].form is None:
        return None
    view, by = found
    assert view.form is not None
    return view.form, answering.at_task(run, view, by, move.outcome)


def view_of(run: Run, element: str, nth: int, who: Who) -> tuple[views.TaskView, Acting] | None:
    """An open task as who plays would see it. Raises `Unknown` where he would not, `Halted` for nobody."""
    row = playing.open_task(run, element, nth)
    if row is None:
        return None
    by = playing.acting_at(run, row, who)
    return views.task(run.session, row.id, by, run.clock), by


def _entry(run: Run, request: Request, step: StepForm, given: Given) -> Entry:
    """The form as posted; uploads become samples of their names, and so do files that are wanted, if asked to."""
    sent = drawn.texts(request.form)
    for one in step.visible:
        if isinstance(one.kind, File) and one.name in step.writable:
            names = [
                each.filename or "" for each in request.files.getlist(f"{one.name}.file") if each.filename
            ]
            fresh = [answering.sample(run, one, name, given.person) for name in names[: one.kind.most(one)]]
            sent[one.name] = [*sent.get(one.name, []), *fresh]
    entry = forms.read(step, sent, given)
    wanted = [
        one
        for one in step.visible
        if isinstance(one.kind, File)
        and any(each.field == one.name and each.code == "required" for each in entry.complaints)
    ]
    if not wanted or "_samples" not in request.form:
        return entry
    filled = {one.name: [answering.sample(run, one, "", given.person)] for one in wanted}
    return forms.read(step, {**sent, **filled}, given)


def place_names(definition: Definition) -> frozenset[str]:
    """The variables by which steps find the place of their role."""
    steps = definition.tasks.values()
    return frozenset(one.at.variable for one in steps if one.at is not None and one.at.variable)


def _variables(run: Run, posted: Mapping[str, Any]) -> dict[str, str]:
    """What is typed of variables; places by their codes, which is what steps understand. Raises `BadMove`."""
    named = place_names(run.program.definition)
    said = {
        name.removeprefix(OWN): str(value).strip()[:200]
        for name, value in posted.items()
        if name.startswith(OWN) and value
    }
    return {name: where.code(run.session, text) if name in named else text for name, text in said.items()}


def _period(posted: Mapping[str, str]) -> str:
    days = posted.get("_days", "").strip()
    if not days or posted.get("_to") == "next":
        return ""
    if not days.isdigit() or not 0 < int(days) <= 400:
        raise BadMove(Words("请填写 1 到 400 个工作日", "Between 1 and 400 working days"))
    return f"P{int(days)}WD"
