"""One's own phrases: beside the opinion, and the page where they are kept."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.runtime import phrases
from app.platform.runtime.phrases import BadPhrase
from app.platform.runtime.views import TaskView
from app.rooms.web.acting import me, session
from app.rooms.web.guards import signed_in
from app.rooms.web.language import said
from app.rooms.web.security import safe_target

blueprint = Blueprint("phrases", __name__, url_prefix="/inbox/phrases", template_folder="templates")


def shown(view: TaskView) -> dict[str, Any]:
    """The reader's phrases, where he may give an opinion."""
    judges = any(one.opinion or one.negative for one in view.outcomes)
    return {"phrases": phrases.of(session(), me().person) if judges else []}


@blueprint.get("")
@signed_in
def show() -> str:
    """Show one's phrases."""
    return _page()


@blueprint.post("")
@signed_in
def add() -> Response | tuple[str, int]:
    """Keep one more."""
    text = request.form.get("text", "")
    try:
        phrases.add(session(), text, me())
    except BadPhrase as bad:
        return _page(text=text, wrong=bad), 422
    flash(_("已保存。"), "success")
    return _back()


@blueprint.post("/<phrase>")
@signed_in
def change(phrase: str) -> Response | tuple[str, int]:
    """Write one anew, move it up, or forget it: as the button pressed says."""
    verb, text = request.form.get("verb", "change"), request.form.get("text", "")
    try:
        if verb == "remove":
            phrases.remove(session(), phrase, me())
        elif verb == "up":
            phrases.move_up(session(), phrase, me())
        else:
            phrases.change(session(), phrase, text, me())
    except BadPhrase as bad:
        return _page(at=phrase, text=text, wrong=bad), 422
    flash(_("已删除。") if verb == "remove" else _("已保存。"), "success")
    return _back()


def _page(at: str = "", text: str = "", wrong: BadPhrase | None = None) -> str:
    return render_template(
        "inbox/phrases.html",
        kept=phrases.of(session(), me().person),
        at=at,
        text=text,
        wrong=said(wrong.words) if wrong else "",
        back=safe_target(request.values.get("back"), url_for("inbox.box")),
        most=phrases.MOST,
        longest=phrases.LONGEST,
    )


def _back() -> Response:
    return redirect(url_for("phrases.show", back=safe_target(request.form.get("back"), "/inbox/")), 303)
