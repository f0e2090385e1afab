"""The sentences of the inbox: who holds a case, what was decided, what is asked; used by its templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import Flask, url_for
from flask_babel import gettext as _

from app.platform.engine import Element, Outcome
from app.platform.lists import Line, Page
from app.platform.registry import Words
from app.platform.runtime import history_words
from app.platform.runtime.history import HistoryRow
from app.rooms.inbox import coming
from app.rooms.web import times
from app.rooms.web.acting import now
from app.rooms.web.forms import size
from app.rooms.web.language import joined, said
from app.rooms.web.lists import address_of

UNTOLD = frozenset({"closed", "failed", "message", "migrated", "opened", "signal", "thrown"})
"""What only those who look after a case are told."""
KINDS = {kind: words for kind, words in history_words.KINDS.items() if kind not in UNTOLD}
KINDS |= {"cancelled": Words("撤销", "Cancelled"), "incident": Words("出现故障", "Failed")}


def attach(app: Flask) -> None:
    """Hand the sentences to templates."""
    app.add_template_filter(size)
    for speak in (
        case_address, limit_of, wants_opinion, opinion_hint,
        kind_of, is_worth_telling, step_of, whom_of,
    ):  # fmt: skip
        app.add_template_global(speak)
    app.add_template_global(coming.sentence, "coming_sentence")


def case_address(line: Line, address: Mapping[str, str], page: Page) -> str:
    """Where a row leads, with the state of the list and the row's place in it."""
    if line.link is None:
        return url_for("inbox.box", **address)
    trail = {**address, "at": str(line.number)}
    if page.page > 1:
        trail["page"] = str(page.page)
    endpoint, name = ("show_task", "task") if line.link.to == "task" else ("show_instance", "instance")
    return (
        url_for(f"inbox.{endpoint}", **{name: line.link.id}, **trail)
        if line.link.to != "page"
        else address_of(line.link)
    )


def limit_of(due: datetime | None, paused: datetime | None = None) -> times.Limit | None:
    """A due date as a chip."""
    return times.limit(due, now(), paused)


def wants_opinion(outcomes: Sequence[Outcome]) -> bool:
    """Whether the step judges: one of its outcomes says no, or demands an opinion."""
    return any(one.opinion or one.negative for one in outcomes)


def opinion_hint(outcomes: Sequence[Outcome]) -> str:
    """For which outcomes an opinion must be given (C-33)."""
    asked = joined(f"“{said(one.words)}”" for one in outcomes if one.opinion)
    return _("选择%(outcomes)s时必填", outcomes=asked) if asked else _("选填")


def step_of(row: HistoryRow, elements: Mapping[str, Element]) -> Words | None:
    """The step a history row belongs to, if it belongs to one."""
    if row.name_zh:
        return Words(row.name_zh, row.name_en)
    element = elements.get(row.element or "")
    return element.name if element and row.kind != "ended" else None


def is_worth_telling(row: HistoryRow) -> bool:
    """Whether a history row says something to people: openings and movements do not."""
    return row.kind in KINDS


def kind_of(row: HistoryRow) -> Words:
    """What a history row says was done: a decision by its outcome's own words."""
    if row.kind == "decided" and "zh" in row.body:
        return Words(row.body["zh"], row.body["en"])
    if row.kind == "unasked" and row.body.get("why") == "closed":
        return Words("未答复，询问关闭", "Question closed unanswered")
    return KINDS.get(row.kind, Words(row.kind, row.kind))


def whom_of(row: HistoryRow, elements: Mapping[str, Element]) -> str:
    """To whom, or to which step, a history row has handed the matter."""
    to = row.body.get("to")
    if row.kind == "returned":
        element = elements.get(str(to))
        return said(element.name) if element and element.name else ""
    return joined(str(one.get("name", "")) for one in to) if isinstance(to, list) else ""
