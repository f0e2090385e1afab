"""How posts and browsers are called on pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask
from flask_babel import gettext as _

from app.platform.forms import masking
from app.platform.identity import places, regions, subjects, units
from app.platform.registry import Post, Words, house
from app.rooms.web import acting
from app.rooms.web.language import said

_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("QQBrowser", "QQ"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_DEVICES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def attach(app: Flask) -> None:
    """Hand the names to templates."""
    app.context_processor(
        lambda: {
            "post_title": post_title,
            "post_system": post_system,
            "subjects_of": subjects_of,
            "browser_name": browser_name,
        }
    )


def post_title(post: Post) -> str:
    """Return the role and where it is held: 区县管理员（邯山区）."""
    role = house.roles.get(post.role)
    title = said(role.title) if role else post.role
    place = _place_name(post.place)
    return _("%(role)s（%(place)s）", role=title, place=place) if place else title


def subjects_of(posts: Iterable[Any]) -> Mapping[subjects.Held, Words]:
    """What posts (anything with role and subject) are held for, by both: one statement for each kind of subject."""
    return subjects.names(acting.session(), [(post.role, post.subject) for post in posts])


def _place_name(path: str) -> str:
    unit = places.unit_of(path)
    if unit:
        found = units.get(acting.session(), unit)
        return found.name if found else ""
    region = regions.at(acting.session(), path) if path else None
    return region.name if region else ""


def post_system(post: Post) -> str:
    """Return the title of the system the post's role belongs to."""
    for system in house.systems.values():
        if any(role.key == post.role for role in system.roles):
            return said(system.title)
    return ""


def browser_name(agent: str) -> str:
    """Return browser and device in short: Chrome · Windows."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    device = next((name for mark, name in _DEVICES if mark in agent), "")
    return " · ".join(part for part in (browser, device) if part) or _("未知设备")


def masked_phone(phone: str | None) -> str:
    """Return 138****5678, or less where the installation says so (C-38)."""
    return masking.masked(phone or "", "phone")


def masked_email(address: str | None) -> str:
    """Return l***@example.org."""
    return re.sub(r"^(.).*(@.*)$", r"\1***\2", address) if address else ""
