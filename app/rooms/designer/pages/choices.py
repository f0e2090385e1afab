"""What the panel may choose from: roles, actions, forms, tables and processes, in one answer that is asked once."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request
from sqlalchemy import select

from app.platform import forms
from app.platform.design import drafts
from app.platform.engine.decision_files import read_decisions
from app.platform.engine.front import NotAdmitted, admit
from app.platform.engine.outline import outline
from app.platform.engine.properties import LEVELS
from app.platform.engine.vocabulary import BPMN
from app.platform.identity import roles
from app.platform.records import chains
from app.platform.registry import Action, Words, house
from app.platform.runtime.bundles import DIAGRAMS
from app.platform.settings.entities import Dictionary
from app.rooms.designer import action_words
from app.rooms.designer.blueprint import blueprint
from app.rooms.web.acting import session
from app.rooms.web.guards import needs


@blueprint.get("/choices")
@needs(roles.DESIGN)
def choices() -> Response:
    """Everything a property can name; `?draft=` adds what its own files hold."""
    draft = request.args.get("draft", "")
    files = drafts.files(session(), draft) if draft else {}
    answer = jsonify({**_of_the_house(), **_of_the_files(files)})
    answer.add_etag()
    return answer.make_conditional(request)


def _of_the_house() -> dict[str, Any]:
    known = sorted(house.roles.values(), key=lambda role: role.key)
    return {
        "levels": list(LEVELS),
        "roles": [
            {"key": role.key, "title": _pair(role.title), "place": role.place, "subject": role.subject}
            for role in known
        ],
        "actions": [_action(house.actions[name]) for name in sorted(house.actions)],
        "assignees": sorted(house.assignees),
        "entities": sorted(house.entities),
        "documents": sorted(house.documents),
        "categories": [
            "|".join(one) for one in (chains.TITLE, *(each.title for each in house.systems.values()))
        ],
        "dictionaries": [
            {"key": key, "title": {"zh": zh, "en": en}}
            for key, zh, en in session().execute(
                select(Dictionary.key, Dictionary.title_zh, Dictionary.title_en).order_by(Dictionary.key)
            )
        ],
    }


def _action(action: Action) -> dict[str, Any]:
    # the first line of its docstring is all a system's hook says of itself, and says it in English
    about = action_words.ABOUT.get(action.name) or Words(
        "", (inspect.getdoc(action.run) or "").partition("\n")[0]
    )
    labels = action_words.PARAMETERS.get(action.name, {})
    examples = action_words.EXAMPLES.get(action.name, {})
    given = [name for name in inspect.signature(action.run).parameters if name in action.parameters]
    return {
        "name": action.name,
        "about": _pair(about),
        "parameters": given or sorted(action.parameters),
        "labels": {name: _pair(words) for name, words in labels.items()},
        "examples": {
            name: {value: _pair(words) for value, words in known.items()} for name, known in examples.items()
        },
        "begun": dict(action_words.BEGUN.get(action.name, {})),
        "required": sorted(action.required),
        "returns": sorted(action.returns),
        "when": action.when,
    }


def _of_the_files(files: Mapping[str, bytes]) -> dict[str, Any]:
    """What the draft's own forms, tables and diagrams are called; those that cannot be read yet are left out."""
    found: dict[str, Any] = {"forms": [], "decisions": [], "processes": []}
    for name, content in sorted(files.items()):
        if name.endswith(".json"):
            try:
                found["forms"].append(_form(name, forms.load(content)))
            except forms.BadForm:
                continue
        elif name.endswith(".dmn"):
            try:
                tables, _problems = read_decisions(name, content)
            except NotAdmitted:
                continue
            found["decisions"] += [{"id": one, "name": "", "file": name} for one in tables]
        elif name.endswith(DIAGRAMS):
            named = _names(content)
            found["processes"] += [
                {"id": process, "name": named.get(process, ""), "file": name}
                for process in outline(content).processes
            ]
    return found


def _form(file: str, form: forms.Form) -> dict[str, Any]:
    return {
        "id": form.id,
        "file": file,
        "title": _pair(form.title),
        "fields": [{"name": name, "label": _pair(one.label)} for name, one in form.fields.items()],
        "variables": [
            {
                "name": name,
                "type": kind,
                "label": _pair(form.fields[name].label) if name in form.fields else None,
            }
            for name, kind in form.variables.items()
        ],
    }


def _names(content: bytes) -> dict[str, str]:
    try:
        root = admit(content)
    except NotAdmitted:
        return {}
    return {each.get("id") or "": each.get("name") or "" for each in root.iter(f"{{{BPMN}}}process")}


def _pair(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
