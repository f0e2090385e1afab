"""Rehearsing a draft or a published version: the page, its moves, and saving them as a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.platform.design import checking, drafts, rehearsal_tests, runs
from app.platform.design.errors import Rejected
from app.platform.design.halting import Halted, halted
from app.platform.design.moves import MOST, BadMove
from app.platform.design.rehearsing import rehearsal
from app.platform.design.runs import Script
from app.platform.identity import roles
from app.platform.identity.messages import Refusal
from app.platform.registry import Words
from app.platform.runtime import rehearsed
from app.platform.runtime.errors import Unpublishable
from app.rooms.designer.blueprint import blueprint
from app.rooms.designer.pages.editor import with_editor
from app.rooms.designer.rehearsal import ahead, stage, tested, typed
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import current, said


@blueprint.get("/drafts/<draft>/rehearse")
@needs(roles.DESIGN)
def rehearse(draft: str) -> Response:
    """Before the first move of a draft as it is now."""
    return with_editor(_show(runs.of_draft(session(), draft, now())))


@blueprint.post("/drafts/<draft>/rehearse")
@needs(roles.DESIGN)
def begin(draft: str) -> Response | Answer | tuple[Response, int]:
    """Make the first move."""
    return _move(runs.of_draft(session(), draft, now()))


@blueprint.get("/versions/<version>/rehearse")
@needs(roles.DESIGN)
def rehearse_version(version: str) -> Response:
    """Before the first move of a published version."""
    return with_editor(_show(runs.of_version(session(), version, now())))


@blueprint.post("/versions/<version>/rehearse")
@needs(roles.DESIGN)
def begin_version(version: str) -> Response | Answer | tuple[Response, int]:
    """Make the first move of a published version."""
    return _move(runs.of_version(session(), version, now()))


@blueprint.get("/rehearsals/<rehearsal_id>")
@needs(roles.DESIGN)
def rehearsing(rehearsal_id: str) -> Response:
    """After the moves made so far, played anew."""
    return with_editor(_show(runs.get(session(), rehearsal_id)))


@blueprint.post("/rehearsals/<rehearsal_id>")
@needs(roles.DESIGN)
def move(rehearsal_id: str) -> Response | Answer | tuple[Response, int]:
    """Make the next move."""
    return _move(runs.get(session(), rehearsal_id))


@blueprint.post("/rehearsals/<rehearsal_id>/test")
@needs(roles.DESIGN)
def keep_test(rehearsal_id: str) -> Response | Answer | tuple[Response, int]:
    """Keep the moves so far as a test beside the draft, with what has come of them."""
    script = runs.get(session(), rehearsal_id)
    name = request.form.get("name", "").strip()
    try:
        if script.draft is None:
            raise Rejected(
                Words("请先修改这个流程，测试随草稿保存", "Begin to change the process first"), "name"
            )
        with rehearsal(
            session(), script.process, runs.files(session(), script), script.moves, by=me(), base=script.base
        ) as run:
            if run.halted is not None:
                raise Rejected(run.halted.words, "name")
            test = rehearsal_tests.test_of(run, name)
        rehearsal_tests.keep(session(), script.draft, test, me(), now())
    except Rejected as error:
        return with_editor(_show(script, wrong_name=said(error.words), name=name)), 422
    return redirect(url_for("designer.rehearsing", rehearsal_id=rehearsal_id, kept=1), 303)


@blueprint.post("/drafts/<draft>/tests/drop")
@needs(roles.DESIGN)
def drop_test(draft: str) -> Response:
    """Take a test of the draft away."""
    rehearsal_tests.drop(session(), draft, request.form.get("name", ""), me(), now())
    flash(_("已删除测试。"), "success")
    return redirect(url_for("designer.rehearse", draft=draft), 303)


@dataclass(frozen=True)
class _Shown:
    """What a page shows beside the run: what was typed and why it could not be done."""

    typed: typed.Typed | None = None
    halted: Halted | None = None


def _move(script: Script) -> Response | Answer | tuple[Response, int]:
    files = runs.files(session(), script)
    if len(script.moves) >= MOST:
        words = Words(f"一次演练最多 {MOST} 步，请重来", f"A rehearsal has at most {MOST} moves")
        return with_editor(_show(script, shown=_Shown(halted=Halted(words)))), 422
    try:
        rehearsed.read_once(files, trial=script.draft is not None)
    except Unpublishable:
        return with_editor(_show(script)), 422
    judged = tested.known(session(), files)
    with rehearsal(
        session(), script.process, files, script.moves, by=me(), base=script.base, language=current()
    ) as run:
        shown = _Shown()
        if run.halted is None:
            try:
                asked = typed.read(run, request)
                shown = _Shown(asked)
                if not asked.redraws and not run.play(asked.move):
                    shown = _Shown(asked, run.halted)
            except (BadMove, Refusal, Halted, stage.Unseen) as error:
                words = error.words if isinstance(error, BadMove) else halted(error).words
                shown = _Shown(halted=Halted(words))
        made = tuple(run.played)
        if shown.halted is not None or len(made) == len(script.moves):
            page = render_template(
                "designer/rehearse.html", **stage.shown(run, script, shown.typed, shown.halted)
            )
            return with_editor(page), 422 if shown.halted is not None else 200
        follows = runs.follow(script, made)
        comes = stage.shown(run, follows, None, None, judged)
    runs.keep(session(), follows, me(), now())
    if judged is not None:
        ahead.keep(follows.id or "", me().person, current(), comes)
    return redirect(url_for("designer.rehearsing", rehearsal_id=follows.id), 303)


def _show(script: Script, shown: _Shown | None = None, wrong_name: str = "", name: str = "") -> str:
    """The page of a script, or why it cannot be played."""
    files = runs.files(session(), script)
    kept = ahead.take(script.id, me().person, current()) if not request.args and shown is None else None
    if kept is not None:
        return render_template("designer/rehearse.html", **kept, tests=_names(script, files))
    found = shown or _Shown()
    about: dict[str, Any] = {"wrong_name": wrong_name, "test_name": name, "kept": request.args.get("kept")}
    try:
        rehearsed.read_once(files, trial=script.draft is not None)
    except Unpublishable as error:
        problems = [
            Words(one.message("zh"), one.message("en"))  # type: ignore[attr-defined]
            for one in error.problems
        ]
        title = drafts.get(session(), script.draft).name if script.draft else None
        if script.draft:  # the sentences of the list of problems, which call the steps by their names
            found_wrong = checking.findings(session(), script.process, files, trial=True)
            problems = [one.sentence for one in found_wrong if one.level == "error"] or problems
        page = stage.unplayable(script, files, problems, title)
        return render_template("designer/rehearse.html", **page, **about)
    judged = tested.judged(session(), script.process, files, now(), anew="tests" in request.args)
    about["tests"] = _names(script, files)
    with rehearsal(
        session(), script.process, files, script.moves, by=me(), base=script.base, language=current()
    ) as run:
        return render_template(
            "designer/rehearse.html", **stage.shown(run, script, found.typed, found.halted, judged), **about
        )


def _names(script: Script, files: Mapping[str, bytes]) -> list[str]:
    try:
        return [one.name for one in rehearsal_tests.tests_of(script.process, files)]
    except BadMove:
        return []  # the judgement says what is wrong with the file
