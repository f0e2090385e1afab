"""How long ended cases are kept, process by process; what a change would forget is told before it is made."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.platform import settings
from app.platform.identity import roles
from app.platform.personnel import retention
from app.platform.registry import Words
from app.rooms.admin import sections
from app.rooms.admin.blueprint import blueprint
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs

sections.enter(
    sections.Section(
        "retention",
        Words("保存期限", "Retention"),
        Words("办结事项的个人信息保存多久", "How long ended cases keep what people typed"),
        "admin.periods",
        frozenset({roles.SETTINGS}),
        "settings",
        70,
    )
)


@blueprint.route("/retention", methods=["GET", "POST"])
@needs(roles.SETTINGS)
def periods() -> Any:
    """Show the periods; take new ones, once what they forget at once has been agreed to."""
    now_due = {one.process: one for one in retention.standing(session(), now())}
    if request.method == "GET":
        return render_template(
            "admin/retention.html", kept=list(now_due.values()), typed={}, wrong={}, more=0
        )
    typed = {key: request.form.get(f"months-{key}", "").strip() for key in now_due}
    wrong = {key: text for key, text in typed.items() if text and not _is_period(text)}
    proposed = {key: int(text) for key, text in typed.items() if text and key not in wrong}
    found = retention.standing(session(), now(), proposed)
    more = sum(max(0, one.due - now_due[one.process].due) for one in found)
    if wrong or (more and "agreed" not in request.form):
        page = render_template("admin/retention.html", kept=found, typed=typed, wrong=wrong, more=more)
        return page, 422
    settings.change(session(), retention.PERIODS, proposed or None, me(), now())
    flash(_("保存期限已修改。"), "success")
    return redirect(url_for("admin.periods"), 303)


def _is_period(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= retention.LONGEST
