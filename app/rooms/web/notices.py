"""What a person has been told, at `/notices` and at the bell of every page, and by which ways he wants to be told."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from app.platform import notices
from app.platform.forms.masking import masked
from app.platform.notices import KINDS, OUTSIDE, Bell, Kind, Told
from app.rooms.web import acting, security
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import signed_in

PAGE = 30
NOTHING = Bell(0, ())
blueprint = Blueprint("notices", __name__, url_prefix="/notices")


def attach(app: Flask) -> None:
    """Serve the pages; hand the bell to the layout."""
    app.register_blueprint(blueprint)
    app.context_processor(lambda: {"bell": bell, "unread_of": unread_of, "notice_kinds": KINDS})


def bell() -> Bell | None:
    """What stands at the bell, asked once per request; None while nobody is at home here, or the database is away."""
    if not acting.is_at_home():
        return None
    if "bell" not in g:
        try:
            g.bell = notices.bell(session(), me().person)
        except OperationalError:
            g.bell = NOTHING
    return g.bell  # type: ignore[no-any-return]


def unread_of(number: int) -> str:
    """The number at the bell: 99+ from a hundred on."""
    return str(number) if number <= notices.COUNTED else f"{notices.COUNTED}+"


@blueprint.get("")
@signed_in
def index() -> str:
    """Show what one has been told, the newest first, all of it or what is unread."""
    only_unread = request.args.get("unread") == "1"
    found = notices.of(
        session(),
        me().person,
        limit=PAGE + 1,
        before=request.args.get("before") or None,
        only_unread=only_unread,
    )
    more = found[PAGE - 1].id if len(found) > PAGE else None
    return render_template("web/notices.html", notices=found[:PAGE], more=more, only_unread=only_unread)


@blueprint.get("/<notice>")
@signed_in
def show(notice: str) -> Response:
    """Lead to what a notice is about; whoever follows it has read it, however often he comes."""
    found = notices.get(session(), me().person, notice)
    if found is None:
        abort(404)
    if found.read_at is None:
        notices.mark_read(session(), me().person, [notice], now())
    return redirect(_leads_to(found), 303)


def _leads_to(told: Told) -> str:
    if told.task is not None:
        return url_for("inbox.show_task", task=told.task)
    if told.instance is not None:
        return url_for("inbox.show_instance", instance=told.instance)
    return url_for("inbox.box") if told.kind == "waiting" else url_for("notices.index")


@blueprint.post("/read")
@signed_in
def read() -> Response:
    """Mark everything as read."""
    notices.mark_read(session(), me().person, None, now())
    return redirect(security.safe_target(request.form.get("back"), url_for("notices.index")), 303)


@blueprint.get("/settings")
@signed_in
def settings() -> str:
    """Show by which ways one is told of what."""
    person = me().person
    reach = notices.choosing.reach(session(), person)
    return render_template(
        "web/notice_settings.html",
        kinds=sorted(KINDS.values(), key=lambda kind: kind.key == notices.MESSAGE),
        chosen=notices.choosing.of(session(), person),
        ways=_ways(reach),
    )


@blueprint.post("/settings")
@signed_in
def choose() -> Response:
    """Keep by which ways one wants to be told of what; a way that is not open stays as it was."""
    person = me().person
    open_ways = frozenset(
        way for way, facts in _ways(notices.choosing.reach(session(), person)).items() if facts["open"]
    )
    before = notices.choosing.of(session(), person)
    wanted = {
        key: (before[key] - open_ways) | (_ticked(kind) & open_ways) - kind.never
        for key, kind in KINDS.items()
    }
    if request.form.get("reset"):
        wanted = {key: kind.ways for key, kind in KINDS.items()}
    notices.choosing.choose(session(), person, wanted, now())
    flash(_("已恢复默认设置。") if request.form.get("reset") else _("通知设置已保存。"), "success")
    return redirect(url_for("notices.settings"), 303)


def _ticked(kind: Kind) -> frozenset[str]:
    return frozenset(way for way in OUTSIDE if f"{kind.key}:{way}" in request.form.getlist("way"))


def _ways(reach: notices.choosing.Reach) -> dict[str, dict[str, Any]]:
    """The ways outside: what each is called, the address as far as it is shown, or why it is not open."""
    mail, phone = reach.email, reach.phone
    found = {
        "email": (_("电子邮件"), _masked_mail(mail), _("未登记电子邮箱"), _("本平台未开通邮件发送")),
        "sms": (
            _("短信"),
            masked(phone, "phone") if phone else "",
            _("未登记手机号"),
            _("本平台未开通短信发送"),
        ),
    }
    return {
        way: {
            "title": title,
            "open": way in reach.ways and bool(address),
            "note": (address or none) if way in reach.ways else away,
        }
        for way, (title, address, none, away) in found.items()
    }


def _masked_mail(address: str | None) -> str:
    """An address as far as it is shown: wa***@example.org."""
    name, at, host = (address or "").partition("@")
    return f"{name[: 2 if len(name) > 3 else 1]}***@{host}" if at else ""
