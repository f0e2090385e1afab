"""Files in and out of the designer: a draft exported, a diagram or bundle brought in."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.platform.design import drafts, editing, parcels
from app.platform.design.errors import DrawnAlready, NotEditing, Outdated, Planned, Rejected
from app.platform.engine.foreign import Line, Untranslated
from app.platform.engine.outline import outline
from app.platform.identity import roles
from app.platform.registry import Words
from app.platform.runtime.bundles import DIAGRAMS
from app.rooms.designer.blueprint import blueprint
from app.rooms.designer.pages.home import show_home
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import said

KINDS = {"bpmn": "application/xml", "zip": "application/zip"}


@blueprint.get("/drafts/<draft>/export/<kind>")
@needs(roles.DESIGN)
def export(draft: str, kind: str) -> Response:
    """The draft's main diagram, or all its files as a .zip."""
    facts = drafts.get(session(), draft)
    if kind not in KINDS:
        abort(404)
    files = drafts.files(session(), draft)
    if kind == "zip":
        content = parcels.pack(files)
    else:
        content = next(
            (each for each in files.values() if facts.process in outline(each).processes),
            next(iter(files.values()), b""),
        )
    response = Response(content, mimetype=KINDS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{facts.process}.{kind}"'
    return response


@blueprint.post("/import")
@needs(roles.DESIGN)
def import_new() -> AnyResponse | str | tuple[str, int]:
    """Begin a draft with an uploaded diagram or bundle."""
    try:
        files, lines = _given()
        process, name = parcels.main_process(files)
        key, files = parcels.under_a_key(files, process)
        title = (name or request.form.get("name", "").strip() or process)[: drafts.LONGEST_NAME]
        draft = drafts.begin(session(), key, Words(title, ""), files, me(), now())
    except Rejected as error:
        return show_home(complaints=[(error.field or "import-file", said(error.words))], opened="import"), 422
    except DrawnAlready as error:
        flash(_("这个流程已有一份草稿。请打开后在“更多”中导入。"), "warning")
        return redirect(url_for("designer.editor", draft=error.draft), 303)
    return _told(draft, lines) if lines else redirect(url_for("designer.editor", draft=draft), 303)


@blueprint.post("/drafts/<draft>/import")
@needs(roles.DESIGN)
def import_into(draft: str) -> AnyResponse | str:
    """Put uploaded files into a draft, in place of those of the same name; what was there stays among its states."""
    facts = drafts.get(session(), draft)
    window = request.form.get("window", "")[: editing.WINDOW_LENGTH]
    try:
        given, lines = _given()
        files = _in_their_place(given, drafts.files(session(), draft), facts.process)
        note = _("导入 %(file)s", file=(request.files["file"].filename or "")[:100])
        drafts.save(
            session(), draft, files, read=facts.revision, window=window, by=me(), now=now(), note=note
        )
        if lines:
            return _told(draft, lines)
        flash(_("已导入。请查看“问题列表”中的事项。"), "success")
    except Rejected as error:
        flash(said(error.words), "error")
    except Planned:
        flash(_("这份草稿正等待发布，导入的文件已另存在“历史”中。"), "warning")
    except (NotEditing, Outdated):
        flash(_("这份草稿正由他人编辑，导入的文件已另存在“历史”中。"), "warning")
    return redirect(url_for("designer.editor", draft=draft), 303)


def _told(draft: str, lines: Sequence[Line]) -> str:
    """What became of a file of another product: first what was not understood, then what was put into our words."""
    missed = [one for one in lines if isinstance(one, Untranslated) and not one.harmless]
    return render_template(
        "designer/imported.html",
        draft=drafts.get(session(), draft),
        missed=missed,
        names=parcels.names(drafts.files(session(), draft)),
        made=[one for one in lines if one not in missed],
    )


def _given() -> tuple[dict[str, bytes], list[Line]]:
    uploaded = request.files.get("file")
    if uploaded is None or not uploaded.filename:
        raise Rejected(Words("请选择文件", "Choose a file"), "import-file")
    return parcels.translated(parcels.unpack(uploaded.filename, uploaded.read()))


def _in_their_place(
    files: dict[str, bytes], before: dict[str, bytes], process: str
) -> dict[str, bytes | None]:
    """A single diagram takes the place of the draft's own, under its key; what else there is keeps its name."""
    diagrams = [name for name in files if name.endswith(DIAGRAMS)]
    if len(diagrams) != 1:
        return dict(files)
    own, _name = parcels.main_process(files)
    found = parcels.renamed(files, own, process) if own != process else dict(files)
    place = next((each for each, old in before.items() if process in outline(old).processes), diagrams[0])
    content = found.pop(diagrams[0])
    return {**found, place: content}
