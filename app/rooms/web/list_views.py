"""The views saved over a list: links above its filters, and a form that saves what is asked now under a name."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform import lists
from app.platform.lists import views
from app.platform.registry import Refused, house
from app.platform.runtime.places import names_of, unit_name
from app.rooms.web.acting import me, now, session
from app.rooms.web.language import said

AT = "@"  # between an office's role and its place


def address_of(view: views.Saved) -> str:
    """Where a view of a list leads: the list with its whole question, so that the address alone says what is shown."""
    return f"/{view.list.replace('/', '/lists/')}?{urlencode({**view.asked, 'view': view.id})}"


def shown(listing: lists.List, name: str | None, asked: lists.Asked) -> dict[str, Any]:
    """What the page of a list shows of views; nothing where the list keeps none. One statement."""
    if name is None or not listing.keeps_views:
        return {}
    saved = views.of(session(), me(), only=[name])
    here = next((one for one in saved if one.id == request.args.get("view")), None)
    changed = here is not None and dict(here.asked) != asked.address
    return {
        "saved_views": [(one.title, address_of(one), one is here) for one in saved],
        "view": here,
        "view_is_changed": changed,
        "may_save": bool(asked.values or asked.sort) and (here is None or changed),
        "reaches": views.reaches(me()),
        "longest": views.LONGEST,
    }


def keep(listing: lists.List, name: str, asked: lists.Asked) -> Response:
    """Save what is asked under the name that was typed, and lead to the view. Raises `Refused`."""
    place, reach = request.form.get("place"), request.form.get("reach", views.ME)
    by, title = me(), request.form.get("title", "")
    made = views.save(session(), name, title, asked.address, reach, by, now(), office(reach, place))
    view = views.get(session(), made, by)
    flash(_("已存为视图“%(title)s”。", title=view.title), "success")
    return redirect(address_of(view), 303)


def refused(refusal: Refused) -> dict[str, Any]:
    """What a refused form shows again: why, what was typed, and the offices where one is to be chosen."""
    typed = {"title": request.form.get("title", ""), "reach": request.form.get("reach", views.ME)}
    return {
        "view_complaint": said(refusal.words),
        "view_typed": typed,
        "offices": offices(),
        "may_save": True,
    }


def offices() -> list[tuple[str, str]]:
    """The offices the reader may save a view for, with the names of place and role."""
    found = views.offices(me())
    named = names_of(session(), [one.place for one in found])
    return [
        (
            f"{one.role}{AT}{one.place}",
            f"{named.get(one.place, '')}{unit_name(session(), one.place)} · {_title(one.role)}",
        )
        for one in found
    ]


def office(reach: str, typed: str | None) -> views.Office | None:
    """The office a form names: a role and its place. Raises `Refused` where one of several is to be chosen."""
    if reach == views.OFFICE and not typed and len(views.offices(me())) > 1:
        raise Refused("请选择是哪个科室的视图。", "Choose the office the view is for.", "place")
    role, _at, place = (typed or "").partition(AT)
    return views.Office(place, role) if typed else None


def _title(role: str) -> str:
    facts = house.roles.get(role)
    return said(facts.title) if facts else role
