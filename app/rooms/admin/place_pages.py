"""What the pages of regions and of units share: the page of a place, and moving in two steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, make_response, render_template, request
from werkzeug.wrappers import Response

from app.platform.identity import places, roles, tree
from app.platform.identity.messages import Refusal
from app.platform.personnel import place_views
from app.platform.personnel.moving_places import Moving
from app.rooms.admin import choosing
from app.rooms.web import language
from app.rooms.web.acting import me, now, session

Verb = Callable[..., None]


def page(node: tree.Node, kind: str, wrong: dict[str, str], **more: Any) -> str:
    """Draw the page of a region or unit. Names of people only for whoever looks after people or posts there."""
    reach = choosing.bounds(roles.UNITS)
    way = [one for one in tree.trail(session(), node.path) if places.inside(one.path, reach)]
    people = (*roles.reach_of(me(), roles.PEOPLE), *roles.reach_of(me(), roles.POSTS))
    may_name = places.inside(node.path, people)
    held, are_more = place_views.holders(session(), node.path, now()) if may_name else ([], False)
    cared = place_views.administrators(session(), node.path, now()) if may_name else []
    is_own_top = not places.inside(node.path[: -len(node.key) - 1], reach)
    return render_template(
        "admin/place.html",
        node=node,
        kind=kind,
        way=way[:-1],
        below=tree.children(session(), node.path, reach, closed=True),
        figures=place_views.figures(session(), node.path),
        held=held,
        are_more=are_more,
        cared=cared,
        may_name=may_name,
        wheres=tree.at(session(), [one.place for one in cared], ()),
        is_own_top=is_own_top and places.unit_of(node.path) is None,
        wrong=wrong,
        **more,
    )


def two_steps(
    node: tree.Node,
    verb: str,
    preview: Callable[[str], Moving],
    do: Callable[[str, str], Response],
    kinds: str,
) -> Any:
    """First where to, then what goes along, then the verb; what was chosen is kept when it is refused."""
    wrong: dict[str, str] = {}
    seen: Moving | None = None
    to = request.form.get("to", "").replace("\0", "")
    if request.method == "POST" and not choosing.place_update():
        try:
            if request.form.get("sure"):
                return do(to, request.form.get("seen", ""))
            seen = preview(to)
        except Refusal as refusal:
            wrong = complaint(refusal)
    where = tree.at(session(), [to]).get(to) if seen else None
    return draw("admin/place_move.html", wrong, node=node, verb=verb, seen=seen, where=where, kinds=kinds)


def draw(template: str, wrong: dict[str, str], **more: Any) -> Response:
    """Draw a form: 422 where something is wrong with what was typed."""
    return make_response(render_template(template, wrong=wrong, **more), 422 if wrong else 200)


def refused(refusal: Refusal, again: Callable[[dict[str, str]], str]) -> Response:
    """The page again with what is wrong; a place there is not (here) is not found."""
    if refusal.code in ("unknown_unit", "unknown_region"):
        abort(404)
    return make_response(again(complaint(refusal)), 422)


def complaint(refusal: Refusal) -> dict[str, str]:
    """What is wrong, by field (`""`: with the whole); a place there is not (here) is not found."""
    if refusal.code in ("unknown_unit", "unknown_region"):
        abort(404)
    return {refusal.field or "": refusal.message(language.current())}


def chosen(state: str | None, close: Verb, reopen: Verb) -> Verb:
    """The verb a button means; 422 for none of the two."""
    if state not in ("closed", "open"):
        abort(422)
    return close if state == "closed" else reopen
