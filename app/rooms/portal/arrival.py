"""What must be done before anything else: a second factor (C-50), a new password, an identity (P-02)."""

from __future__ import annotations

from typing import Any, cast

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.platform.identity import choosing
from app.platform.identity.messages import Refusal
from app.platform.identity.sessions import Visit
from app.platform.registry import Acting, Call, System, Words, house
from app.rooms.portal.blueprint import blueprint
from app.rooms.web import acting, language
from app.rooms.web.guards import arriving


def proof_step(person: Acting) -> tuple[str, str] | None:
    """Return what this person has still to do with his second factor, and the endpoint where.

    A first password is changed before a factor is set up, but after one is shown that was set up before.
    """
    if not isinstance(person, Visit) or person.must_prove is None:
        return None
    if person.must_prove == "code":
        return "code", "portal.factor_code"
    return None if person.must_change else ("enrol", "portal.factor")


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
    """Let the person choose what he is in this system, and choose anew until that is settled (P-02, P-05)."""
    lease, roles = house.systems.get(system), choosing.offered(system)
    if lease is None or not roles:
        abort(404)
    if choosing.is_given_a_role(acting.me(), system):  # a reviewer does not make himself an applicant (T25)
        return redirect(url_for("portal.home"))
    held = choosing.chosen(acting.me(), system)
    fixed = _settled(lease) if held else None
    if held and (fixed or not lease.settled):
        flash(language.said(fixed) if fixed else _("您已选择身份。"), "info")
        return redirect(url_for("portal.home"))
    error = ""
    if request.method == "POST":
        chosen = next((role for role in roles if role.key == request.form.get("role")), None)
        error = _("请选择一个身份") if chosen is None else _choose(system, chosen.key)
        if chosen is not None and not error:
            flash(_("您的身份是：%(role)s", role=language.said(chosen.title)), "success")
            return redirect(url_for("portal.home"), 303)
    page = render_template("portal/identity.html", chosen_system=lease, roles=roles, held=held, error=error)
    return page, 422 if error else 200


def _choose(system: str, role: str) -> str:
    """Take the identity; return what is wrong, or nothing."""
    try:
        choosing.choose(acting.session(), acting.me(), system, role, acting.now(), settled=False)
    except Refusal as refusal:
        return refusal.message(language.current())
    return ""


def _settled(lease: System) -> Words | None:
    """Ask the system whether, and why, the person's identity is fixed by now."""
    if lease.settled is None:
        return None
    by = acting.me()
    call = Call(acting.session(), acting.now(), by, "", "", "", {}, by.person)
    return cast("Words | None", house.checks[lease.settled](call, {}))
