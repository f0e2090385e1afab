"""The rail of the inbox: its boxes and the views saved over them, each with its live count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import request, url_for
from sqlalchemy import Select, func, select

from app.platform import lists
from app.platform.identity.entities import Region
from app.platform.lists import views
from app.platform.registry import Acting, Role, Words
from app.platform.runtime import policy, questions
from app.rooms.inbox import aside
from app.rooms.inbox.lists import CLAIMABLE, COUNTED, DONE, MINE, TODO
from app.rooms.web import list_views, menus
from app.rooms.web.acting import me, now, session

ROOM = "inbox"
LISTS = (TODO, CLAIMABLE, MINE, DONE, aside.COPIES, aside.DRAFTS)
"""The boxes in their order. A box that comes later is entered here, and is counted by its scope."""
BOXES = {box.key: box for box in LISTS}
NAMES = {f"{ROOM}/{box.key}": box for box in LISTS}
COUNTED_VIEWS = 12
GROUPS = {
    views.ME: Words("我的视图", "My views"),
    views.OFFICE: Words("科室视图", "My office's views"),
    views.EVERYBODY: Words("公共视图", "Everybody's views"),
}
UNREAD = Words("未读", "unread")
ANSWERS, TO_ANSWER = "answers", Words("待答复", "To answer")


@dataclass(frozen=True, slots=True)
class Entry:
    """A box or a view as drawn. `count` None is not counted; `what` says what is counted, where not all is."""

    key: str
    title: Words | str
    url: str
    is_here: bool
    count: str | None
    what: Words | None = None


@dataclass(frozen=True, slots=True)
class Rail:
    """Boxes, and views by group."""

    boxes: tuple[Entry, ...]
    groups: tuple[tuple[Words, tuple[Entry, ...]], ...]
    here: Entry


def read(box: lists.List, saved: Sequence[views.Saved], view: str, known: lists.Known) -> Rail:
    """The rail as it stands beside `box`, or the view `view` over it.

    One statement counts all of it, but for views that look for a text, which costs too much for every page.
    """
    mine = [one for one in saved if one.list in NAMES]
    counted = [one for one in mine if not _has_text(one)][:COUNTED_VIEWS]
    numbers = _count(counted, known)
    menus.know("todo", numbers[TODO.key])
    boxes = tuple(
        Entry(
            one.key,
            one.title,
            url_for("inbox.box", box=one.key),
            not view and one is box and request.endpoint != "questions.show",
            _said(numbers[one.key]),
            UNREAD if one is aside.COPIES else None,
        )
        for one in LISTS
    )
    entries = {
        one.id: Entry(
            one.id,
            one.title,
            address_of(one),
            one.id == view,
            _said(numbers[one.id]) if one.id in numbers else None,
        )
        for one in mine
    }
    groups = tuple(
        (words, tuple(entries[one.id] for one in mine if one.reach == reach))
        for reach, words in GROUPS.items()
        if any(one.reach == reach for one in mine)
    )
    boxes += _to_answer(numbers[ANSWERS])
    here = next((one for one in (*boxes, *entries.values()) if one.is_here), boxes[0])
    return Rail(boxes, groups, here)


def _to_answer(number: int) -> tuple[Entry, ...]:
    """The questions that wait for the reader's answer: no box of cases, and there only when there are some."""
    is_here = request.endpoint == "questions.show"
    if not number and not is_here:
        return ()
    return (Entry(ANSWERS, TO_ANSWER, url_for("questions.show"), is_here, _said(number)),)


def _has_text(view: views.Saved) -> bool:
    return any(one.kind == "text" and view.asked.get(one.key) for one in NAMES[view.list].filters)


def address_of(view: views.Saved) -> str:
    """Where a view leads: its box, or list, with its whole question, so that the address alone says what is shown."""
    if view.list not in NAMES:
        return list_views.address_of(view)
    return url_for("inbox.box", **{**view.asked, "box": NAMES[view.list].key, "view": view.id})


def _count(saved: Sequence[views.Saved], known: lists.Known) -> Mapping[str, int]:
    """How many stand in each box and view, none looked at beyond a thousand."""
    _know_regions(saved, known)
    piles: dict[str, Select[Any]] = {box.key: _pile(box) for box in LISTS}
    for view in saved:
        box = NAMES[view.list]
        asked = lists.read(box, session(), me(), view.asked, known, trusting=True)
        piles[view.id] = lists.keys(box, session(), me(), now(), COUNTED + 1, asked)
    piles[ANSWERS] = questions.waiting(me())
    numbers = [
        select(func.count()).select_from(pile.limit(COUNTED + 1).subquery()).scalar_subquery()
        for pile in piles.values()
    ]
    return dict(zip(piles, session().execute(select(*numbers)).one(), strict=True))


def _pile(box: lists.List) -> Select[Any]:
    if box is aside.COPIES:
        return aside.unread(me())
    return _whole(box.key, me(), policy.declared(me()))


@lru_cache(maxsize=1024)
def _whole(box: str, by: Acting, _roles: tuple[Role | None, ...]) -> Select[Any]:
    """The rows of a box without any filter, to be counted: the same at any moment, and long to put together."""
    return lists.keys(BOXES[box], session(), by, now(), COUNTED + 1)


def _know_regions(saved: Sequence[views.Saved], known: lists.Known) -> None:
    """Look the regions of all views up at once."""
    codes = {view.asked["region"] for view in saved if view.asked.get("region")}
    codes -= {code for key, code in known.resolved if key == "region"}
    if codes:
        rows = session().execute(select(Region.code, Region.path).where(Region.code.in_(sorted(codes))))
        paths = {row.code: row.path for row in rows}
        known.resolved.update({("region", code): paths.get(code) for code in codes})


def _said(number: int) -> str:
    return str(number) if number <= COUNTED else f"{COUNTED}+"
