"""The record of who did what: one row in full, and the proof that no row was changed (`flask audit verify`)."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.platform import audit
from app.platform.audit.entities import AuditRow
from app.platform.identity import people, roles, subjects
from app.platform.identity.entities import Region
from app.platform.jobs.errands import Standing
from app.platform.registry import Words
from app.platform.runtime import proving
from app.rooms.admin import happenings, sections
from app.rooms.admin.blueprint import blueprint
from app.rooms.admin.lists.records import held_for, in_words
from app.rooms.web import errands
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import said

LISTED = (
    (
        "operations",
        Words("操作日志", "Operations"),
        Words("谁在何时做了什么，修改前后", "Who did what, and when"),
    ),
    (
        "signing",
        Words("登录日志", "Signing in"),
        Words("登录、退出、改密和失败", "Entries, exits and failures"),
    ),
    ("taken_out", Words("导出日志", "Exports"), Words("谁导出了哪些数据", "Who took what out")),
    ("revealed", Words("敏感信息查看", "Seen in full"), Words("谁查看了完整号码", "Who saw numbers in full")),
)
sections.enter(
    *(
        sections.Section(key, title, about, f"list:{key}", frozenset({roles.LOGS}), "record", order)
        for order, (key, title, about) in enumerate(LISTED, 10)
    ),
    sections.Section(
        "verify",
        Words("核验日志", "Verify"),
        Words("检查全部日志链未被修改", "Prove that no row was changed"),
        "admin.verify",
        frozenset({roles.LOGS}),
        "record",
        90,
    ),
)
LATEST = 20


@blueprint.get("/records/<stream>/<int:number>")
@needs(roles.LOGS)
def record(stream: str, number: int) -> str:
    """Show one row of the record with all it holds."""
    row = session().get(AuditRow, (stream, number))
    if row is None:
        abort(404)
    (body,) = audit.bodies(session(), [(row.key_id, row.body)])
    about = (row.about or "").removeprefix("person:")
    named = people.names(session(), {one for one in (row.by_id, about) if one})
    place = session().scalar(select(Region.full_name).where(Region.path == (body or {}).get("place", "")))
    held = held_for(body or {})
    named_subjects = subjects.names(session(), [held] if held else [])
    shown = (
        None if body is None else in_words(body, {body.get("place"): place} if place else {}, named_subjects)
    )
    facts = None
    if shown is not None:
        facts = [
            (happenings.fact(key), _plain(value)) for key, value in shown.items() if value != subjects.NONE
        ]
    return render_template(
        "admin/record.html",
        row=row,
        kind=happenings.of(row.kind),
        doer=named.get(row.by_id or "", row.by_id),
        about=named.get(about, row.about),
        facts=facts,
    )


def _plain(value: Any) -> Any:
    return said(value) if isinstance(value, Words) else value


@blueprint.get("/records/verify")
@needs(roles.LOGS)
def verify() -> str:
    """Show when the record was last proved, and offer to do it now."""
    rows = (
        session()
        .execute(
            select(AuditRow.at, AuditRow.by_id, AuditRow.key_id, AuditRow.body)
            .where(AuditRow.kind == proving.VERIFIED)
            .order_by(AuditRow.at.desc())
            .limit(LATEST)
        )
        .all()
    )
    opened = audit.bodies(session(), ((row.key_id, row.body) for row in rows))
    names = people.names(session(), {row.by_id for row in rows if row.by_id})
    proofs = [
        (row.at, names.get(row.by_id or "", ""), body or {}) for row, body in zip(rows, opened, strict=True)
    ]
    return render_template("admin/verify.html", proofs=proofs)


@blueprint.post("/records/verify")
@needs(roles.LOGS)
def begin_verifying() -> Response:
    """Begin the proof as an errand; its progress can be left and found again."""
    folder = current_app.extensions["chengpi"].heads
    errand = proving.begin(session(), folder, me(), now())
    return redirect(url_for("errands.show", errand=errand), 303)


@errands.leads(proving.KIND)
def _lead(errand: Standing) -> list[tuple[Words, Any]]:
    broken = errand.result.get("broken", 0)
    words = (
        Words(f"发现 {broken} 条链不符，查看", f"{broken} chains do not hold")
        if broken
        else Words("日志完整，查看", "The record is whole")
    )
    return [(words, url_for("admin.verify"))]
