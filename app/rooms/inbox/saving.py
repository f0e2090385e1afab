"""The pages of saved views: a box's question kept under a name, renamed, put in order, taken away."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform import lists
from app.platform.lists import catalogue, views
from app.platform.registry import Refused
from app.rooms.inbox import boxes, rail
from app.rooms.inbox.lists import TODO
from app.rooms.web import list_views
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import signed_in
from app.rooms.web.language import said
from app.rooms.web.lists import is_open

blueprint = Blueprint("views", __name__, url_prefix="/inbox/views", template_folder="templates")
REACHES = rail.GROUPS
MANAGED = 500  # where they are looked after; beside the boxes there are fewer


@blueprint.get("")
@signed_in
def index() -> str:
    """Show the views one sees, and what may be done with each."""
    return _page()


@blueprint.post("")
@signed_in
def save() -> Response | tuple[str, int]:
    """Save what a box was asked under a name; lead to the view."""
    box = boxes.BOXES.get(request.form.get("box", ""), TODO)
    asked = lists.read(box, session(), me(), _question()).address
    title, reach = request.form.get("title", ""), request.form.get("reach", views.ME)
    place = request.form.get("place")
    try:
        office = list_views.office(reach, place)
        made = views.save(session(), boxes.name_of(box), title, asked, reach, me(), now(), office)
    except Refused as refused:
        return _page(
            refused, {"box": box.key, "asked": request.form.get("asked", ""), "title": title, "reach": reach}
        )
    flash(_("已存为视图“%(title)s”。", title=views.get(session(), made, me()).title), "success")
    return redirect(rail.address_of(views.get(session(), made, me())), 303)


@blueprint.post("/<view>")
@signed_in
def change(view: str) -> Response | tuple[str, int]:
    """Rename a view, or let it ask what its box is asked now."""
    found = views.get(session(), view, me())
    title, asked = request.form.get("title"), None
    listing = _open(found)
    if "asked" in request.form and listing is not None:
        asked = lists.read(listing, session(), me(), _question()).address
    try:
        views.change(session(), view, me(), now(), title=title, asked=asked)
    except Refused as refused:
        return _page(refused, {"view": view, "title": title or ""})
    flash(_("视图已更新。"), "success")
    to = url_for("views.index") if asked is None else rail.address_of(views.get(session(), view, me()))
    return redirect(to, 303)


@blueprint.post("/<view>/delete")
@signed_in
def delete(view: str) -> Response:
    """Take a view away."""
    views.remove(session(), view, me(), now())
    flash(_("视图已删除。"), "success")
    return redirect(url_for("views.index"), 303)


@blueprint.post("/<view>/move")
@signed_in
def move(view: str) -> Response:
    """Let a view change places with the one above or below it."""
    views.move(session(), view, me(), up=request.form.get("way") != "down")
    return redirect(url_for("views.index"), 303)


def _open(view: views.Saved) -> lists.List | None:
    """The box or list of a view, where its reader may open it."""
    listing = rail.NAMES.get(view.list) or catalogue.get(view.list)
    return listing if listing is not None and is_open(listing, me()) else None


def _question() -> dict[str, str]:
    return dict(parse_qsl(request.form.get("asked", "")))


def _page(refused: Refused | None = None, typed: dict[str, str] | None = None) -> Any:
    """The page of all views; refused, with the form that was refused at its head and what was typed in it."""
    every = [(one, _open(one)) for one in views.of(session(), me(), MANAGED)]
    saved = [one for one, listing in every if listing is not None]
    groups = [
        (reach, words, [one for one in saved if one.reach == reach]) for reach, words in REACHES.items()
    ]
    page = render_template(
        "inbox/views.html",
        reached=[(reach, words, found) for reach, words, found in groups if found],
        boxes={one.list: listing.title for one, listing in every if listing is not None},
        address_of=rail.address_of,
        typed=typed or {},
        complaint=said(refused.words) if refused else "",
        offices=list_views.offices() if typed and "box" in typed else (),
        reaches=[(reach, REACHES[reach]) for reach in views.reaches(me())],
        longest=views.LONGEST,
    )
    return (page, 422) if refused else page
