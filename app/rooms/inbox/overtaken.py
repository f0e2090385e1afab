"""Says in words why a task cannot be decided now: who was quicker, took it back or stopped it, when and why."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from app.platform.runtime.fate import Fate
from app.rooms.web import times
from app.rooms.web.acting import me, now
from app.rooms.web.language import said


@dataclass(frozen=True, slots=True)
class Banner:
    """A banner above the case. `comment`: what whoever did it has said of it; `label` names that."""

    tone: str
    title: str
    sentence: str
    comment: str = ""
    label: str = ""


def banner(fate: Fate, *, is_sudden: bool) -> Banner:
    """What a fate is called. `is_sudden`: it came over somebody who was about to decide."""
    tone = "danger" if is_sudden else {"decided": "success", "signed": "success"}.get(fate.kind, "info")
    title = _("该记录已被处理") if is_sudden and fate.kind in ("decided", "claimed") else _title(fate)
    label = (
        _("原因")
        if fate.kind in ("suspended", "cancelled", "withdrawn", "moved", "taken_away")
        else _("意见")
    )
    if fate.kind == "suspended":
        tone = "warning"
    return Banner(tone, title, sentence(fate), fate.comment, label)


def _title(fate: Fate) -> str:
    return {
        "decided": _("已办理"),
        "signed": _("已签署"),
        "claimed": _("已被签收"),
        "transferred": _("已转办"),
        "suspended": _("已挂起"),
        "withdrawn": _("已撤回"),
        "returned": _("已退回"),
        "cancelled": _("已撤销"),
        "fired": _("时限已到"),
    }.get(fate.kind, _("不需要再办理"))


def sentence(fate: Fate) -> str:
    """The whole of it in one sentence."""
    name = _("您") if fate.by == me().person else (fate.by_name or _("系统"))
    at = said(times.moment(fate.at, now()))
    outcome = said(fate.outcome) if fate.outcome else ""
    match fate.kind:
        case "decided" | "signed":
            return _("%(name)s已于%(at)s办理，结果为“%(outcome)s”。", name=name, at=at, outcome=outcome)
        case "claimed" if fate.at:
            return _("%(name)s已于%(at)s签收，正在办理。", name=name, at=at)
        case "claimed":
            return _("%(name)s正在办理。", name=name)
        case "transferred":
            return _("%(name)s已于%(at)s转办，不再由您办理。", name=name, at=at)
        case "suspended":
            return _("%(name)s于%(at)s挂起了这件事项：可以查看，恢复之前不能办理。", name=name, at=at)
        case "withdrawn":
            return _("%(name)s已于%(at)s撤回这件事项，这一步不需要再办理。", name=name, at=at)
        case "returned":
            return _("%(name)s已于%(at)s退回这件事项，这一步不需要再办理。", name=name, at=at)
        case "cancelled":
            return _("%(name)s已于%(at)s撤销这件事项，不需要再办理。", name=name, at=at)
        case "moved" | "migrated" | "taken_away":
            return _("%(name)s已于%(at)s调整流程，这一步不需要再办理。", name=name, at=at)
        case "fired":
            return _("时限已到，系统已于%(at)s按流程自动处理。", at=at)
        case "not_needed":
            return _("会签已有结论，不再需要您签署。")
        case _other:
            return _("这一步已经结束，不需要再办理。")
