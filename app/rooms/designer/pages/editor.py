"""The editor's page and what it asks in the background: files, saving, who edits, checks."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, jsonify, make_response, render_template, request
from flask_babel import gettext as _

from app.platform.design import checking, correcting, drafts, editing, standing
from app.platform.identity import roles
from app.rooms.designer.blueprint import blueprint
from app.rooms.designer.published import draft_of_page
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs, watching
from app.rooms.web.language import current, moment, said
from app.rooms.web.security import POLICY

EDITOR_POLICY = f"{POLICY}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:"
"""bpmn-js sets styles as attributes and draws its palette from `data:` pictures; scripts stay our own."""


def with_editor(page: str) -> Response:
    """A page on which a diagram editor or viewer stands."""
    response = make_response(page)
    response.headers["Content-Security-Policy"] = EDITOR_POLICY
    return response


@blueprint.get("/drafts/<draft>")
@needs(roles.DESIGN)
def editor(draft: str) -> Response:
    """Draw: the canvas with its panel. Everything else comes in the background."""
    facts = draft_of_page(draft)
    return with_editor(render_template("designer/editor.html", draft=facts, links=_links(draft)))


def _links(draft: str) -> dict[str, str]:
    """Where the other pages about a draft are; those that this house does not have are left out."""
    known = {rule.rule for rule in current_app.url_map.iter_rules()}
    rules = {
        "rehearse": "/designer/drafts/<draft>/rehearse",
        "compare": "/designer/compare",
        "publish": "/designer/drafts/<draft>/publish",
        "forms": "/designer/drafts/<draft>/forms",
        "tables": "/designer/drafts/<draft>/tables",
        "reach": "/designer/reach",
    }
    found = {name: rule.replace("<draft>", draft) for name, rule in rules.items() if rule in known}
    if "compare" in found:
        found["compare"] += f"?draft={draft}"
    return found


@blueprint.get("/drafts/<draft>/files")
@needs(roles.DESIGN)
def read_files(draft: str) -> Response:
    """The draft's files as text, the revision they are of (`?revision=` an earlier one), and why it stands still."""
    facts = drafts.get(session(), draft)
    revision = request.args.get("revision", type=int) or facts.revision
    found = drafts.files(session(), draft, revision)
    texts = {name: content.decode("utf-8", "replace") for name, content in found.items()}
    return jsonify(revision=revision, process=facts.process, files=texts, standing=stands_still(draft))


def stands_still(draft: str) -> str | None:
    """Why nobody may change a draft now, in a sentence; None where one may."""
    return _("这份草稿正等待发布，发布前不能修改。") if standing.stands_still(session(), draft) else None


@blueprint.post("/drafts/<draft>/save")
@needs(roles.DESIGN)
def save(draft: str) -> Response:
    """Save what a window has changed: `{window, read, files: {name: text or null}, note?}`."""
    body = _body()
    changed = {
        str(name): None if text is None else str(text).encode()
        for name, text in dict(body.get("files") or {}).items()
    }
    changed |= correcting.corrected(drafts.files(session(), draft), changed)
    done = drafts.save(
        session(),
        draft,
        changed,
        read=int(body.get("read") or 0),
        window=_window(body),
        by=me(),
        now=now(),
        note=str(body["note"])[:200] if body.get("note") else None,
    )
    return jsonify(revision=done.revision, at=moment(done.at), name=said(done.name))


@blueprint.post("/drafts/<draft>/editing/<verb>")
@needs(roles.DESIGN)
def turn(draft: str, verb: str) -> Response | tuple[Response, int]:
    """Who edits: `ask`, `take`, `agree`, `refuse`, `leave` by a window."""
    body = _body()
    window, by, at = _window(body), me(), now()
    match verb:
        case "ask":
            seen = editing.ask(session(), draft, window, by, at)
        case "take":
            seen = editing.take(session(), draft, window, by, at)
        case "agree" | "refuse":
            seen = editing.hand_over(session(), draft, window, by, at, agrees=verb == "agree")
        case "leave":
            editing.leave(session(), draft, window)
            return jsonify({})
        case _:
            return jsonify({}), 404
    return jsonify(_editing(seen))


@blueprint.post("/drafts/<draft>/beat")
@watching
def beat(draft: str) -> Response | tuple[Response, int]:
    """An open window says that it is there, and hears who edits; it does not keep the session alive."""
    if not roles.may(me().posts, roles.DESIGN):
        return jsonify({}), 403
    return jsonify(_editing(editing.beat(session(), draft, _window(_body()), me(), now())))


@blueprint.post("/drafts/<draft>/check")
@needs(roles.DESIGN)
def check(draft: str) -> Response:
    """Check what a window shows, saved or not, as publication would: `{files}` over the saved ones."""
    body = _body()
    found = drafts.files(session(), draft)
    for name, text in dict(body.get("files") or {}).items():
        if text is None:
            found.pop(name, None)
        else:
            found[str(name)] = str(text).encode()
    process = drafts.get(session(), draft).process
    findings = checking.findings(session(), process, found, now=now())
    return jsonify(findings=[one.shown(current()) for one in findings], language=current())


@blueprint.get("/drafts/<draft>/states")
@needs(roles.DESIGN)
def states(draft: str) -> Response:
    """What was saved of it, the latest first."""
    drafts.get(session(), draft)
    found = drafts.states(session(), draft)
    return jsonify(
        states=[
            {
                "id": one.id,
                "revision": one.revision,
                "note": one.note,
                "aside": one.aside,
                "by": one.by,
                "at": moment(one.at),
            }
            for one in found
        ]
    )


@blueprint.post("/drafts/<draft>/states/<state>/restore")
@needs(roles.DESIGN)
def restore(draft: str, state: str) -> Response:
    """Make an earlier state count again."""
    done = drafts.back_to(session(), draft, state, window=_window(_body()), by=me(), now=now())
    return jsonify(revision=done.revision, at=moment(done.at), name=said(done.name))


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _window(body: dict[str, Any]) -> str:
    return str(body.get("window") or "")[: editing.WINDOW_LENGTH]


def _editing(seen: editing.Editing) -> dict[str, Any]:
    return {
        "mine": seen.mine,
        "takes": seen.takes,
        "editor": seen.editor,
        "since": moment(seen.since) if seen.since else None,
        "asking": seen.asking,
    }
