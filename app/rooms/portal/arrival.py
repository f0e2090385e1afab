"""What must be done before anything else: a new password, an identity (P-02)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.platform.identity import choosing
from app.platform.identity.messages import Refusal
from app.platform.identity.sessions import Visit
from app.platform.registry import Acting, house
from app.rooms.portal.blueprint import blueprint
from app.rooms.web import acting, language
from app.rooms.web.guards import arriving


def next_step(person: Acting) -> tuple[str, dict[str, str]] | None:
    """Return the page this person must finish first: the endpoint and its values."""
    if not isinstance(person, Visit):
        return None
    if person.must_change:
        return "portal.password", {}
    if person.must_choose is None:
        return None
    own_page = house.systems[person.must_choose].first_page
    if own_page is None or own_page == "portal.identity":
        return "portal.identity", {"system": person.must_choose}
    return own_page, {}


@blueprint.route("/identity/<system>", methods=["GET", "POST"])
@arriving
def identity(system: str) -> Any:
    """Let the person choose what he is in this system: one of the roles people may choose for themselves."""
    lease, roles = house.systems.get(system), choosing.offered(system)
    if lease is None or not roles:
        abort(404)
    if choosing.chosen(acting.me(), system):
        return redirect(url_for("portal.home"))
    error = ""
    if request.method == "POST":
        chosen = next((role for role in roles if role.key == request.form.get("role")), None)
        if chosen is None:
            error = _("请选择一个身份")
        else:
            try:
                choosing.choose(acting.session(), acting.me(), system, chosen.key, acting.now())
            except Refusal as refusal:
                error = refusal.message(language.current())
            else:
                flash(_("您的身份是：%(role)s", role=language.said(chosen.title)), "success")
                return redirect(url_for("portal.home"), 303)
    page = render_template("portal/identity.html", chosen_system=lease, roles=roles, error=error)
    return page, 422 if error else 200
