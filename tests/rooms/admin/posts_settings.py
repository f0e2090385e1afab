"""What the pages of roles and settings let one post, as `test_forgery` tries it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.platform.identity import making_roles, roles
from app.platform.registry import Words
from app.platform.settings import dictionaries
from tests.pages import House
from tests.rooms.forgery import AUDIT

Ready = Callable[[House], Any]
KEPT = {"settings_value", "settings_value.value", "settings_value.changed_by_id"}
SETTING = AUDIT | KEPT | {"settings_revision", "settings_revision.number"}
ROLE = {f"identity_role.{name}" for name in ("title_zh", "given_by", "changed_at", "is_off", "second_factor")}
DAY = AUDIT | {"calendar_day", "jobs_job"}
WORD = SETTING - KEPT | {"settings_dictionary", "settings_word"}


def keeper(role: str, page: str, url: str, fields: Mapping[str, Any], first: Any = None) -> Ready:
    """A fresh administrator on `page`; `{n}` in what is typed is another number each time."""

    def ready(house: House) -> Any:
        name = house.settle(role)
        n = str(house.count)
        if first is not None:
            with house.world.session() as session:
                first(session, n, house.world)
        browser = house.visit(name)
        browser.get(page.format(n=n))
        sent = {key: value.replace("{n}", n) for key, value in fields.items()}
        return browser, url.format(n=n), sent

    return ready


def made(session: Any, n: str, world: Any) -> None:
    """A role to be changed."""
    making_roles.make(
        session, making_roles.Draft(f"trial{n}", Words("试用", "")), world.acting("市级"), world.now
    )


def listed(session: Any, n: str, world: Any) -> None:
    """A dictionary with a word."""
    dictionaries.add(session, f"trial{n}", Words("试用", ""), None, world.now)
    dictionaries.put(session, f"trial{n}", [dictionaries.Entry("a", "甲")], None, world.now)


def security(page: str, url: str, fields: Mapping[str, Any], first: Any = None) -> Ready:
    return keeper(roles.SECURITY.key, page, url, fields, first)


def system(page: str, url: str, fields: Mapping[str, Any], first: Any = None) -> Ready:
    return keeper(roles.SYSTEM.key, page, url, fields, first)


NONE = {"title_en": "", "subject": "", "permissions": "", "given_by": ""}
NEW = {"slug": "fresh{n}", "title_zh": "档案员", "scope": "none", "reach": "here", **NONE}
CHANGED = {"title_zh": "改名", "scope": "none", "reach": "here", **NONE}
ONE, LIST = "/admin/roles/made.trial{n}", "/admin/dictionaries/trial{n}"
POSTS: dict[str, tuple[str, Ready, frozenset[str]]] = {
    "make a role": (
        "/admin/roles/new",
        security("/admin/roles/new", "/admin/roles/new", NEW),
        SETTING - KEPT | {"identity_role"},
    ),
    "change a role": ("/admin/roles/<key>", security(ONE, ONE, CHANGED, made), SETTING | ROLE),
    "turn a role": (
        "/admin/roles/<key>/off",
        security(ONE, f"{ONE}/off", {"to": "off"}, made),
        SETTING | ROLE | {"jobs_job"},
    ),
    "remove a role": (
        "/admin/roles/<key>/remove",
        security(ONE, f"{ONE}/remove", {}, made),
        SETTING | {"identity_role"},
    ),
    "settings": (
        "/admin/settings/<group>",
        system("/admin/settings/words", "/admin/settings/words", {"house.manual": "/static/{n}.pdf"}),
        SETTING,
    ),
    "try a channel": (
        "/admin/settings/try/<channel>",
        system("/admin/settings/channels", "/admin/settings/try/mail", {}),
        AUDIT,
    ),
    "arrange a menu": (
        "/admin/menus/<system>",
        system("/admin/menus", "/admin/menus/fairs", {"reset": "y"}),
        SETTING,
    ),
    "make a dictionary": (
        "/admin/dictionaries/new",
        system(
            "/admin/dictionaries/new",
            "/admin/dictionaries/new",
            {"key": "new{n}", "title_zh": "新", "title_en": ""},
        ),
        WORD,
    ),
    "rename a dictionary": (
        "/admin/dictionaries/<key>",
        system(LIST, LIST, {"title_zh": "改名", "title_en": ""}, listed),
        WORD | {"settings_dictionary.title_zh"},
    ),
    "add a word": (
        "/admin/dictionaries/<key>/words",
        system(LIST, f"{LIST}/words", {"code": "b", "zh": "乙", "en": "", "position": ""}, listed),
        WORD,
    ),
    "change a word": (
        "/admin/dictionaries/<key>/words/<code>",
        system(f"{LIST}/words/a", f"{LIST}/words/a", {"zh": "甲一", "en": "", "position": ""}, listed),
        WORD | {"settings_word.zh"},
    ),
    "turn a word": (
        "/admin/dictionaries/<key>/words/<code>/off",
        system(LIST, f"{LIST}/words/a/off", {}, listed),
        WORD | {"settings_word.is_off"},
    ),
    "set days": (
        "/admin/holidays",
        system(
            "/admin/holidays",
            "/admin/holidays",
            {"from": "2026-12-24", "kind": "off", "note": "年会", "to": ""},
        ),
        DAY,
    ),
    "paste days": (
        "/admin/holidays/paste",
        system("/admin/holidays", "/admin/holidays/paste", {"table": "2026-12-25 休 年会"}),
        DAY,
    ),
}
"""By name: the rule, who is brought to its page, and what the post may write."""
