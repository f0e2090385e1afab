"""Taking a lost second factor away from somebody, so that he sets a new one up (C-50)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from app.platform.identity import authority, factors, people, roles
from app.platform.identity.messages import Refusal
from app.platform.personnel import second_factors
from app.rooms.admin.blueprint import blueprint
from app.rooms.web import acting, language
from app.rooms.web.guards import Missing, signed_in


@blueprint.get("/people/<person>/factor")
@signed_in
def factor(person: str) -> Any:
    """Show whether somebody has a second factor, and who may reset it."""
    return _page(person, "")


@blueprint.post("/people/<person>/factor/reset")
@signed_in
def reset_factor(person: str) -> Any:
    """Reset it: never one's own, and only for whom one could give all posts."""
    _enter()
    try:
        second_factors.reset(acting.session(), person, acting.me(), acting.now())
    except Refusal as refusal:
        if refusal.code == "unknown_person":
            abort(404)
        return _page(person, refusal.message(language.current())), 422
    flash(_("两步验证已重置，其所有设备已退出登录。"), "success")
    return redirect(url_for("admin.factor", person=person), 303)


def _enter() -> None:
    if not (acting.may(roles.PEOPLE) or acting.may(roles.POSTS)):
        raise Missing(roles.PEOPLE)


def _page(person: str, error: str) -> str:
    _enter()
    session, me, now = acting.session(), acting.me(), acting.now()
    facts = people.get(session, person) if factors.sees(session, person, me, now) else None
    if facts is None:
        abort(404)
    return render_template(
        "admin/factor.html",
        person=person,
        name=facts.name,
        standing=factors.standing(session, person),
        is_me=person == me.person,
        may_reset=person != me.person and authority.could_give_all(session, person, me, now),
        error=error,
    )
