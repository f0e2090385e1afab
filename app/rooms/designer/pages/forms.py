"""The forms of a draft: the list, a new one, the page one is drawn on, and what that page asks in the background."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, abort, jsonify, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from app.platform.design import drafts, editing, form_drafts, form_kinds, form_uses
from app.platform.design.errors import Rejected
from app.platform.identity import roles
from app.platform.registry import Words, house
from app.platform.runtime.entities import Process
from app.platform.settings import dictionaries
from app.platform.settings.entities import Dictionary
from app.rooms.designer import form_trial, form_words
from app.rooms.designer.blueprint import blueprint
from app.rooms.designer.pages.editor import stands_still
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import current, said

LARGEST = 512 * 1024
"""Characters of a form's text that a page may hand in to be looked at; what is kept has the bounds of drafts."""


@blueprint.get("/drafts/<draft>/forms")
@needs(roles.DESIGN)
def forms_of(draft: str) -> str:
    """The draft's forms, the steps that ask each, and beginning another."""
    return _list(draft)


@blueprint.post("/drafts/<draft>/forms")
@needs(roles.DESIGN)
def new_form(draft: str) -> Answer | tuple[str, int]:
    """Begin a form: empty, or like one of this draft or of a published chain."""
    files = drafts.files(session(), draft)
    title = Words(request.form.get("title", "").strip(), request.form.get("title_en", "").strip())
    key = request.form.get("form", "").strip() or f"office/form_{secrets.token_hex(3)}"
    is_used = "used" in request.form
    try:
        template = _template(files, request.form.get("template", ""))
        file, content = form_drafts.begun(
            files, key, title, template, form_uses.own(files) if is_used else ()
        )
    except Rejected as error:
        return _list(draft, complaints=[(error.field, said(error.words))]), 422
    window = f"form{secrets.token_hex(8)}"
    editing.take(session(), draft, window, me(), now())  # one's own other window hands over
    read = drafts.get(session(), draft).revision
    changed = {file: content, **(form_uses.used(files, key) if is_used else {})}
    drafts.save(session(), draft, changed, read=read, window=window, by=me(), now=now())
    editing.leave(session(), draft, window)
    return redirect(url_for("designer.form", draft=draft, name=key), 303)


@blueprint.get("/drafts/<draft>/forms/<path:name>")
@needs(roles.DESIGN)
def form(draft: str, name: str) -> str:
    """Draw a form: its fields, who may do what with them at which step, and how it looks there."""
    facts = drafts.get(session(), draft)
    files = drafts.files(session(), draft, facts.revision)
    file = form_drafts.named(files, name)
    if file is None:
        abort(404)
    text = files[file].decode("utf-8", "replace")
    steps = form_drafts.steps_of(files, name)
    told = {
        "draft": draft,
        "file": file,
        "form": name,
        "text": text,
        "revision": facts.revision,
        "standing": stands_still(draft),
        "language": current(),
        "steps": [_step(each) for each in steps],
        "kinds": form_words.kinds(),
        "parts": {
            "form": form_words.settings(form_kinds.settings_of("")),
            "section": form_words.settings(form_kinds.settings_of("section")),
            "note": form_words.settings(form_kinds.settings_of("note")),
        },
        "pickers": _pickers(files),
        "reserved": sorted(form_kinds.RESERVED),
        "complaints": form_trial.complaints(text),
        "words": form_words.words(),
    }
    return render_template("designer/form.html", draft=facts, form=name, file=file, told=told)


@blueprint.post("/drafts/<draft>/form-check")
@needs(roles.DESIGN)
def check_form(draft: str) -> Response:
    """What is wrong with a form's text, saved or not: `{text}`, by JSON path, in words."""
    drafts.get(session(), draft)
    body = request.get_json(silent=True)
    text = str(body.get("text") or "") if isinstance(body, dict) else ""
    return jsonify(complaints=form_trial.complaints(text[:LARGEST]))


@blueprint.post("/drafts/<draft>/form-preview")
@needs(roles.DESIGN)
def preview_form(draft: str) -> str:
    """A form's text drawn as at one of its steps, with what was typed into it there or at another; nothing is kept."""
    drafts.get(session(), draft)
    sent = request.form.to_dict(flat=False)
    return form_trial.drawn(
        session(),
        request.form.get("form:text", "")[:LARGEST],
        request.form.get("form:step", ""),
        sent,
        language="en" if request.form.get("form:language") == "en" else "zh",
        outcome=request.form.get("form:outcome") or None,
        by=me(),
        now=now(),
    )


def _list(draft: str, complaints: list[tuple[str | None, str]] | None = None) -> str:
    facts = drafts.get(session(), draft)
    files = drafts.files(session(), draft, facts.revision)
    return render_template(
        "designer/forms.html",
        draft=facts,
        forms=form_drafts.listed(files),
        lacking=form_uses.lacking(files),
        templates=_templates(),
        complaints=complaints or [],
        typed=request.form,
    )


def _templates() -> list[tuple[str, Words, Words]]:
    """Forms of published chains: `process:form`, the form's title, the chain's name."""
    rows = session().execute(
        select(Process.key, Process.current_id, Process.name_zh, Process.name_en)
        .where(Process.current_id.is_not(None))
        .order_by(Process.system, Process.key)
    )
    return [
        (f"{row.key}:{one.id}", one.title, Words(row.name_zh, row.name_en))
        for row in rows
        for one in form_drafts.listed(drafts.version_files(session(), row.current_id))
        if not one.faults
    ]


def _template(files: dict[str, bytes], chosen: str) -> bytes | None:
    """The form to begin with: `process:form` of a published chain, `:form` of this draft."""
    if not chosen:
        return None
    process, _, name = chosen.partition(":")
    if process:
        current_id = session().scalar(select(Process.current_id).where(Process.key == process))
        files = drafts.version_files(session(), current_id) if current_id else {}
    file = form_drafts.named(files, name)
    if file is None:
        raise Rejected(Words("没有这份表单，请重新选择", "There is no such form; choose again"), "template")
    return files[file]


def _step(step: form_drafts.Step) -> dict[str, Any]:
    return {
        "key": step.key,
        "sort": step.sort,
        "name": said(step.name),
        "who": said(step.who) if step.who else "",
        "outcomes": [{"code": one.key, "label": said(one.words)} for one in step.outcomes],
    }


def _pickers(files: dict[str, bytes]) -> dict[str, list[dict[str, Any]]]:
    """What settings may name: lists of words, hooks, prints, roles; each a value and its label."""
    lists = session().execute(select(Dictionary.key, Dictionary.title_zh, Dictionary.title_en))
    printed = [name for name in house.documents if f"forms/{name}.html" in files]

    def plain(names: Any) -> list[dict[str, Any]]:
        return [{"value": name, "label": name} for name in sorted(names)]

    return {
        "dictionary": [
            {
                "value": row.key,
                "label": said(Words(row.title_zh, row.title_en)),
                "words": [
                    {"value": code, "label": said(words)} for code, words in dictionaries.offered(row.key)
                ],
            }
            for row in lists
        ],
        "hook": plain(house.choices),
        "check": plain(house.checks),
        "scan_of": plain(printed),
        "entity": plain(house.entities),
        "role": [{"value": key, "label": said(role.title)} for key, role in sorted(house.roles.items())],
    }
