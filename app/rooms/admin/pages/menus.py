"""系统菜单: what each system's menu shows, in which order and by which names. It grants no right."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.identity import roles
from app.platform.registry import Refused, Words, house
from app.rooms.admin import sections
from app.rooms.admin.blueprint import blueprint
from app.rooms.web import arranging, language
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs

sections.enter(
    sections.Section(
        "menus",
        Words("系统菜单", "Menus"),
        Words("各系统菜单的顺序、名称和显示", "Order, names and visibility of each system's menu"),
        "admin.menus",
        frozenset({roles.SETTINGS}),
        "settings",
        20,
    )
)


@blueprint.get("/menus")
@needs(roles.SETTINGS)
def menus() -> str:
    """Show the menus of all systems."""
    return _page()


@blueprint.post("/menus/<system>")
@needs(roles.SETTINGS)
def arrange_menu(system: str) -> Response | tuple[str, int]:
    """Keep how a system's menu is to look; or show it as its lease says again."""
    lease = house.systems.get(system)
    if lease is None or not lease.menu:
        abort(404)
    if request.form.get("reset"):
        arranging.reset(session(), system, me(), now())
        flash(_("菜单已恢复为系统默认。"), "success")
        return redirect(url_for("admin.menus"), 303)
    given = request.form
    pages = [entry.page for entry in lease.menu]
    places = {page: _place(given.get(f"place.{page}"), number) for number, page in enumerate(pages, 1)}
    order = sorted(pages, key=lambda page: places[page])
    hidden = {page for page in pages if f"shown.{page}" not in given}
    titles = {
        page: Words(given.get(f"zh.{page}", ""), given.get(f"en.{page}", ""))
        for page in pages
        if f"zh.{page}" in given
    }
    try:
        arranging.arrange(session(), system, order, hidden, titles, me(), now())
    except Refused as no:
        return _page(system, {str(no.field): no.words.said(language.current())}), 422
    flash(_("菜单已保存。"), "success")
    return redirect(url_for("admin.menus"), 303)


def _page(system: str = "", wrong: dict[str, str] | None = None) -> str:
    found = [
        (
            lease,
            [
                _line(lease.key, entry, is_hidden, number, lease.key == system)
                for number, (entry, is_hidden) in enumerate(arranging.every(lease), 1)
            ],
            arranging.is_arranged(lease),
        )
        for lease in house.systems.values()
        if lease.menu
    ]
    return render_template("admin/menus.html", found=found, wrong=wrong or {}, of=system)


def _line(system: str, entry: Any, is_hidden: bool, number: int, is_sent: bool) -> dict[str, Any]:
    """A line as the form shows it: as it is kept, or as it was just sent."""
    given, page = request.form, entry.page
    return {
        "page": page,
        "zh": given.get(f"zh.{page}", "") if is_sent else entry.title.zh,
        "en": given.get(f"en.{page}", "") if is_sent else entry.title.en,
        "place": given.get(f"place.{page}", "") if is_sent else number,
        "shown": f"shown.{page}" in given if is_sent else not is_hidden,
    }


def _place(text: str | None, default: int) -> float:
    return int(text) if text and text.strip().isdecimal() and len(text) < 6 else default
