"""What the admin room is made of: its pages by group, each shown to whoever may enter it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import url_for

from app.platform.registry import Acting, Words
from app.rooms.web import acting
from app.rooms.web.menus import PLACES

ROOM = "admin"
"""The room's name in the catalogues of lists and sheets: `/admin/lists/<key>`, `/admin/imports/<key>`."""

GROUPS = {
    "people": Words("人员与组织", "People and organisations"),
    "rights": Words("岗位与授权", "Posts and rights"),
    "access": Words("登录与安全", "Signing in"),
    "settings": Words("系统设置", "Settings"),
    "record": Words("日志审计", "Records"),
}


@dataclass(frozen=True, slots=True)
class Section:
    """A page of the room. `page`: an endpoint, `list:<key>` or `import:<key>`; any of `permissions` opens it."""

    key: str
    title: Words
    about: Words
    page: str
    permissions: frozenset[str]
    group: str
    order: int = 50


_sections: dict[str, Section] = {}


def enter(*sections: Section) -> None:
    """Add pages to the room; the same key again replaces one."""
    _sections.update({one.key: one for one in sections})


def permissions() -> frozenset[str]:
    """Every permission that opens at least one page of the room."""
    return frozenset().union(*(one.permissions for one in _sections.values()))


def open_ones(group: str | None = None) -> list[Section]:
    """The pages this reader may enter, in their order; of one group, or of all."""
    order = list(GROUPS)
    return [
        one
        for one in sorted(_sections.values(), key=lambda one: (order.index(one.group), one.order))
        if (group is None or one.group == group) and any(acting.may(code) for code in one.permissions)
    ]


def address_of(section: Section) -> str:
    """Where a page is."""
    kind, colon, key = section.page.partition(":")
    if colon:
        return f"/{ROOM}/{PLACES[kind]}/{key}"
    return url_for(section.page)


def title(key: str) -> Words:
    """What a page of the room is called, as its tab says."""
    return _sections[key].title


def tabs(group: str) -> list[tuple[Words, str]]:
    """The pages a page of `group` stands among: their names and paths."""
    return [(one.title, address_of(one)) for one in open_ones(group)]


def tabs_of(group: str) -> Callable[[Acting], list[tuple[Words, str]]]:
    """The same as the `tabs` of a list's definition."""
    return lambda _acting: tabs(group)
