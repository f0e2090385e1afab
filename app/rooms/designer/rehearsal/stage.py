"""Everything the page of a rehearsal shows: the drawing with its tokens, the step to be done, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from app.platform.design import answering, scenes, ways
from app.platform.design.halting import Halted
from app.platform.design.moves import BadMove
from app.platform.design.rehearsal_tests import Judged
from app.platform.design.rehearsing import Run
from app.platform.design.runs import Script
from app.platform.design.scenes import Scene, TaskNow
from app.platform.engine.outline import outline
from app.platform.identity.messages import Refusal
from app.platform.registry import Words
from app.platform.runtime import errors
from app.platform.runtime.views import TaskView
from app.rooms.designer.rehearsal import players
from app.rooms.designer.rehearsal.typed import Typed, place_names, view_of
from app.rooms.web import forms as drawn
from app.rooms.web.language import current, said

Unseen = errors.Unknown
NOT_SEEN = Words("此人看不到这一步。", "This person does not see the step.")
NOBODY = {
    "incident": Words(
        "今天没有人；流程会停在这里，并向管理员报告",
        "Nobody today; it stops here and administrators are told",
    ),
    "up": Words("今天没有人，上级也没有；流程会停在这里", "Nobody today, nor above; it stops here"),
}


@dataclass(frozen=True)
class Step:
    """The step the page is about: the open task as who plays sees it, and the form drawn for him.

    `place` is what was typed of a place there is not, None where there is.
    """

    task: TaskNow | None
    view: TaskView | None
    chooser: players.Chooser
    form: str
    complaints: tuple[tuple[str | None, str], ...]
    comment: str
    comment_wrong: str
    unseen: str
    place: str | None = None


def shown(
    run: Run, script: Script, typed: Typed | None, halted: Halted | None, judged: Judged | None = None
) -> dict[str, Any]:
    """What the template is handed. To be called while the rehearsal lasts, and drawn before it ends."""
    scene = scenes.look(run)
    step = _step(run, scene, typed, halted)
    files = run.program.files
    ways_taken = [*(judged.ways if judged else ()), *((scene.way,) if scene.way.elements else ())]
    covered = ways.coverage(ways_taken, ways.flows_of(files))
    definition = run.program.definition
    begins = _begins(run) if scene.state == "before" else []
    stopped = run.halted if len(run.played) < len(script.moves) else None
    return {
        **_about(script),
        "name": definition.name,
        "scene": scene,
        "step": step,
        "elements": definition.elements,
        "begins": begins,
        "by_somebody": any(kind != "timer" for _element, _name, kind, _data in begins),
        "place_names": place_names(definition),
        "asked": _parameters(run) if scene.state == "before" and not definition.form else (),
        "plain": None in definition.begins.values(),
        "halted": halted,
        "stopped": stopped,
        "count": len(run.played),
        "lost": len(script.moves) - len(run.played),
        "judged": judged,
        "uncovered": [(flow, _named(run, flow)) for flow in covered.left],
        "nobody_of": nobody_of,
        "drawing": _drawing(run, scene, covered),
        "problems": (),
    }


def unplayable(
    script: Script, files: Mapping[str, bytes], problems: Sequence[Words], name: Words | None = None
) -> dict[str, Any]:
    """The same for what cannot be published, and so cannot be played."""
    nothing: dict[str, Any] = {
        "xml": _xml(files, script.process),
        "here": [],
        "walked": [],
        "flows": {},
        "runs": 0,
    }
    return {
        **_about(script),
        "name": name or Words(script.process, script.process),
        "problems": problems,
        "scene": None,
        "drawing": {**nothing, "elements": {}, "words": _words()},
    }


def nobody_of(task: TaskNow) -> str:
    """What happens where nobody can do a step today."""
    if task.nobody.startswith("skip:"):
        return str(_("今天没有人；这一步会被跳过"))
    if "@" in task.nobody:
        return str(_("今天没有人，代替的角色也没有；流程会停在这里"))
    return said(NOBODY.get(task.nobody, NOBODY["incident"]))


def _about(script: Script) -> dict[str, Any]:
    begin = (
        url_for("designer.rehearse", draft=script.draft)
        if script.draft
        else url_for("designer.rehearse_version", version=script.version)
    )
    here = url_for("designer.rehearsing", rehearsal_id=script.id) if script.id else begin
    back = url_for("designer.rehearsing", rehearsal_id=script.before) if script.before else begin
    return {"script": script, "begin": begin, "here": here, "back": back if script.moves else None}


def _step(run: Run, scene: Scene, typed: Typed | None, halted: Halted | None) -> Step | None:
    """The step to be done next: beginning, or the open task that was asked for, else the first."""
    asked: dict[str, str] = dict(request.args if typed is None else request.form)
    move = typed.move if typed else None
    if scene.state == "before":
        return _first(run, asked, typed, halted)
    if not scene.tasks:
        return None
    wanted = (move.element, move.nth) if move and move.kind in ("do", "claim") else _wanted(asked)
    task = next((one for one in scene.tasks if (one.element, one.nth) == wanted), scene.tasks[0])
    if wanted != (task.element, task.nth) and "_who" in asked and not _wanted(asked)[0]:
        asked.pop("_who")
    unseen, view, by = "", None, None
    chooser = players.at_task(run, task.receivers, task.who, {}, task.drawn.role)
    try:
        chooser = players.at_task(run, task.receivers, task.who, asked, task.drawn.role)
        found = view_of(run, task.element, task.nth, chooser.chosen)
        if found is not None:
            view, by = found
    except (BadMove, Refusal, Halted) as error:
        unseen = said(error.words) if isinstance(error, BadMove | Halted) else error.message(current())
    except errors.Unknown:
        unseen = said(NOT_SEEN)
    form, complaints = "", _complaints(halted)
    if view is not None and by is not None and view.form is not None:
        given = answering.at_task(run, view, by, move.outcome if move else "")
        form = drawn.render_form(
            view.form,
            view.values,
            halted.entry.complaints if halted and halted.entry else (),
            given,
            current(),
            editable=view.can_work,
            sent=typed.entry.sent if typed and typed.entry else None,
            in_full=view.can_work,
        )
    wrong = said(halted.words) if halted and halted.name == "comment" else ""
    comment, place = move.comment if move else "", asked.get("_place") if unseen else None
    return Step(task, view, chooser, form, complaints, comment, wrong, unseen, place)


def _first(run: Run, asked: Mapping[str, str], typed: Typed | None, halted: Halted | None) -> Step:
    """Beginning: who starts it, and the start form as he sees it."""
    unseen, form = "", ""
    try:
        chooser = players.at_start(run, asked)
        by = run.cast.acting(chooser.chosen)
    except (BadMove, Refusal) as error:
        unseen = said(error.words) if isinstance(error, BadMove) else error.message(current())
        chooser = players.at_start(run, {})
        by = run.cast.acting(chooser.chosen)
    if run.program.definition.form:
        step, given = answering.at_start(run, by)
        form = drawn.render_form(
            step,
            {},
            halted.entry.complaints if halted and halted.entry else (),
            given,
            current(),
            sent=typed.entry.sent if typed and typed.entry else None,
            in_full=True,
        )
    place = asked.get("_place") if unseen else None
    return Step(None, None, chooser, form, _complaints(halted), "", "", unseen, place)


def _complaints(halted: Halted | None) -> tuple[tuple[str | None, str], ...]:
    """What stands above the form: a form draws the summary of its own complaints itself."""
    if halted is None or halted.entry is not None:
        return ()
    return (("comment" if halted.name == "comment" else None, said(halted.words)),)


def _wanted(asked: Mapping[str, str]) -> tuple[str, int]:
    element, _dot, nth = asked.get("task", "").rpartition(".")
    return element, int(nth) if nth.isdigit() else 1


def _begins(run: Run) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Start events that wait for something: (element, name, kind, data)."""
    definition = run.program.definition
    return [
        (element, said(definition.elements[element].name), event.kind, event.data)
        for element, event in definition.begins.items()
        if event is not None
    ]


def _parameters(run: Run) -> list[str]:
    """The variables a chain without a start form may be handed by the verb that starts it."""
    definition = run.program.definition
    written = {name for form in run.program.forms.values() for name in form.variables}
    return sorted(definition.variables - written - {"outcome"})


def _named(run: Run, flow: ways.Flow) -> str:
    elements = run.program.definition.elements
    ends = [said(elements[one].name) if one in elements else one for one in (flow.source, flow.target)]
    return f"{ends[0]} → {ends[1]}" + (f"（{flow.name}）" if flow.name else "")


def _drawing(run: Run, scene: Scene, covered: ways.Coverage) -> dict[str, Any]:
    return {
        "xml": _xml(run.program.files, run.process),
        "here": [one.element for one in scene.tokens],
        "stuck": [element for _kind, element, _detail in scene.incidents],
        "walked": sorted(scene.way.flows),
        "visited": dict(scene.way.elements),
        "elements": dict(covered.elements),
        "flows": dict(covered.flows),
        "runs": covered.runs,
        "words": _words(),
    }


def _words() -> dict[str, str]:
    return {"here": _("现在在这里"), "stuck": _("有故障"), "failed": _("流程图无法显示")}


def _xml(files: Mapping[str, bytes], process: str) -> str:
    """The file that draws the process itself."""
    for name, content in sorted(files.items()):
        if name.endswith(ways.DIAGRAMS) and process in outline(content).processes:
            return content.decode("utf-8", "replace")
    return ""
