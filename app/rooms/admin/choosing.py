"""Choosing a place in a form of the room (`admin/place_chooser.html`): what it offers, within the reader's reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

from app.platform.identity import roles, tree
from app.platform.identity.places import inside
from app.rooms.web import acting

BOUNDS = (roles.PEOPLE, roles.UNITS, roles.POSTS)
INPUT = "place-{}-search"
"""The id of the input of the chooser called so: where a complaint about it leads."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a chooser shows: what is chosen, the way walked down, what can be chosen there or was found."""

    nodes: tuple[tree.Node, ...]
    more: bool
    text: str
    kinds: frozenset[str]
    chosen: tree.Node | None = None
    trail: tuple[tree.Node, ...] = ()


def place_update() -> bool:
    """Whether a chooser posted the form to go on looking: draw it again with what was typed, and do nothing."""
    return "_update" in request.form


def of_page(name: str, value: str, kinds: str, within: str) -> Shown:
    """What the chooser `name` of a page shows: what was posted last for it, else `value`."""
    posted = request.form if request.method == "POST" else request.args
    asked, _, at = str(posted.get("_update", "")).partition(":")
    walks = asked == name and ":" in str(posted.get("_update", ""))
    text = "" if walks else str(posted.get(f"{name}.search", ""))
    return offers(str(posted.get(name, value) or ""), kinds, within, text, at if walks else None)


def of_fragment(values: Mapping[str, str]) -> Shown:
    """The same as the script asks for it: `q`, or `at` (a path; empty: the highest)."""
    return offers(
        values.get("value", ""),
        values.get("kinds", ""),
        values.get("within", ""),
        values.get("q", ""),
        values.get("at"),
    )


def offers(value: str, kinds: str, within: str, text: str = "", at: str | None = None) -> Shown:
    """What is found for `text`, else what lies under `at`, else the highest one reaches. At most six statements."""
    session, reach = acting.session(), bounds(within)
    wanted = frozenset(kinds.split())
    text, value, at = (one.replace("\0", "").strip() for one in (text, value, at or ""))
    chosen = tree.at(session, [value]).get(value) if value and inside(value, reach) else None
    if text:
        found = tree.find(session, text, reach, wanted)
        return Shown(found.nodes, found.more, text, wanted, chosen)
    here = at if at and inside(at, reach) else None
    found = tree.children(session, here, reach, wanted)
    way = tree.trail(session, here) if here else ()
    way = tuple(node for node in way if inside(node.path, reach))
    return Shown(found.nodes, found.more, "", wanted, chosen, way)


def bounds(within: str) -> tuple[str, ...]:
    """The places within which the reader has one of the permissions; nowhere for one that bounds no chooser."""
    wanted = [one for one in within.split() if one in BOUNDS]
    return tuple(sorted({place for one in wanted for place in roles.reach_of(acting.me(), one)}))
