"""One person: what is known of him, what he holds and held, his account, and what the record says of him."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.platform.identity import authority, roles, subjects
from app.platform.identity.entities import Account, Factor, Person
from app.platform.identity.messages import Refusal
from app.platform.personnel import access, amending, history, locating, seeing
from app.platform.personnel.entering import PersonKnown
from app.platform.registry import house
from app.platform.runtime import substitutes
from app.rooms.admin import happenings, subject_choices
from app.rooms.admin.blueprint import blueprint
from app.rooms.admin.choosing import place_update
from app.rooms.admin.people_forms import KEPT, Typed, must_choose, typed
from app.rooms.admin.people_words import GENDERS, SHOWN_FIELDS, hidden, known_words
from app.rooms.web import acting, standing_in
from app.rooms.web.guards import Missing, needs, signed_in
from app.rooms.web.language import said

DEEDS = 20
_EDITED = ("name", "gender", "id_number", "phone", "email", "login_phone", "kept")


@blueprint.get("/people/<person>")
@signed_in
def person(person: str) -> str:
    """Show a person, to whoever looks after him or gives posts where he is."""
    return page_of(person)


def page_of(person: str, form: Typed | None = None, **more: Any) -> str:
    """The page of a person; `form` brings back what was refused. 404 for one the reader does not see."""
    session, me, now = acting.session(), acting.me(), acting.now()
    if not (acting.may(roles.PEOPLE) or acting.may(roles.POSTS)):
        raise Missing(roles.PEOPLE)
    if not seeing.is_seen(session, person, me, now, roles.PEOPLE, roles.POSTS):
        abort(404)
    found = session.get_one(Person, person)
    keeps = acting.may(roles.PEOPLE) and seeing.is_seen(session, person, me, now)
    account = session.get(Account, person) if keeps else None
    held = history.posts(session, person)
    merged = history.merged(session, person) if keeps else []
    deeds = history.deeds(session, person, DEEDS, merged) if keeps else []
    who = {one.given_by for one in held} | {one.ended_by for one in held} | {one.by for one in deeds}
    refused = authority.why_not_manage(session, person, me, now) if keeps else None
    if found.merged_into_id is not None:
        refused = Refusal("person_merged")
    is_mine = person == me.person
    locked = Refusal("own_account") if is_mine and refused is None else refused
    values = _values(found, account)
    return render_template(
        "admin/person.html",
        person=found,
        values=values,
        account=account,
        held=held,
        ending={one.post.id: authority.why_not_take(session, person, one.post, me, now) for one in held},
        deeds=deeds,
        events=happenings.named(),
        genders=GENDERS,
        shown_fields=SHOWN_FIELDS,
        names=history.names(session, {one for one in who if one}.union(merged)),
        merged=merged,
        subjects=subjects.names(session, ((one.post.role, one.post.subject) for one in held)),
        places=locating.names(session, {one.post.place for one in held} | {found.place or ""}),
        keeps=keeps,
        refused=refused,
        locked=locked,
        is_mine=is_mine,
        closing=access.why_not_deregister(session, person, me, now) if account and not locked else None,
        failures=access.failures(session, person, now) if account else 0,
        stuck=access.open_work(session, person) if account and account.is_disabled else 0,
        factor=session.scalar(select(Factor.confirmed_at).where(Factor.person_id == person))
        if keeps
        else None,
        sessions=history.open_sessions(session, person, now) if keeps else [],
        shown_once=bool(keeps and account and access.is_shown(session, person, me, now)),
        leave_url=_leave(person),
        **_absences(person, keeps=keeps, ends=refused is None),
        form=form or Typed({}),
        **more,
    )


@blueprint.post("/people/<person>/reveal")
@needs(roles.PEOPLE)
def reveal_person(person: str) -> Any:
    """Show one number in full, once; which, and for what, is written down."""
    form = typed()
    try:
        value = amending.reveal(
            acting.session(), person, form["field"], form["reason"], acting.me(), acting.now()
        )
    except Refusal as refusal:
        if refusal.code.startswith("unknown_"):
            raise
        form.complain(refusal, {"reason"})
        return page_of(person, form), 422
    return page_of(person, revealed=(form["field"], value))


@blueprint.route("/people/<person>/edit", methods=["GET", "POST"])
@needs(roles.PEOPLE)
def edit_person(person: str) -> Any:
    """Change what is known of a person. A number that is left empty stays as it is."""
    session, me, now = acting.session(), acting.me(), acting.now()
    if not seeing.is_seen(session, person, me, now):
        abort(404)
    found = session.get_one(Person, person)
    account = session.get(Account, person)
    form = typed(name=found.name, gender=found.gender or "", kept=found.place or "")
    known = None
    if request.method == "POST" and not place_update():
        must_choose(form, "kept")
        if not form.is_wrong:
            try:
                amending.amend(session, person, _amendment(found, form), me, now)
            except PersonKnown as refusal:
                form.complain(refusal, _EDITED, KEPT)
                known = refusal.known
            except Refusal as refusal:
                if refusal.code.startswith("unknown_"):
                    raise
                form.complain(refusal, _EDITED, KEPT)
            else:
                flash(_("已保存。"), "success")
                return redirect(url_for("admin.person", person=person), 303)
        found, account = session.get_one(Person, person), session.get(Account, person)
    page = render_template(
        "admin/person_edit.html",
        person=found,
        account=account,
        values=_values(found, account),
        genders=GENDERS,
        form=form,
        known=known,
        known_words=known_words,
        refused=authority.why_not_manage(session, person, me, now),
        may_address=amending.may_address(session, person, me, now),
    )
    return page, 422 if form.is_wrong else 200


def _amendment(found: Person, form: Typed) -> amending.Amendment:
    """What differs from what is kept; numbers only where one was typed."""
    return amending.Amendment(
        name=form["name"] if form["name"] != found.name else None,
        gender=form["gender"]
        if form["gender"] in GENDERS and form["gender"] != (found.gender or "")
        else None,
        id_number=form["id_number"] or None,
        phone=form["phone"] or None,
        email=form["email"] or None,
        login_phone=form["login_phone"] or None,
        place=form["kept"] if form["kept"] != (found.place or "") else None,
    )


def _values(found: Person, account: Account | None) -> dict[str, str | None]:
    return {
        "id_number": found.id_number,
        "phone": found.phone,
        "email": found.email,
        "login_phone": account.login_phone if account else None,
    }


def _absences(person: str, *, keeps: bool, ends: bool) -> dict[str, Any]:
    """Who stands in for a person and for whom he does; `ends`: the reader may end it, and enter another."""
    found = substitutes.of(acting.session(), person) if keeps else ()
    return {
        "standings": standing_in.groups([one for one in found if one.person == person]),
        "taken_on": standing_in.groups([one for one in found if one.person != person]),
        "processes": standing_in.processes() if found else {},
        "end_absence": (lambda one: url_for("admin.end_persons_absence", appointment=one)) if ends else None,
    }


def _leave(person: str) -> str:
    """Where a leaver's work is handed over."""
    return url_for("admin.leave", person=person)


def attach(app: Flask) -> None:
    """Hand the templates how numbers are masked and roles are called."""
    app.add_template_global(hidden, "hidden_number")
    app.add_template_global(_role_words, "role_words")
    app.add_template_global(subject_choices.offered, "subjects_offered")


def _role_words(key: str) -> str:
    return said(house.roles[key].title) if key in house.roles else key
