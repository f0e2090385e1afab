"""The sentences of the inbox: who holds a case, what was decided, what is asked; used by its templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Flask, url_for
from flask_babel import gettext as _

from app.platform.engine import Element, Outcome
from app.platform.lists import Line, List, Page
from app.platform.registry import Words
from app.platform.runtime.errors import TaskOvertaken, TaskTaken
from app.platform.runtime.history import HistoryRow
from app.platform.runtime.views import Decided, InstanceView, OpenTask
from app.rooms.web import times
from app.rooms.web.acting import me, now
from app.rooms.web.forms import size
from app.rooms.web.language import said
from app.rooms.web.lists import address_of

KINDS = {
    "started": Words("发起", "Started"),
    "decided": Words("办理", "Decided"),
    "claimed": Words("签收", "Claimed"),
    "unclaimed": Words("放回", "Put back"),
    "worked": Words("系统处理", "Done by the system"),
    "amended": Words("更新内容", "Amended"),
    "signed": Words("签署", "Signed"),
    "advised": Words("提出意见", "Advised"),
    "transferred": Words("转办", "Transferred"),
    "delegated": Words("委托", "Delegated"),
    "added": Words("加签", "Signers added"),
    "removed": Words("减签", "Signers removed"),
    "copied": Words("抄送", "Copied"),
    "urged": Words("催办", "Urged"),
    "retried": Words("重试", "Retried"),
    "fired": Words("到期处理", "Time ran out"),
    "reminded": Words("催办提醒", "Reminded"),
    "escalated": Words("超期上报", "Escalated"),
    "rescheduled": Words("时限调整", "Deadline recounted"),
    "suspended": Words("挂起", "Suspended"),
    "resumed": Words("恢复", "Resumed"),
    "variables": Words("修改变量", "Variables changed"),
    "cancelled": Words("撤销", "Cancelled"),
    "ended": Words("办结", "Completed"),
    "incident": Words("出现故障", "Failed"),
}


def attach(app: Flask) -> None:
    """Hand the sentences to templates."""
    app.add_template_filter(size)
    for speak in (
        case_address, second_line, limit_of, taken_sentence, decided_sentence, wants_opinion, opinion_hint,
        kind_of, is_worth_telling, step_of,
    ):  # fmt: skip
        app.add_template_global(speak)


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


def second_line(box: List, cells: Mapping[str, Any]) -> list[Words | str]:
    """What the second line of a row says: step or matter, region, and how long it waited or when it was."""
    if box.key == "mine":
        return [cells["process"], cells["number"] or "", times.moment(cells["started_at"], now())]
    place = [cells["region"]] if cells["region"] else []
    when = (
        times.waited(cells["opened_at"], now())
        if box.key == "todo"
        else times.moment(cells["closed_at"], now())
    )
    return [cells["step"], *place, when]


def limit_of(due: datetime | None) -> times.Limit | None:
    """A due date as a chip."""
    return times.limit(due, now())


def taken_sentence(taken: TaskTaken) -> str:
    """Who was first, with what, and when (C-19)."""
    when = said(times.moment(taken.at, now()))
    if taken.reason == "transferred":
        return _("%(name)s已于%(at)s转办，不再由您办理。", name=taken.by_name, at=when)
    if isinstance(taken, TaskOvertaken):
        return _("时限已到，系统已于%(at)s按流程自动处理；您填写的内容已保存为草稿。", at=when)
    if taken.outcome is None:
        return _("%(name)s已于%(at)s签收，正在办理。", name=taken.by_name, at=when)
    return _(
        "%(name)s已于%(at)s办理，结果为“%(outcome)s”。",
        name=taken.by_name,
        at=when,
        outcome=said(taken.outcome),
    )


def decided_sentence(decided: Decided) -> str:
    """Who decided a closed task, what and when."""
    name = _("您") if decided.by == me().person else decided.by_name
    when = said(times.moment(decided.at, now()))
    return _("%(name)s于%(at)s办理，结果为“%(outcome)s”。", name=name, at=when, outcome=said(decided.outcome))


def wants_opinion(outcomes: Sequence[Outcome]) -> bool:
    """Whether the step judges: one of its outcomes says no, or demands an opinion."""
    return any(one.opinion or one.negative for one in outcomes)


def opinion_hint(outcomes: Sequence[Outcome]) -> str:
    """For which outcomes an opinion must be given (C-33)."""
    asked = "、".join(f"“{said(one.words)}”" for one in outcomes if one.opinion)
    return _("选择%(outcomes)s时必填", outcomes=asked) if asked else _("选填")


def where_sentence(view: InstanceView, worked_on: Words | None) -> str:
    """Where an instance is, in one sentence."""
    if view.state != "running":
        ended = said(times.moment(view.ended_at, now()))
        words = {"ended": _("已办结"), "cancelled": _("已撤销"), "suspended": _("已挂起")}[view.state]
        return _("%(words)s，%(at)s。", words=words, at=ended) if ended else f"{words}。"
    if view.incidents:
        return _("系统处理时遇到问题，管理员会处理；您不需要重新提交。")
    if worked_on:
        return _("正在%(step)s……", step=said(worked_on))
    if not view.open_tasks and view.is_working:
        return _("系统正在处理，请稍候……")
    if not view.open_tasks:
        return _waiting_sentence(view)
    return _open_sentence(view.open_tasks[0])


def _waiting_sentence(view: InstanceView) -> str:
    """What an instance waits for with nobody to do anything: its stage says it, or the moment it goes on."""
    stage = said(view.stage) if view.stage else _("正在等待")
    if view.until is None:
        return _("%(stage)s。", stage=stage)
    until = said(times.moment(view.until, now()))
    return _("%(stage)s，至迟%(until)s继续。", stage=stage, until=until)


def _open_sentence(task: OpenTask) -> str:
    since, step = said(times.moment(task.opened_at, now())), said(task.name)
    if task.can_work:
        return _("轮到您了：%(step)s。", step=step)
    sentence = _("现在由%(who)s办理“%(step)s”，%(since)s送达。", who=said(task.who), step=step, since=since)
    limit = times.limit(task.due_at, now())
    return sentence[:-1] + _("，%(limit)s。", limit=said(limit.words)) if limit else sentence


def step_of(row: HistoryRow, elements: Mapping[str, Element]) -> Words | None:
    """The step a history row belongs to, if it belongs to one."""
    if row.name_zh:
        return Words(row.name_zh, row.name_en)
    element = elements.get(row.element or "")
    return element.name if element and row.kind != "ended" else None


def is_worth_telling(row: HistoryRow) -> bool:
    """Whether a history row says something to people: openings and movements do not."""
    return row.kind in KINDS and row.kind != "opened"


def kind_of(row: HistoryRow) -> Words:
    """What a history row says was done: a decision by its outcome's own words."""
    if row.kind == "decided" and "zh" in row.body:
        return Words(row.body["zh"], row.body["en"])
    return KINDS.get(row.kind, Words(row.kind, row.kind))


def steps_of(happened: Sequence[HistoryRow], view: InstanceView) -> list[tuple[Words, str]]:
    """The steps people have taken and stand before, in order of first appearance: (name, done | now)."""
    open_elements = {task.element for task in view.open_tasks}
    steps: dict[str, tuple[Words, str]] = {}
    for row in happened:
        if row.kind == "decided" and row.element and row.element not in open_elements:
            steps.setdefault(row.element, (Words(row.name_zh, row.name_en), "done"))
    for task in view.open_tasks:
        steps[task.element] = (task.name, "now")
    return list(steps.values())
