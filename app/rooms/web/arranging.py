"""How an administrator has arranged a system's menu: order, names, what is hidden. It grants no right (C-13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from app.platform import settings
from app.platform.data import transaction
from app.platform.registry import Acting, MenuEntry, Refused, System, Words, house

KEY: Final = "menus"
LONGEST: Final = 40

settings.define(settings.Definition(KEY, Words("系统菜单", "Menus"), "json", dict, group="menus"))


def arranged(system: System) -> list[MenuEntry]:
    """The entries to show, in order and by name; what a release adds comes last."""
    return [entry for entry, is_hidden in every(system) if not is_hidden]


def every(system: System) -> list[tuple[MenuEntry, bool]]:
    """All entries of a lease, as arranged; each with whether it is hidden."""
    wish = settings.value(KEY).get(system.key)
    if not wish:
        return [(entry, False) for entry in system.menu]
    order = {page: place for place, page in enumerate(wish["order"])}
    entries = sorted(system.menu, key=lambda entry: order.get(entry.page, len(order)))
    hidden = set(wish["hidden"])
    return [
        (
            replace(entry, title=Words(*wish["titles"].get(entry.page, entry.title))),
            entry.page in hidden,
        )
        for entry in entries
    ]


def is_arranged(system: System) -> bool:
    """Whether a menu differs from its lease."""
    return bool(settings.value(KEY).get(system.key))


def arrange(
    session: Session,
    system: str,
    order: list[str],
    hidden: set[str],
    titles: dict[str, Words],
    by: Acting,
    now: datetime,
) -> bool:
    """Arrange a system's menu; entries the lease does not have are passed over. Raises `KeyError`, `Refused`."""
    lease = house.systems[system]
    own = {entry.page: entry.title for entry in lease.menu}
    named = {}
    for page, words in titles.items():
        zh, en = words.zh.strip(), words.en.strip()
        if page not in own or (zh, en) == tuple(own[page]):
            continue
        if not 0 < len(zh) <= LONGEST or len(en) > 2 * LONGEST:
            raise Refused(
                "请填写菜单名称：中文最多40个字，英文最多80个字符",
                "Please name the line: at most 40 Chinese characters, 80 in English",
                page,
            )
        named[page] = [zh, en]
    wish: dict[str, Any] = {
        "order": [page for page in dict.fromkeys(order) if page in own],
        "hidden": sorted(hidden & own.keys()),
        "titles": named,
    }
    if wish == {"order": list(own), "hidden": [], "titles": {}}:
        return _keep(session, system, None, by, now)
    return _keep(session, system, wish, by, now)


def reset(session: Session, system: str, by: Acting, now: datetime) -> bool:
    """Show a menu as its lease says again. Raises `KeyError`."""
    return _keep(session, house.systems[system].key, None, by, now)


def _keep(session: Session, system: str, wish: dict[str, Any] | None, by: Acting, now: datetime) -> bool:
    with transaction(session):
        settings.touch(session)  # the row is the lock: two administrators arrange one after the other
        there = dict(settings.stored(session, KEY) or {})
        rest = {key: one for key, one in there.items() if key != system}
        return settings.change(session, KEY, (rest | ({system: wish} if wish else {})) or None, by, now)
