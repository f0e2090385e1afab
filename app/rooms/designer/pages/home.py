"""What is published and what is being drawn, and beginning to draw."""

from __future__ import annotations

import secrets

from flask import redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.platform.design import drafts, editing, empty
from app.platform.design.errors import DrawnAlready, Rejected
from app.platform.identity import people, roles
from app.platform.registry import Words, house
from app.platform.runtime.entities import Process, Version
from app.rooms.designer.blueprint import blueprint
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import said


@blueprint.get("/")
@needs(roles.DESIGN)
def home() -> str:
    """All processes with their current version, and all open drafts."""
    return show_home()


@blueprint.post("/new")
@needs(roles.DESIGN)
def new() -> Response | tuple[str, int]:
    """Begin a process on an empty canvas, or a copy of a published one as a template."""
    name = Words(request.form.get("name", "").strip(), request.form.get("name_en", "").strip())
    key = request.form.get("process", "").strip() or f"office_{secrets.token_hex(4)}"
    template = request.form.get("template", "")
    try:
        files = empty.bundle(session(), key, name, template or None)
        draft = drafts.begin(session(), key, name, files, me(), now())
    except Rejected as error:
        return show_home(complaints=[(error.field, said(error.words))], opened="new"), 422
    except DrawnAlready as error:
        draft = error.draft
    return redirect(url_for("designer.editor", draft=draft), 303)


@blueprint.post("/processes/<process>/draft")
@needs(roles.DESIGN)
def reopen(process: str) -> Response:
    """Change a published process: open its draft, or begin one from its current version."""
    try:
        draft = drafts.reopen(session(), process, me(), now())
    except DrawnAlready as error:
        draft = error.draft
    return redirect(url_for("designer.editor", draft=draft), 303)


@blueprint.post("/drafts/<draft>/close")
@needs(roles.DESIGN)
def close(draft: str) -> Response:
    """Throw a draft away."""
    drafts.close(session(), draft, me(), now())
    return redirect(url_for("designer.home"), 303)


def show_home(complaints: list[tuple[str | None, str]] | None = None, opened: str = "") -> str:
    """The room's first page; `opened`: the dialog (`new`, `import`) that was refused and stands open again."""
    open_ones = drafts.open_ones(session())
    rows = (
        session()
        .execute(
            select(
                Process.key,
                Process.system,
                Process.name_zh,
                Process.name_en,
                Version.number,
                Version.published_at,
                Version.published_by_id,
            )
            .join(Version, Version.id == Process.current_id)
            .order_by(Process.system, Process.key)
        )
        .all()
    )
    names = people.names(session(), {row.published_by_id for row in rows if row.published_by_id})
    drawn = {one.process: one for one in open_ones}
    processes = [
        {
            "row": row,
            "name": Words(row.name_zh, row.name_en),
            "system": _system(row.system),
            "by": names.get(row.published_by_id or "", ""),
            "draft": drawn.get(row.key),
        }
        for row in rows
    ]
    return render_template(
        "designer/home.html",
        drafts=open_ones,
        edited=editing.edited(session(), now()),
        processes=processes,
        complaints=complaints or [],
        opened=opened or ("new" if request.args.get("template") else ""),
        template=request.form.get("template") or request.args.get("template", ""),
        typed=request.form,
    )


def _system(key: str) -> Words:
    known = house.systems.get(key)
    return known.title if known else Words("通用", "General")
