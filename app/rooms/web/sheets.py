"""Serves every sheet of the house at `/<system>/imports/<key>`: template, upload, progress, records, undoing."""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.platform import documents, sheets
from app.platform.jobs.errands import Standing
from app.platform.registry import Post, Refused, Words, house
from app.platform.sheets import catalogue, importing, inspecting, records, template
from app.platform.sheets.records import Record
from app.rooms.web import errands
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import Missing, signed_in
from app.rooms.web.language import current, said

STATES = {
    "waiting": (Words("排队中", "Waiting"), "plain"),
    "running": (Words("导入中", "Running"), "run"),
    "done": (Words("已完成", "Done"), "ok"),
    "stopped": (Words("已停止", "Stopped"), "plain"),
    "failed": (Words("未能完成", "Failed"), "bad"),
    "undone": (Words("已撤销", "Undone"), "plain"),
}
OPEN = Words("查看导入结果", "See what was imported")


def attach(app: Flask) -> None:
    """Find the systems' sheets and serve them."""
    for key, home in house.homes.items():
        catalogue.enter(key, sheets.find(home, key).values())
    place = "/<system>/imports/<key>"
    app.add_url_rule(place, "web.sheet", show)
    app.add_url_rule(place, "web.send_sheet", send, methods=["POST"])
    app.add_url_rule(f"{place}/template.xlsx", "web.sheet_template", download_template)
    app.add_url_rule(f"{place}/<record>", "web.sheet_record", show_record)
    app.add_url_rule(f"{place}/<record>/progress", "web.sheet_progress", progress)
    app.add_url_rule(f"{place}/<record>/failures.xlsx", "web.sheet_failures", download_failures)
    app.add_url_rule(f"{place}/<record>/undo", "web.undo_sheet", undo, methods=["POST"])
    app.add_template_global(STATES.__getitem__, "sheet_state")
    app.add_template_global(tag, "sheet_tag")
    errands.leads(importing.KIND)(_lead)


@signed_in
def show(system: str, key: str) -> str:
    """Show how a sheet is filled in, where to send it, and what was imported here before (C-25)."""
    return _page(system, key)


@signed_in
def send(system: str, key: str) -> AnyResponse | tuple[str, int]:
    """Take a workbook, or refuse it as a whole; then to its progress (C-24, C-26)."""
    sheet, mine = _of(system, key)
    post = next((held for held in mine if held.id == request.form.get("post")), mine[0])
    sent = request.files.get("file")
    content = sent.stream.read(inspecting.LIMIT + 1) if sent else b""
    try:
        upload = sheets.look(sheet, (sent.filename if sent else "") or "", content)
    except sheets.SheetRefused as refused:
        return _page(system, key, refused.message(current()), post), 422
    record = sheets.begin(session(), f"{system}/{key}", upload, me(), post, now())
    return redirect(url_for("web.sheet_record", system=system, key=key, record=record), 303)


@signed_in
def download_template(system: str, key: str) -> Response:
    """Hand out the template."""
    sheet, _mine = _of(system, key)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        template.write(sheet, path)
        return _workbook(f"{documents.document_name(sheet.title.zh)}_导入模板.xlsx", path.read_bytes())


@signed_in
def show_record(system: str, key: str, record: str) -> str:
    """Show one import: how far it is, what came of it, what may be done."""
    return render_template("web/sheet_record.html", **_shown(system, key, record))


@signed_in
def progress(system: str, key: str, record: str) -> Response:
    """Answer the piece of the page that moves; 304 while nothing has."""
    shown = _shown(system, key, record)
    mark = tag(shown["record"])
    if request.headers.get("If-None-Match") == mark:
        answer = make_response("", 304)
    else:
        answer = make_response(render_template("web/sheet_card.html", **shown))
    answer.headers["ETag"] = mark
    return answer


@signed_in
def download_failures(system: str, key: str, record: str) -> Response:
    """Hand out the rows that were refused, to be corrected and sent again (C-24, C-27)."""
    found = records.failures(session(), _record(system, key, record))
    if found is None:
        abort(404)
    return _workbook(found[0].name, found[1])


@signed_in
def undo(system: str, key: str, record: str) -> AnyResponse:
    """Take an import back as a whole, or say why it stays."""
    sheet, mine = _of(system, key)
    _record(system, key, record)
    try:
        sheets.undo(session(), sheet, record, mine, me(), now())
    except Refused as refused:
        flash(said(refused.words), "warning")
    else:
        flash(_("已撤销：该次导入新增的数据已全部删除。"), "success")
    return redirect(url_for("web.sheet_record", system=system, key=key, record=record), 303)


def tag(record: Record) -> str:
    """What changes when the import does."""
    told = f"{record.id}:{record.state}:{record.handled}:{record.good}:{record.finished_at}"
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:16]}"'


def _page(system: str, key: str, complaint: str = "", post: Post | None = None) -> str:
    sheet, mine = _of(system, key)
    number = request.args.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 1
    found, total = records.of(session(), f"{system}/{key}", mine, page)
    return render_template(
        "web/sheet.html",
        sheet=sheet,
        requirement=template.requirement,
        of_system=system,
        complaint=complaint,
        limit=inspecting.LIMIT,
        posts=_choices(mine),
        chosen=post or mine[0],
        records=found,
        total=total,
        page_number=page,
        pages=max(1, -(-total // records.PAGE)),
        role_of=_role,
        language=current(),
    )


def _shown(system: str, key: str, record: str) -> dict[str, Any]:
    sheet, _mine = _of(system, key)
    return {"sheet": sheet, "of_system": system, "record": _record(system, key, record), "role_of": _role}


def _of(system: str, key: str) -> tuple[sheets.Sheet, tuple[Post, ...]]:
    """The sheet and the reader's posts that may fill it in; 404 where there is none, `Missing` without such a post."""
    sheet = catalogue.get(f"{system}/{key}")
    if sheet is None:
        abort(404)
    mine = records.posts(sheet, me())
    if not mine:
        raise Missing(sheet.permission)
    return sheet, mine


def _record(system: str, key: str, record: str) -> Record:
    _sheet, mine = _of(system, key)
    found = records.get(session(), f"{system}/{key}", record, mine)
    if found is None:
        abort(404)
    return found


def _role(key: str) -> str:
    role = house.roles.get(key)
    return said(role.title) if role else key


def _choices(mine: tuple[Post, ...]) -> list[tuple[Post, str]]:
    """One's posts in words; asked only where there is a choice."""
    names = records.place_names(session(), {post.place for post in mine}) if len(mine) > 1 else {}
    return [(post, " · ".join(filter(None, (_role(post.role), names.get(post.place))))) for post in mine]


def _lead(errand: Standing) -> list[tuple[Words, str]]:
    system, _slash, key = errand.result["sheet"].partition("/")
    return [(OPEN, url_for("web.sheet_record", system=system, key=key, record=errand.result["import"]))]


def _workbook(name: str, content: bytes) -> Response:
    response = Response(content, mimetype=sheets.EXCEL)
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"workbook.xlsx\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
