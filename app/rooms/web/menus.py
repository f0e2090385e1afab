"""The menu at the left: what the rooms offer to everybody, then each system's entries for its own people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import Flask, g, request, url_for
from sqlalchemy.orm import Session
from werkzeug.routing import BuildError

from app.platform.registry import Acting, MenuEntry, System, Words, house
from app.rooms.web import acting, arranging

Count = Callable[[Session, Acting, datetime], int]


@dataclass(frozen=True, slots=True)
class Offer:
    """A line that a room offers to everybody who is signed in. `badge` names a counter.

    `among`: only to whoever holds at least one of these permissions under the posts that count. `shows()` says of
    anything else whether it is there for the person who acts.
    """

    title: Words
    endpoint: str
    icon: str
    badge: str | None = None
    order: int = 50
    among: Callable[[], frozenset[str]] | None = None
    shows: Callable[[], bool] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line as drawn. `badge` names what `count` counts, so that an open page can keep it up to date.

    `for_all`: everybody who is signed in has it.
    """

    title: Words
    url: str
    icon: str
    active: bool
    count: int | None
    badge: str | None = None
    for_all: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under one heading; the rooms' own group has none."""

    key: str
    title: Words | None
    lines: tuple[Line, ...]


PLACES = {"list": "lists", "import": "imports"}
_offers: dict[str, Offer] = {}
_counters: dict[str, Count] = {}
_gathered: dict[str, tuple[Words, Callable[[], Sequence[tuple[Words, str]]]]] = {}


def offer(entry: Offer) -> None:
    """Add a room's line; the same endpoint again replaces it."""
    _offers[entry.endpoint] = entry


def gather(key: str, title: Words, lines: Callable[[], Sequence[tuple[Words, str]]]) -> None:
    """Add a group whose lines (words and path) nobody has written down: `lines()` of the person who acts."""
    _gathered[key] = (title, lines)


def counter(name: str) -> Callable[[Count], Count]:
    """Register `count(session, by, now) -> int`, the number a menu entry's `badge` of this name shows (C-37)."""

    def register(count: Count) -> Count:
        _counters[name] = count
        return count

    return register


def attach(app: Flask) -> None:
    """Hand the menu to templates."""
    app.context_processor(
        lambda: {"menu_groups": groups, "house_system": current_system, "my_systems": my_systems}
    )


def groups() -> tuple[Group, ...]:
    """Return the menu of the person who acts, built once per request."""
    if "menu" not in g:
        g.menu = _build()
    return g.menu  # type: ignore[no-any-return]


def my_systems(person: Acting | None = None) -> tuple[System, ...]:
    """Return the systems in which the person holds a role (C-46)."""
    person = person or acting.who()
    if person is None:
        return ()
    held = {post.role for post in person.posts}
    return tuple(s for s in house.systems.values() if any(role.key in held for role in s.roles))


def current_system() -> System | None:
    """Return the system whose pages these are, by the blueprint or the first part of the path."""
    if "house_system" not in g:
        first = request.path.strip("/").split("/", 1)[0]
        g.house_system = house.systems.get(request.blueprint or "") or house.systems.get(first)
    return g.house_system  # type: ignore[no-any-return]


def count_of(badge: str | None) -> int | None:
    """Return the number behind `badge` for the person who acts, asked once per request."""
    if badge is None or badge not in _counters:
        return None
    counts: dict[str, int] = g.setdefault("menu_counts", {})
    if badge not in counts:
        counts[badge] = _counters[badge](acting.session(), acting.me(), acting.now())
    return counts[badge]


def know(badge: str, number: int) -> None:
    """Hand the menu a number that a page has counted already, before the menu is drawn."""
    g.setdefault("menu_counts", {})[badge] = number


def _build() -> tuple[Group, ...]:
    if not acting.is_at_home():
        return ()
    own = [
        replace(line, for_all=entry.among is None and entry.shows is None)
        for entry in sorted(_offers.values(), key=lambda entry: entry.order)
        if (entry.among is None or any(acting.may(code) for code in entry.among()))
        and (entry.shows is None or entry.shows())
        and (line := _line(entry.title, entry.endpoint, entry.icon, entry.badge))
    ]
    found = [Group("", None, tuple(own))]
    for system in house.systems.values():
        lines = tuple(line for entry in arranging.arranged(system) if (line := _entry(system, entry)))
        if lines:
            found.append(Group(system.key, system.title, lines))
    for key, (title, gathered) in _gathered.items():
        if said := gathered():
            found.append(Group(key, title, tuple(Line(words, url, "", False, None) for words, url in said)))
    return _marked(found)


def _entry(system: System, entry: MenuEntry) -> Line | None:
    if entry.permission and not acting.may(entry.permission):
        return None
    return _line(entry.title, entry.page, "", entry.badge, system.key)


def _line(title: Words, page: str, icon: str, badge: str | None, system: str = "") -> Line | None:
    try:
        kind, _, key = page.partition(":")
        url = f"/{system}/{PLACES[kind]}/{key}" if kind in PLACES else url_for(page)
    except BuildError:
        return None  # a lease may name a page that this release does not have yet
    return Line(title, url, icon, False, count_of(badge), badge)


def _marked(groups: list[Group]) -> tuple[Group, ...]:
    """Mark the one line that is nearest to this page: the longest whose path it lies under."""
    lines = [line for group in groups for line in group.lines if _leads_here(line.url.split("?")[0])]
    nearest = max(lines, key=lambda line: len(line.url), default=None)
    return tuple(
        replace(group, lines=tuple(replace(line, active=line is nearest) for line in group.lines))
        for group in groups
    )


def _leads_here(path: str) -> bool:
    return request.path == path or (path != "/" and request.path.startswith(path.rstrip("/") + "/"))
