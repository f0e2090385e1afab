"""What is on of a box's filters, as chips that can each be taken away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask_babel import gettext as _

from app.platform import lists
from app.platform.lists import views
from app.platform.lists.asked import BETWEEN
from app.platform.lists.narrowing import STEP
from app.platform.registry import Words
from app.rooms.web.language import said

SORTS = {
    "": Words("默认顺序", "Usual order"),
    "-opened_at": Words("最近到达在前", "Latest first"),
    "due": Words("时限近的在前", "Due soonest first"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition that is on: which filter, what it is set to, and the address without it."""

    title: Words
    words: str
    url: str


def chips(page: lists.Page, address: Mapping[str, str]) -> list[Chip]:
    """Everything that is on, in the order of the bar."""
    return [
        Chip(one.title, words, url_for("inbox.box", **without))
        for one in page.list.filters
        for words, without in _set(one, page.asked, address)
    ]


def _set(
    one: lists.Filter, asked: lists.Asked, address: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, str]]]:
    ends = [asked.typed.get(f"{one.key}_{end}", "") for end in ("from", "to")]
    if one.kind == "period" and any(ends):
        yield (
            _days(*ends),
            {k: v for k, v in address.items() if k not in (f"{one.key}_from", f"{one.key}_to")},
        )
    value = asked.typed.get(one.key, "")
    if not value or one.kind == "period":
        return
    rest = {key: kept for key, kept in address.items() if key != one.key}
    if one.kind == "text":
        yield value, rest
        return
    offered = dict(asked.choices.get(one.key, ()))
    codes = value.split(BETWEEN) if one.kind == "several" else [value]
    for code in codes:
        left = BETWEEN.join(other for other in codes if other != code)
        yield said(offered[code]).strip(STEP), {**rest, **({one.key: left} if left else {})}


def _days(first: str, last: str) -> str:
    begin, end = (f"{day.month}/{day.day}" if (day := _day(text)) else "" for text in (first, last))
    if begin and end:
        return begin if begin == end else f"{begin}—{end}"
    return _("%(day)s起", day=begin) if begin else _("至%(day)s", day=end)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def sorts(box: lists.List) -> list[tuple[str, Words]]:
    """The orders a box can be read in; none where it has only its own."""
    offered = [
        (key, words) for key, words in SORTS.items() if not key or key.removeprefix("-") in box.sortable
    ]
    return offered if len(offered) > 1 else []


def lost(page: lists.Page) -> list[Words]:
    """The filters that were asked for something there is not any more."""
    return [one.title for one in page.list.filters if one.key in page.asked.lost]


def is_changed(view: views.Saved | None, page: lists.Page) -> bool:
    """Whether the page asks something else than the view it was opened from."""
    if view is None:
        return False
    kept = {key: value for key, value in view.asked.items() if key not in page.asked.lost}
    return kept != page.asked.address
