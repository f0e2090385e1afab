"""Serves every list of the house at `/<system>/lists/<key>`: a list's definition is its whole page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from flask import Flask, abort, current_app, render_template, request, url_for

from app.platform import lists
from app.platform.lists.definition import PAGE_SIZES
from app.platform.registry import Words, house
from app.rooms.web.acting import may, me, now, session
from app.rooms.web.guards import Missing, signed_in

Verb = tuple[Words, str, bool]  # what it is called, where it leads, whether it is work to do
SEE = Words("查看", "View")


def attach(app: Flask) -> None:
    """Find the systems' lists and serve them."""
    app.extensions["chengpi-lists"] = {key: lists.find(home, key) for key, home in house.homes.items()}
    app.add_url_rule("/<system>/lists/<key>", "web.list", show)
    app.add_template_test(lambda value: isinstance(value, lists.Chip), "chip")
    app.add_template_global(reset_address)


@signed_in
def show(system: str, key: str) -> str:
    """Show one page of a list, to whoever holds its permission."""
    listing = of(system, key)
    page = lists.fetch(listing, session(), me(), lists.read(listing, session(), me(), request.args), now())
    return render_template("web/list.html", page=page, page_sizes=PAGE_SIZES, verbs_of=_verbs(page))


def of(system: str, key: str) -> lists.List:
    """The list of this name. Aborts with 404 where there is none, raises `Missing` where it is not this reader's."""
    listing = current_app.extensions["chengpi-lists"].get(system, {}).get(key)
    if listing is None:
        abort(404)
    if listing.permission and not may(listing.permission):
        raise Missing(listing.permission)
    return listing  # type: ignore[no-any-return]


def reset_address(action: str, hidden: Mapping[str, str]) -> str:
    """Where 重置 leads: the list without any question."""
    return f"{action}?{urlencode(hidden)}" if hidden else action


def _verbs(page: lists.Page) -> Callable[[lists.Line], list[Verb]]:
    """What a row offers: its instance's open task to whoever may work on it, else the page it leads to."""
    open_tasks = lists.openings(session(), me(), (line.instance for line in page.rows))

    def verbs(line: lists.Line) -> list[Verb]:
        if line.instance in open_tasks:
            task, name = open_tasks[line.instance]
            return [(page.list.work or name, url_for("inbox.show_task", task=task), True)]
        return [(line.link.words or SEE, address_of(line.link), False)] if line.link else []

    return verbs


def address_of(link: lists.Link) -> str:
    """The address of what a row leads to."""
    if link.to == "task":
        return url_for("inbox.show_task", task=link.id)
    if link.to == "instance":
        return url_for("inbox.show_instance", instance=link.id)
    return link.id
