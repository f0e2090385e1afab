"""Whom a verb names: what was searched for and ticked, who is offered, and why somebody cannot be chosen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _
from sqlalchemy import ColumnElement
from werkzeug.datastructures import MultiDict

from app.platform.identity import finding, people
from app.platform.identity.finding import Findable
from app.platform.registry import Words
from app.platform.runtime import naming
from app.rooms.web import forms as drawn
from app.rooms.web.acting import me, now, session
from app.rooms.web.language import joined

MOST = 50
SEARCH = "who"
"""The input a page with one choice is searched with."""
Reasons = Callable[[Collection[str]], Mapping[str, Words]]


@dataclass(frozen=True)
class Whom:
    """A choice of people on a page. `name` is its input's, `several` whether more than one may be ticked.

    `leafing`: parts of names and units are searched, not whole names alone. `search` names the input that is searched
    with: where a page has two choices, each has its own.
    """

    name: str
    several: bool
    text: str
    chosen: tuple[str, ...]
    people: tuple[Findable, ...]
    more: bool
    why_not: Mapping[str, Words]
    leafing: bool = True
    search: str = SEARCH

    @property
    def told(self) -> str:
        """How many were found, in words."""
        count = sum(one.id not in self.chosen or not self.text for one in self.people)
        if not self.leafing and not count:
            return (
                _("没有找到“%(text)s”，请输入完整的姓名", text=self.text)
                if self.text
                else _("输入完整的姓名查找")
            )
        if not self.text:
            return _("本单位、本地区的人员；其他人请输入姓名或单位查找") if count else _("输入姓名或单位查找")
        if not count:
            return _("没有找到“%(text)s”，请换一个姓名或单位", text=self.text)
        return (
            _("找到的人较多，只列出前 %(n)s 位", n=finding.MOST) if self.more else _("找到 %(n)s 人", n=count)
        )


def chosen(values: MultiDict[str, str], name: str) -> tuple[str, ...]:
    """The ids ticked, each once."""
    return tuple(dict.fromkeys(one for one in values.getlist(name)[:MOST] if one.isascii() and one.isalnum()))


def offered(
    name: str,
    reasons: Reasons,
    *,
    several: bool,
    fixed: Collection[str] = (),
    search: str = SEARCH,
    only: ColumnElement[bool] | None = None,
) -> Whom:
    """Who can be chosen on this page, by what its address or its post searches for (`search`; `q` is the list's).

    `fixed`: choices the page draws itself beside the people. `only`: nobody else is offered (over `Person`).
    """
    text = request.values.get(search, "").strip()[: finding.LONGEST]
    ticked = tuple(one for one in chosen(request.values, name) if one not in fixed)
    leafing, near = finding.may_leaf(me().posts), {post.place for post in me().posts}
    found = finding.people(session(), text, near, now(), ticked, leafing=leafing, only=only)
    shown = [one for one in found.people if text or one.id != me().person]
    why_not = reasons([one.id for one in shown])
    shown.sort(key=lambda one: one.id in why_not)  # whoever cannot be chosen stands last
    return Whom(name, several, text, ticked, tuple(shown), found.more, why_not, leafing, search)


def unasked(name: str, *, several: bool) -> Whom:
    """The choice before anybody looks for someone, beside something else on a page: it costs no statement."""
    return Whom(name, several, "", (), (), False, {}, finding.may_leaf(me().posts))


def not_oneself(ids: Collection[str]) -> Mapping[str, Words]:
    """Why people cannot be chosen where only oneself cannot."""
    return {one: naming.TELL["oneself"] for one in ids if one == me().person}


def is_search(posted: MultiDict[str, str]) -> bool:
    """Whether a post only looks for people: nothing is done, and everything typed stays."""
    return drawn.is_update(posted)


def names(ids: Collection[str]) -> str:
    """The names of those chosen, in one line."""
    found = people.names(session(), set(ids))
    return joined(found[one] for one in ids if one in found)
