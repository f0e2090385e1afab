"""Posts ticked in their list: their dates changed together, or ended, with what that leaves behind shown first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.identity import roles
from app.platform.identity.messages import Refusal
from app.platform.personnel import ending_posts, locating
from app.rooms.admin import ticking
from app.rooms.admin.blueprint import blueprint
from app.rooms.admin.people_forms import Typed, typed
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs

LIST = "/admin/lists/posts"
Answer = Response | str | tuple[str, int]
_FIELDS = ("from", "until")


@blueprint.post("/posts/dates/of")
@needs(roles.POSTS)
def post_dates_of() -> Response:
    """Lead on from the list to the dates: with the rows ticked, else with what the list shows."""
    return redirect(url_for("admin.post_dates", post=ticking.rows_of("posts")), 303)


@blueprint.post("/posts/end/of")
@needs(roles.POSTS)
def end_posts_of() -> Response:
    """Lead on from the list to the ending."""
    return redirect(url_for("admin.end_posts", post=ticking.rows_of("posts")), 303)


@blueprint.get("/posts/dates")
@needs(roles.POSTS)
def post_dates() -> Answer:
    """Ask from when and until when the posts are to be held."""
    return _dates(ticking.ids(request.args.getlist("post")))


@blueprint.post("/posts/dates")
@needs(roles.POSTS)
def redate_posts() -> Answer:
    """Change the dates of all of them, or say what is in the way of one."""
    ids, form = ticking.ids(request.form.getlist("post")), typed()
    begins, ends = form.moment("from"), form.moment("until", end=True)
    if form["lasting"] and ends is not None:
        form.errors.setdefault("until", _("请在结束日期和长期有效中只选一项"))
    if not form.is_wrong and begins is None and ends is None and not form["lasting"]:
        form.others.append(_("请填写要修改的日期"))
    if not form.is_wrong:
        keeps_end = ends is None and not form["lasting"]
        try:
            count = ending_posts.redate(session(), ids, begins, ends, me(), now(), keeps_end=keeps_end)
        except Refusal as refusal:
            form.complain(refusal, _FIELDS)
        else:
            flash(_("已修改%(count)d个岗位的期限。", count=count), "success")
            return redirect(LIST, 303)
    return _dates(ids, form), 422


@blueprint.get("/posts/end")
@needs(roles.POSTS)
def end_posts() -> Answer:
    """Show what ending them does, before it is done."""
    return _ending(ticking.ids(request.args.getlist("post")))


@blueprint.post("/posts/end")
@needs(roles.POSTS)
def confirm_end_posts() -> Answer:
    """End those that can be ended, exactly as shown."""
    ids = ticking.ids(request.form.getlist("post"))
    try:
        done = ending_posts.end(session(), ids, request.form.get("mark", ""), me(), now())
    except ending_posts.Changed:
        return _ending(ids, _("情况已有变化，尚未结束任何岗位。请核对下面的内容后再确认。")), 409
    if not done.ready:
        return _ending(ids, _("没有可以结束的岗位。")), 422
    flash(_("已结束%(count)d个岗位。", count=len(done.ready)), "success")
    return redirect(LIST, 303)


def _dates(ids: Sequence[str], form: Typed | None = None) -> str:
    drawn = ending_posts.preview(session(), ids, me(), now())
    return render_template("admin/post_dates.html", drawn=drawn, form=form or Typed({}), **_shown(drawn, ids))


def _ending(ids: Sequence[str], wrong: str = "") -> str:
    drawn = ending_posts.preview(session(), ids, me(), now())
    return render_template("admin/posts_end.html", drawn=drawn, wrong=wrong, **_shown(drawn, ids))


def _shown(drawn: ending_posts.Preview, ids: Sequence[str]) -> dict[str, Any]:
    paths = {one.post.place for one in drawn.posts} | {one.place for one in drawn.left}
    return {
        "places": locating.names(session(), paths),
        "most": ending_posts.MOST,
        "too_many": len(ids) > ending_posts.MOST,
        "title_of": roles.title_of,
    }
