"""Taking a post with a permission code (C-14): for whoever is signed in."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.platform.identity.messages import Refusal
from app.platform.personnel import redeeming
from app.rooms.portal.blueprint import blueprint
from app.rooms.web import acting, language
from app.rooms.web.guards import signed_in

LONGEST = 60


@blueprint.route("/account/code", methods=["GET", "POST"])
@signed_in
def redeem() -> Any:
    """Ask for a code, and give the post it stands for."""
    typed, error = request.form.get("code", "").replace("\0", "").strip()[:LONGEST], ""
    if request.method == "POST":
        if not typed:
            error = _("请填写%(label)s", label=_("权限码"))
        else:
            try:
                given = redeeming.redeem(acting.session(), typed, acting.me(), acting.address(), acting.now())
            except Refusal as refusal:
                error = refusal.message(language.current())
            else:
                flash(_("权限码已绑定，新的身份已生效。"), "success")
                if given.offered:
                    flash(_("此前无人办理的%(count)d项任务现由您办理。", count=given.offered), "success")
                return redirect(url_for("portal.account"), 303)
    return render_template("portal/redeem.html", typed=typed, error=error), 422 if error else 200
