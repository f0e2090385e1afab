"""Entering somebody new on one page: the person, an account, a post."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from app.platform.identity import accounts, roles
from app.platform.identity.messages import Refusal
from app.platform.identity.places import bare
from app.platform.personnel import entering
from app.rooms.admin.blueprint import blueprint
from app.rooms.admin.choosing import place_update
from app.rooms.admin.people_forms import (
    KEPT,
    Typed,
    givable,
    must_choose,
    reach,
    typed,
    wanted_post,
)
from app.rooms.admin.people_words import GENDERS, known_words
from app.rooms.web import acting
from app.rooms.web.guards import needs

_FIELDS = (
    "name", "id_number", "gender", "phone", "email", "kept", "username", "login_phone",
    "role", "post_place", "subject", "from", "until",
)  # fmt: skip


@blueprint.get("/people/new")
@needs(roles.PEOPLE)
def new_person() -> str:
    """Ask for somebody new."""
    mine = [bare(one) for one in reach() if one]
    return _page(typed(kept=mine[0] if len(mine) == 1 else ""))


@blueprint.post("/people/new")
@needs(roles.PEOPLE)
def enter_person() -> Any:
    """Enter him with his account and post, or say what is wrong; the first password is sent, or shown once."""
    form = typed()
    if place_update():
        return _page(form)
    newcomer = _newcomer(form)
    session, me, now = acting.session(), acting.me(), acting.now()
    for complaint in entering.complaints(session, newcomer, me, now):
        form.complain(complaint, _FIELDS, _post_field(complaint))
    if form.is_wrong:
        return _page(form), 422
    try:
        entered = entering.enter(session, newcomer, me, now)
    except entering.PersonKnown as refusal:
        form.complain(refusal, _FIELDS, KEPT)
        return _page(form, known=refusal.known), 422
    except Refusal as refusal:
        form.complain(refusal, _FIELDS, _post_field(refusal))
        return _page(form), 422
    if entered.secret is not None:
        return render_template(
            "admin/password_once.html",
            person=entered.person,
            name=newcomer.name,
            username=newcomer.username,
            secret=entered.secret,
        )
    told = _("初始密码已发送到本人。") if entered.is_told else ""
    flash(_("已新增%(name)s。%(told)s", name=newcomer.name, told=told), "success")
    return redirect(url_for("admin.person", person=entered.person), 303)


def _page(form: Typed, known: entering.Known | None = None) -> str:
    return render_template(
        "admin/person_new.html",
        form=form,
        known=known,
        known_words=known_words,
        genders=GENDERS,
        roles=givable(),
    )


def _newcomer(form: Typed) -> entering.Newcomer:
    must_choose(form, "kept")
    must_choose(form, "post_place")
    with_account = form["with_account"] == "y"
    if with_account and accounts.username_complaint(form["username"]) and not form["username"]:
        form.errors.setdefault("username", _("请填写用户名"))
    return entering.Newcomer(
        name=form["name"],
        id_number=form["id_number"].upper(),
        gender=form["gender"] if form["gender"] in GENDERS else "",
        phone=form["phone"],
        email=form["email"],
        place=form["kept"],
        username=form["username"] if with_account else None,
        login_phone=form["login_phone"] if with_account else "",
        post=wanted_post(form, form["kept"]),
        is_another=form["is_another"] == "y",
    )


def _post_field(refusal: Refusal) -> dict[str, str]:
    """The post's own place, where the refusal speaks of it."""
    return {"place": "post_place"} if refusal.code == "place_wrong" else KEPT
