"""The way of an instance as its page draws it: what was done, where it is now, and what is likely to come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flask_babel import gettext as _

from app.platform.registry import Words
from app.platform.runtime.history import HistoryRow
from app.platform.runtime.views import InstanceView
from app.platform.runtime.whereabouts import Holding, Whereabouts
from app.rooms.inbox import speaking
from app.rooms.web.language import said

TOLD = frozenset(
    {"started", "decided", "signed", "advised", "returned", "withdrawn", "suspended", "resumed", "cancelled"}
)
"""What of the history is a stop on the way: what people did with it. The rest stands in the history below."""

NEGATIVE = frozenset({"returned", "withdrawn", "suspended", "cancelled"})
SOON = 1  # working days
Tone = Literal["done", "back", "now", "mine", "stopped", "coming", "end", "ended"]


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop: its step, what came of it, who and when, and the opinion. `limit`: how long there is."""

    tone: Tone
    name: str
    outcome: str = ""
    who: str = ""
    at: datetime | None = None
    comment: str = ""
    limit: str = ""
    urgency: Literal["", "soon", "late"] = ""


def of(where: Whereabouts, happened: Sequence[HistoryRow]) -> tuple[Stop, ...]:
    """The stops, the first first."""
    return (*_done(happened), *_now(where), *_ahead(where, happened))


def _done(happened: Sequence[HistoryRow]) -> Iterator[Stop]:
    for row in happened:
        if row.kind not in TOLD:
            continue
        kind = said(speaking.kind_of(row))
        name = said(Words(row.name_zh, row.name_en)) if row.name_zh else ""
        yield Stop(
            "back" if row.kind in NEGATIVE else "done",
            name or kind,
            kind if name else "",
            row.by_name or str(row.body.get("name") or "") or _("系统"),
            row.at,
            str(row.body.get("comment") or ""),
        )


def _now(where: Whereabouts) -> Iterator[Stop]:
    for one in where.holdings:
        yield Stop(
            _tone(where, one),
            said(one.name),
            _signed(one),
            _("您") if one.is_yours else said(one.who),
            one.since,
            limit=said(one.limit) if one.limit else "",
            urgency=_urgency(one),
        )
    if where.state in ("working", "waiting") or (where.state == "incident" and not where.holdings):
        stage = where.working or (where.stage if where.state == "waiting" else None)
        lane = said(where.awaited.who) if where.awaited and where.state == "waiting" else ""
        yield Stop("now", said(stage) if stage else _("系统处理中"), who=lane or _("系统"))


def _tone(where: Whereabouts, one: Holding) -> Tone:
    if where.state == "suspended":
        return "stopped"
    return "mine" if one.is_yours else "now"


def _urgency(one: Holding) -> Literal["", "soon", "late"]:
    if one.left is None or one.left > SOON:
        return ""
    return "late" if one.left < 0 else "soon"


def _signed(one: Holding) -> str:
    return _("已签 %(done)s/%(all)s", done=one.signed[0], all=one.signed[1]) if one.signed else ""


def _ahead(where: Whereabouts, happened: Sequence[HistoryRow]) -> Iterator[Stop]:
    if where.state == "ended":
        row = next((row for row in reversed(happened) if row.kind == "ended"), None)
        name = said(where.stage) if where.stage else _("办结")
        yield Stop("ended", name, at=row.at if row else where.ended_at)
        return
    for one in where.coming:
        yield Stop("coming", said(one.name), who=said(one.who))
    if where.ends:
        yield Stop("end", _("办结"))


def walked(happened: Sequence[HistoryRow], view: InstanceView) -> list[tuple[Words, str]]:
    """The steps people have taken and stand before, in order of first appearance: (name, done | now)."""
    open_elements = {task.element for task in view.open_tasks}
    steps: dict[str, tuple[Words, str]] = {}
    for row in happened:
        if row.kind == "decided" and row.element and row.element not in open_elements:
            steps.setdefault(row.element, (Words(row.name_zh, row.name_en), "done"))
    for task in view.open_tasks:
        steps[task.element] = (task.name, "now")
    return list(steps.values())
