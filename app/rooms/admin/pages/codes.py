"""Permission codes: a batch is issued, read by its issuer, revoked; how far it has come is told (C-14)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from app.platform.identity import permission_codes, roles, subjects
from app.platform.identity.entities import CodeBatch, PermissionCode, Person
from app.platform.identity.messages import Refusal
from app.platform.personnel import locating
from app.platform.registry import Words, house
from app.rooms.admin import choosing, sections
from app.rooms.admin.blueprint import blueprint
from app.rooms.admin.people_forms import (
    SHANGHAI,
    Typed,
    givable,
    must_choose,
    typed,
    wanted_post,
)
from app.rooms.web import language
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs

LASTS = timedelta(days=30)
_FIELDS = ("role", "post_place", "subject", "count", "until", "note", "redeem_until")
sections.enter(
    sections.Section(
        "posts",
        Words("岗位", "Posts"),
        Words("谁在何处持有什么角色，何时到期", "Who holds which role where, and until when"),
        "list:posts",
        frozenset({roles.POSTS}),
        "rights",
        10,
    ),
    sections.Section(
        "codes",
        Words("权限码", "Permission codes"),
        Words("批量发放、查看绑定和激活进度", "Issue in batches; who has bound and come in"),
        "list:codes",
        frozenset({roles.POSTS}),
        "rights",
        20,
    ),
    sections.Section(
        "issue_codes",
        Words("发放权限码", "Issue codes"),
        Words("为一个岗位生成一批一次性权限码", "Draw single-use codes for a post"),
        "admin.issue_codes",
        frozenset({roles.POSTS}),
        "rights",
        21,
    ),
)


@blueprint.route("/codes/new", methods=["GET", "POST"])
@needs(roles.POSTS)
def issue_codes() -> Any:
    """Ask what a batch is to give, and draw it."""
    ends = (now() + LASTS).astimezone(SHANGHAI).date().isoformat()
    form = typed(count="10", redeem_until=ends)
    if request.method == "POST" and not choosing.place_update():
        must_choose(form, "post_place")
        post, count = wanted_post(form, ""), form["count"]
        until = form.moment("redeem_until", end=True)
        if post is None:
            form.errors.setdefault("role", _("请选择角色"))
        if not (count.isascii() and count.isdigit() and len(count) <= 4):
            form.errors.setdefault("count", _("数量为1至%(most)s", most=permission_codes.LARGEST))
        if until is None:
            form.errors.setdefault("redeem_until", _("请填写正确的日期"))
        if not form.is_wrong and post is not None and until is not None:
            wanted = permission_codes.Issue(
                post.role, post.place, post.subject, int(count), until, post.until_at, form["note"]
            )
            try:
                batch = permission_codes.issue(session(), wanted, me(), now())
            except Refusal as refusal:
                named = "redeem_until" if refusal.code == "dates_wrong" and until <= now() else "until"
                form.complain(refusal, _FIELDS, {"place": "post_place", "until": named})
            else:
                flash(ngettext("已生成 %(num)s 个权限码。", "已生成 %(num)s 个权限码。", count), "success")
                return redirect(url_for("admin.code_batch", batch=batch), 303)
    page = render_template(
        "admin/codes_new.html",
        form=form,
        roles=givable(),
        most=permission_codes.LARGEST,
    )
    return page, 422 if form.is_wrong else 200


@blueprint.get("/codes/<batch>")
@needs(roles.POSTS)
def code_batch(batch: str) -> str:
    """Show how far a batch has come, and to its issuer which codes are taken."""
    return _page(_batch(batch))


@blueprint.post("/codes/<batch>/show")
@needs(roles.POSTS)
def show_codes(batch: str) -> str:
    """Read the codes that can still be redeemed: the issuer alone, and written down each time."""
    found = _batch(batch)
    codes = permission_codes.shown(session(), found.id, me(), now())
    return _page(_batch(batch), codes)


@blueprint.post("/codes/<batch>/revoke")
@needs(roles.POSTS)
def revoke_codes(batch: str) -> Any:
    """Let the batch, or the one code named, be redeemed no more; whoever comes too late reads that nothing is left."""
    found = _batch(batch)
    try:
        count = permission_codes.revoke(session(), found.id, me(), now(), request.form.get("code") or None)
    except Refusal as refusal:
        if refusal.code != "codes_gone":
            raise
        flash(refusal.message(language.current()), "warning")
    else:
        flash(ngettext("已撤销 %(num)s 个权限码。", "已撤销 %(num)s 个权限码。", count), "success")
    return redirect(url_for("admin.code_batch", batch=batch), 303)


@blueprint.post("/codes/<batch>/extend")
@needs(roles.POSTS)
def extend_codes(batch: str) -> Any:
    """Let what nobody has used be redeemed until a later day: the issuer alone, while he may give the post."""
    found, form = _batch(batch), typed()
    if found.issued_by_id != me().person:
        abort(404)
    until = form.moment("redeem_until", end=True)
    if until is None:
        form.errors.setdefault("redeem_until", _("请填写正确的日期"))
        return _page(found, form=form), 422
    try:
        permission_codes.extend(session(), found.id, until, me(), now())
    except Refusal as refusal:
        return _refused(batch, form, refusal)
    flash(_("有效期已延长。"), "success")
    return redirect(url_for("admin.code_batch", batch=batch), 303)


def _refused(batch: str, form: Typed, refusal: Refusal) -> tuple[str, int]:
    """The batch as it is now, with why not; a foreign one stays unknown."""
    if refusal.code.startswith("unknown_"):
        raise refusal
    form.complain(refusal, ("redeem_until",), {"until": "redeem_until"})
    return _page(_batch(batch), form=form), 422


def _batch(batch: str) -> CodeBatch:
    reach = roles.reach_of(me(), roles.POSTS)
    found = session().scalar(
        select(CodeBatch).where(CodeBatch.id == batch, permission_codes.within(reach, me()))
    )
    if found is None:
        abort(404)
    return found


def _page(batch: CodeBatch, codes: Any = None, form: Typed | None = None) -> str:
    found = session().execute(permission_codes.counts(now(), CodeBatch.id == batch.id)).all()
    taken = (
        session()
        .execute(
            select(Person.name, PermissionCode.redeemed_at, PermissionCode.active_at)
            .join(Person, Person.id == PermissionCode.redeemed_by_id)
            .where(PermissionCode.batch_id == batch.id)
            .order_by(PermissionCode.redeemed_at.desc())
        )
        .all()
    )
    role = house.roles.get(batch.role)
    named = locating.names(session(), [batch.place]) if batch.place else {}
    return render_template(
        "admin/code_batch.html",
        batch=batch,
        role=role.title if role else batch.role,
        place=named.get(batch.place),
        subject=subjects.names(session(), [(batch.role, batch.subject)])[batch.role, batch.subject],
        funnel=permission_codes.sum_of(found),
        taken=taken,
        codes=codes,
        is_issuer=batch.issued_by_id == me().person,
        form=form or Typed({}),
    )
