"""Serves every list of the house at `/<system>/lists/<key>`: a list's definition is its whole page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Flask, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.platform import lists
from app.platform.lists import catalogue, choosing
from app.platform.lists.definition import PAGE_SIZES
from app.platform.registry import Acting, Refused, Words, house
from app.rooms.web import list_views
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import Missing, signed_in
from app.rooms.web.language import current
from app.rooms.web.security import safe_target

Tabs = Sequence[tuple[Words, str]]
SEE = Words("查看", "View")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a row offers as drawn: a link or a posting button; `main` is the work to do."""

    words: Words
    url: str
    main: bool = False
    posts: bool = False
    tone: str = "plain"
    confirm: Words | None = None
    why_not: Words | None = None


def attach(app: Flask) -> None:
    """Find the systems' lists and serve them."""
    for key, home in house.homes.items():
        catalogue.enter(key, lists.find(home, key).values())
    app.add_url_rule("/<system>/lists/<key>", "web.list", show)
    app.add_url_rule("/<system>/lists/<key>/columns", "web.choose_columns", choose_columns, methods=["POST"])
    app.add_url_rule("/<system>/lists/<key>/views", "web.save_view", save_view, methods=["POST"])
    app.add_url_rule("/<system>/lists/<key>/export", "web.export_list", export, methods=["POST"])
    app.add_template_test(lambda value: isinstance(value, lists.Chip), "chip")
    app.add_template_test(lambda value: isinstance(value, lists.Linked), "linked")
    app.add_template_test(lambda value: isinstance(value, lists.Due), "due")
    app.add_template_global(reset_address)


@signed_in
def show(system: str, key: str) -> str | Response:
    """Show one page of a list, to whoever holds its permission; one that has a page elsewhere leads there."""
    listing = of(system, key)
    if listing.home:
        asked = request.query_string.decode("ascii", "ignore")
        return redirect(f"{listing.home}?{asked}" if asked else listing.home)
    return answer(listing)


def answer(
    listing: lists.List,
    template: str = "web/list.html",
    *,
    post: str | None = None,
    tabs: Tabs | None = None,
    sent: Mapping[str, str] | None = None,
    asked: lists.Asked | None = None,
    **context: Any,
) -> str:
    """Render one page of `listing` as the address asks, in a template that extends `web/list.html`.

    `post` (the id of one of the reader's own posts, else the address's `?post=`; 404 for any other) narrows the
    list, its filters and what is taken out of it to that post. `tabs` are drawn above, `context` is the template's.
    `sent` is what is asked, where the address does not say it; `asked` the question where the page has read it already.
    Raises `Missing` where the list's permission is not this reader's under the posts that count.
    """
    chosen = post if post is not None else request.args.get("post")
    reader = reading_as(chosen)
    admit(listing, reader)
    name = catalogue.name_of(listing)
    asked = asked or lists.read(listing, session(), reader, request.args if sent is None else sent)
    columns = choosing.columns(listing, name, session(), reader)
    page = lists.fetch(listing, session(), reader, asked, now(), columns)
    given = {
        "page": page,
        "page_sizes": PAGE_SIZES,
        "offers_of": _offers(page),
        "tabs": tabs if tabs is not None else listing.tabs(reader) if listing.tabs else (),
        "hidden": {"post": chosen} if post is None and chosen else {},
        "chosen_post": chosen or "",
        "list_url": f"/{name.replace('/', '/lists/')}" if name else "",
        "is_choosable": name is not None and choosing.is_choosable(listing),
        "asked_text": urlencode(asked.address),
        "can_tick": name is not None and listing.row is not None,
        **list_views.shown(listing, name, asked),
    }
    return render_template(template, **{**given, **context})


@signed_in
def choose_columns(system: str, key: str) -> Response:
    """Keep which columns the reader wants to see, or forget it; then back to where the list stood."""
    listing = of(system, key)
    if request.form.get("reset"):
        choosing.reset(f"{system}/{key}", session(), me())
    else:
        choosing.choose(listing, f"{system}/{key}", request.form.getlist("column"), session(), me(), now())
    return redirect(safe_target(request.form.get("back"), f"/{system}/lists/{key}"), 303)


@signed_in
def save_view(system: str, key: str) -> Response | tuple[str, int]:
    """Keep what the list is asked under a name, and lead to that view; refused, the list with what was typed."""
    listing = of(system, key)
    if not listing.keeps_views:
        abort(404)
    sent = question()
    try:
        return list_views.keep(listing, f"{system}/{key}", lists.read(listing, session(), me(), sent))
    except Refused as refusal:
        return answer(listing, sent=sent, **list_views.refused(refusal)), 422


@signed_in
def export(system: str, key: str) -> Response:
    """Begin taking a list out: the ticked rows, or all of the filter (C-28); lead to where its progress is shown."""
    listing = of(system, key)
    if listing.row is None:
        abort(404)
    post = request.form.get("post")
    reader = reading_as(post)
    admit(listing, reader)
    wanted = lists.exporting.Wanted(
        lists.read(listing, session(), reader, question()).address,
        [column.key for column in choosing.columns(listing, f"{system}/{key}", session(), reader)],
        request.form.getlist("row"),
        current(),
        request.form.get("form", "xlsx"),
    )
    errand = lists.exporting.begin(session(), listing, wanted, reader, now(), alone=bool(post))
    return redirect(url_for("errands.show", errand=errand), 303)


def question() -> dict[str, str]:
    """What the list was asked, from a button that posts; a choice left empty was asked for, too."""
    return dict(parse_qsl(request.form.get("asked", ""), keep_blank_values=True))


def of(system: str, key: str) -> lists.List:
    """The list of this name; 404 where there is none, `Missing` for whoever holds its permission by no post."""
    listing = catalogue.get(f"{system}/{key}")
    if listing is None:
        abort(404)
    admit(listing, replace(me(), post=None))
    return listing


def instances_of(listing: lists.List, rows: Sequence[str], post: str | None) -> list[str]:
    """The instances of ticked rows that this reader's list holds; 404 for a list that decides none together."""
    if listing.together is None:
        abort(404)
    reader = reading_as(post)
    admit(listing, reader)
    return lists.instances(listing, session(), reader, rows[: lists.exporting.TICKS], now())


def reading_as(post: str | None) -> Acting:
    """The reader, under one of his own posts alone where one is named; 404 for any other post."""
    reader = me()
    if not post:
        return reader
    chosen = next((held for held in reader.posts if held.id == post), None)
    if chosen is None:
        abort(404)
    return replace(reader, post=chosen, posts=(chosen,))


def admit(listing: lists.List, reader: Acting) -> None:
    """Raise `Missing` unless the posts that count give `reader` the list's permission; 404 for whom it is not there."""
    if listing.admits is not None and not listing.admits(reader):
        abort(404)
    counting = (reader.post,) if reader.post else reader.posts
    if listing.permission and listing.permission not in house.permissions(counting):
        raise Missing(listing.permission)


def is_open(listing: lists.List, reader: Acting) -> bool:
    """Whether `admit` lets a reader in."""
    counting = (reader.post,) if reader.post else reader.posts
    if listing.admits is not None and not listing.admits(reader):
        return False
    return not listing.permission or listing.permission in house.permissions(counting)


def reset_address(action: str, hidden: Mapping[str, str]) -> str:
    """Where 重置 leads: the list without any question."""
    return f"{action}?{urlencode(hidden)}" if hidden else action


def _offers(page: lists.Page) -> Callable[[lists.Line], list[Offer]]:
    """What a row offers: its instance's open task to whoever may work on it, else where it leads; then its verbs."""
    open_tasks = lists.openings(session(), me(), (line.instance for line in page.rows))

    def offers(line: lists.Line) -> list[Offer]:
        found = []
        if line.instance in open_tasks:
            task, name = open_tasks[line.instance]
            found.append(Offer(page.list.work or name, url_for("inbox.show_task", task=task), main=True))
        elif line.link:
            found.append(Offer(line.link.words or SEE, address_of(line.link)))
        verbs = (
            Offer(v.words, v.url, v.tone == "strong", v.posts, v.tone, v.confirm, v.why_not)
            for v in line.verbs
        )
        return [*found, *verbs]

    return offers


def address_of(link: lists.Link) -> str:
    """The address of what a row leads to."""
    if link.to == "task":
        return url_for("inbox.show_task", task=link.id)
    if link.to == "instance":
        return url_for("inbox.show_instance", instance=link.id)
    return link.id
