"""A person's posts: giving one, ending one, and moving them with him between units and regions."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.platform.identity import authority, posts, roles
from app.platform.identity.entities import Person
from app.platform.identity.messages import Refusal
from app.platform.personnel import locating, moving, seeing, taking_over
from app.rooms.admin.blueprint import blueprint
from app.rooms.admin.choosing import place_update
from app.rooms.admin.pages.people import page_of
from app.rooms.admin.people_forms import (
    SHANGHAI,
    givable,
    must_choose,
    typed,
    wanted_post,
)
from app.rooms.web import acting
from app.rooms.web.guards import Missing, needs, signed_in

GIVEN = ("role", "post_place", "subject")
"""What an address may fill in beforehand."""
_FIELDS = ("role", "post_place", "subject", "from", "until")


@blueprint.route("/people/<person>/posts", methods=["GET", "POST"])
@signed_in
def give_post(person: str) -> Any:
    """Give a person a post that one may give."""
    found = _seen(person)
    form = typed(**{name: value for name, value in request.args.items() if name in GIVEN})
    session, me, now = acting.session(), acting.me(), acting.now()
    if request.method == "POST" and not place_update():
        must_choose(form, "post_place")
        wanted = wanted_post(form, "")
        if wanted is None:
            form.errors.setdefault("role", _("请选择角色"))
        elif not form.is_wrong:
            try:
                given = taking_over.give(session, person, wanted, me, now, anew=True)
            except Refusal as refusal:
                if refusal.code.startswith("unknown_") and refusal.code != "unknown_role":
                    raise
                form.complain(refusal, _FIELDS, {"place": "post_place"})
            else:
                flash(_("岗位已授予。"), "success")
                if given.offered:
                    flash(_("此前无人办理的%(count)d项任务现由其办理。", count=given.offered), "success")
                return redirect(url_for("admin.person", person=person), 303)
        found = session.get_one(Person, person)
    page = render_template(
        "admin/post_new.html",
        person=found,
        form=form,
        roles=givable(),
        is_mine=person == me.person,
    )
    return page, 422 if form.is_wrong else 200


@blueprint.post("/people/<person>/posts/<post>/end")
@signed_in
def end_persons_post(person: str, post: str) -> Any:
    """End a post of this person that one could give."""
    _seen(person)
    session, me, now = acting.session(), acting.me(), acting.now()
    if all(post != one.post.id for one in _posts(person)):
        abort(404)
    try:
        authority.take(session, post, me, now)
    except Refusal as refusal:
        form = typed()
        form.complain(refusal, ())
        return page_of(person, form), 422
    flash(_("岗位已结束。"), "success")
    return redirect(url_for("admin.person", person=person), 303)


@blueprint.route("/people/<person>/transfer", methods=["GET", "POST"])
@needs(roles.PEOPLE)
def transfer_person(person: str) -> Any:
    """Move a person with his posts: first what changes is shown, then it is done in one act."""
    session, me, now = acting.session(), acting.me(), acting.now()
    if not seeing.is_seen(session, person, me, now):
        abort(404)
    form, plan = typed(**{"from": now.astimezone(SHANGHAI).date().isoformat()}), None
    chosen = tuple(request.form.getlist("post"))
    if request.method == "POST" and not place_update():
        must_choose(form, "to")
        wanted = moving.Transfer(form["to"], chosen, form.moment("from"))
        if not form.is_wrong:
            try:
                if "confirm" in request.form:
                    moving.transfer(session, person, wanted, me, now)
                    flash(_("调动已办理。"), "success")
                    return redirect(url_for("admin.person", person=person), 303)
                plan = moving.plan(session, person, wanted, me, now)
            except Refusal as refusal:
                if refusal.code.startswith("unknown_"):
                    raise
                form.complain(refusal, ("to", "from"))
    found = session.get_one(Person, person)
    movable = moving.movable(session, person, me, now)
    paths = {row.place for row, _refusal in movable} | {found.place or "", form["to"]}
    paths |= {move.to for move in plan.moves} if plan else set()
    page = render_template(
        "admin/transfer.html",
        person=found,
        form=form,
        plan=plan,
        movable=movable,
        chosen=chosen
        if request.method == "POST"
        else [row.id for row, refusal in movable if refusal is None],
        names=locating.names(session, paths),
        refused=authority.why_not_manage(session, person, me, now),
    )
    return page, 422 if form.is_wrong else 200


def _seen(person: str) -> Person:
    session, me, now = acting.session(), acting.me(), acting.now()
    if not (acting.may(roles.PEOPLE) or acting.may(roles.POSTS)):
        raise Missing(roles.POSTS)
    if not seeing.is_seen(session, person, me, now, roles.PEOPLE, roles.POSTS):
        abort(404)
    return session.get_one(Person, person)


def _posts(person: str) -> Any:
    return posts.tenures(acting.session(), person)
