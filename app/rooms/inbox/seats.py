"""The signers of a task in words: by which rule they sign, how far they are, and how each of them stands."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask
from flask_babel import gettext as _

from app.platform.registry import Words
from app.platform.runtime.views import SeatView, TaskView
from app.rooms.web import times
from app.rooms.web.acting import me, now
from app.rooms.web.language import said

RULES: Mapping[str, Words] = {
    "any": Words("或签", "Any one signs"),
    "all": Words("会签", "All sign"),
    "sequence": Words("依次签署", "One after the other"),
    "share": Words("票签", "By vote"),
}
CLOSED: Mapping[str, Words] = {
    "not_needed": Words("已不需要签署", "Not needed any more"),
    "transferred": Words("已转办", "Transferred"),
    "returned": Words("已退回", "Sent back"),
}


def attach(app: Flask) -> None:
    """Hand the sentences to templates."""
    for speak in (seats_line, seat_state, seat_tone):
        app.add_template_global(speak)


def seats_line(view: TaskView) -> str:
    """The rule and how far they are: 会签 2/3. Whoever only advises does not count."""
    counted = [one for one in view.seats if not one.is_advice and one.state != "closed"]
    decided = sum(one.state == "decided" for one in counted)
    rule = RULES[view.rule.partition(":")[0]]
    return f"{said(rule)} {decided}/{len(counted)}"


def seat_state(one: SeatView) -> str:
    """How a signer stands."""
    if one.state == "decided":
        at = said(times.moment(one.decided_at, now()))
        by = (
            _("（由%(name)s代签）", name=one.decided_by)
            if one.decided_by and one.decided_by != one.name
            else ""
        )
        return f"{said(one.outcome) if one.outcome else _('已签署')}{by} · {at}"
    if one.state == "closed":
        return said(CLOSED.get(one.reason, Words("已结束", "Closed")))
    advice = _("征求意见中") if one.is_advice else ""
    if one.state == "waiting":
        return _("尚未轮到")
    return advice or (_("轮到您") if one.person == me().person else _("正在签署"))


def seat_tone(one: SeatView) -> str:
    """The tone of its badge."""
    return {"decided": "ok", "open": "run"}.get(one.state, "plain")
