"""Decision tables of a draft: drawn with dmn-js, tried out beside it."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.platform.design import contents, drafts, tables
from app.platform.identity import roles
from app.rooms.designer.blueprint import blueprint
from app.rooms.designer.pages.editor import stands_still, with_editor
from app.rooms.web.acting import now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import current, said

ENDING = ".dmn"


@blueprint.get("/drafts/<draft>/tables")
@needs(roles.DESIGN)
def list_tables(draft: str) -> AnyResponse | str:
    """The draft's tables; of one alone, the table itself."""
    facts = drafts.get(session(), draft)
    names = _names(draft)
    if len(names) == 1:
        return redirect(url_for("designer.edit_table", draft=draft, name=names[0]), 303)
    return render_template(
        "designer/tables.html", draft=facts, names=names, fresh=_fresh(facts.process, names)
    )


@blueprint.get("/drafts/<draft>/tables/<path:name>")
@needs(roles.DESIGN)
def edit_table(draft: str, name: str) -> Response:
    """Draw one file's tables. One that is not there yet begins as an empty table, saved with its first change."""
    facts = drafts.get(session(), draft)
    if not name.endswith(ENDING) or not contents.FILE.fullmatch(name):
        abort(404)
    names = _names(draft)
    page = render_template(
        "designer/table.html",
        draft=facts,
        name=name,
        names=names if name in names else [*names, name],
        fresh=_fresh(facts.process, names),
        standing=stands_still(draft),
        text=drafts.files(session(), draft).get(name, b"").decode("utf-8", "replace"),
    )
    return with_editor(page)


@blueprint.post("/drafts/<draft>/tables/try")
@needs(roles.DESIGN)
def try_table(draft: str) -> Response:
    """What is wrong with a table as it stands on the page, and what it gives: `{name, text, supposed}`."""
    drafts.get(session(), draft)
    body = request.get_json(silent=True)
    body = body if isinstance(body, dict) else {}
    supposed = body.get("supposed")
    given = {str(key): str(one) for key, one in (supposed if isinstance(supposed, dict) else {}).items()}
    tried, problems = tables.look(str(body.get("name", "")), str(body.get("text", "")).encode(), given, now())
    return jsonify(
        problems=[{"element": one.element, "message": one.message(current())} for one in problems],
        decisions=[_facts(one) for one in tried],
    )


def _facts(tried: tables.Tried) -> dict[str, Any]:
    return {
        "decision": tried.decision,
        "name": said(tried.name),
        "asks": [{"name": name, "label": label} for name, label in tried.asks.items()],
        "rules": tried.rules,
        "outputs": None if tried.outputs is None else dict(tried.outputs),
        "why_not": said(tried.why_not) if tried.why_not else None,
    }


def _names(draft: str) -> list[str]:
    return sorted(name for name in drafts.files(session(), draft) if name.endswith(ENDING))


def _fresh(process: str, names: list[str]) -> str:
    """A name that no table of the draft has."""
    number = len(names) + 1
    while f"{process}_table{number}{ENDING}" in names:
        number += 1
    return f"{process}_table{number}{ENDING}"
