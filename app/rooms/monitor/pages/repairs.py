"""Repair mode: pending lines kept in the form, a preview through the real verbs, a reason, and all at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.data import new_id
from app.platform.identity import authority, roles
from app.platform.monitoring import repair_lines, repair_requests, repairable, repairing
from app.platform.monitoring.repair_lines import BadLine, Line
from app.platform.monitoring.repairable import Repairable
from app.platform.monitoring.repairing import BadReason, MovedOn, Preview
from app.platform.registry import Words
from app.platform.runtime import element_names, handable, history, naming
from app.rooms.monitor import line_words
from app.rooms.monitor.blueprint import blueprint
from app.rooms.web import whom
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import said

Answer = Response | str | tuple[str, int]
MOST_CHANGES = 20


@dataclass
class Asked:
    """The form as filled in so far. `wrong`: sentences by field; `changed`: what has happened since the preview."""

    lines: list[Line] = field(default_factory=list)
    reason: str = ""
    wrong: dict[str, str] = field(default_factory=dict)
    preview: Preview | None = None
    changed: Sequence[history.HistoryRow] = ()
    bad: int = 0


@blueprint.get("/instances/<instance>/repair")
@needs(roles.MANAGE)
def repair(instance: str) -> str:
    """The instance in repair mode; `?task=`: with giving this task to somebody open."""
    return _page(repairable.find(session(), instance, me(), now()), Asked())


@blueprint.post("/instances/<instance>/repair")
@needs(roles.MANAGE)
def do_repair(instance: str) -> Answer:
    """Add or take out a line, show what would happen, or let it."""
    at = repairable.find(session(), instance, me(), now())
    form = request.form
    asked = Asked(line_words.lines_of(form.getlist("line")), form.get("reason", "").strip())
    do, _colon, what = form.get("do", "").partition(":")
    if whom.is_search(form) or do not in ("add", "remove", "preview", "confirm"):
        return _page(at, asked)
    if do == "add":
        _add(asked, what)
    elif do == "remove":
        asked.lines = [line for place, line in enumerate(asked.lines) if str(place) != what]
    elif do == "preview":
        _preview(at, asked)
    else:
        return _confirm(at, asked)
    return (_page(at, asked), 422) if asked.wrong else _page(at, asked)


def _add(asked: Asked, what: str) -> None:
    """One more line, of what its own part of the form says."""
    kind, _colon, at = what.partition(":")
    form = request.form
    line: Line | None = None
    if kind == "move":
        if not form.get(f"to:{at}"):
            asked.wrong[f"to-{at}"] = _("请选择移到哪个环节")
            return
        line = Line("move", at[: repair_lines.LONGEST], form[f"to:{at}"][: repair_lines.LONGEST])
    elif kind == "add":
        line = _one_more(asked)
    elif kind in ("drop", "retry"):
        line = Line("drop" if kind == "drop" else "retry", at[: repair_lines.LONGEST])
    elif kind == "assign":
        chosen = whom.chosen(form, "to")
        if not chosen:
            asked.wrong["to"] = _("请选择人员")
            return
        line = Line("assign", form.get("task", "")[: repair_lines.LONGEST], chosen[0])
    elif kind == "set":
        line = _variable(asked)
    elif kind == "end":
        line = Line("end")
    if line is None or line in asked.lines:
        return
    if len(asked.lines) >= repair_lines.MOST:
        asked.wrong[""] = _("一次最多 %(most)d 项", most=repair_lines.MOST)
        return
    asked.lines.append(line)


def _one_more(asked: Asked) -> Line | None:
    """One token more, of what is chosen: the element, and the token beside it."""
    to, _bar, at = request.form.get("more", "").partition("|")
    if not at:
        asked.wrong["more"] = _("请选择在哪里增加")
        return None
    item = request.form.get("item", "").strip()[: repair_lines.LONGEST] or None
    return Line("add", at[: repair_lines.LONGEST], to[: repair_lines.LONGEST], item)


def _variable(asked: Asked) -> Line | None:
    name, kind = request.form.get("name", ""), request.form.get("type", "text")
    if not name:
        asked.wrong["name"] = _("请选择变量")
        return None
    try:
        return Line("set", name, value=line_words.typed(kind, request.form.get("value", "")))
    except ValueError:
        asked.wrong["value"] = _("请输入数字")
        return None


def _preview(at: Repairable, asked: Asked) -> None:
    try:
        repairing.reason_of(asked.reason)
    except BadReason as error:
        asked.wrong["reason"] = said(error.words)
        return
    try:
        asked.preview = repairing.preview(session(), at.id, asked.lines, asked.reason, me(), now())
    except BadLine as error:
        _complain(asked, error)


def _complain(asked: Asked, error: BadLine) -> None:
    asked.bad = error.number
    told = said(error.words)
    asked.wrong[f"line-{error.number}" if error.number else ""] = (
        _("第 %(number)d 项不能执行：%(why)s", number=error.number, why=told) if error.number else told
    )


def _confirm(at: Repairable, asked: Asked) -> Answer:
    revision, seen = (_number(name) for name in ("revision", "seen"))
    given = (session(), at.id, asked.lines, asked.reason, revision)
    try:
        if repair_requests.takes_two():
            asked_for = repair_requests.ask(*given, seen, me(), now())
            flash(_("已提交，由另一名管理员同意后执行。"), "success")
            return redirect(url_for("monitor.asked_repair", repair=asked_for), 303)
        key = request.form.get("key") or None
        repairing.apply(*given, me(), now(), seen=seen, key=key)
    except MovedOn:
        session().rollback()
        asked.changed = [row for row in history.of(session(), at.id) if row.seq > seen][-MOST_CHANGES:]
        asked.wrong[""] = _("预览之后这件事项又有变化，修复没有执行；已添加的内容都在，请重新预览。")
        return _page(repairable.find(session(), at.id, me(), now()), asked), 409
    except BadReason as error:
        asked.wrong["reason"] = said(error.words)
    except BadLine as error:
        _complain(asked, error)
    if asked.wrong:
        return _page(at, asked), 422
    flash(_("修复已执行，并写入流转记录。"), "success")
    return redirect(url_for("monitor.repair", instance=at.id), 303)


def _number(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def _page(at: Repairable, asked: Asked) -> str:
    task = request.values.get("task", "")
    chosen = task if task in {one for one, _asked in at.tasks} else ""
    return render_template(
        "monitor/repair.html",
        at=at,
        asked=asked,
        lines=line_words.shown(asked.lines, at),
        value=line_words.value,
        quotable=element_names.quotable,
        task=chosen,
        wrong=asked.wrong,
        summary=[(key.replace("#", "-") or None, text) for key, text in asked.wrong.items()],
        whom=whom.offered(
            "to",
            _why_not(chosen or (at.tasks[0][0] if at.tasks else "")),
            several=False,
            only=authority.seen_within(roles.reach_of(me(), roles.MANAGE), now()),
        )
        if at.tasks
        else None,
        key=request.form.get("key") or new_id(),
        most=repairing.LONGEST,
        types=line_words.TYPES,
        waiting=repair_requests.of_instance(session(), at.id, me(), now()),
        takes_two=repair_requests.takes_two(),
    )


def _why_not(task: str) -> Any:
    def told(ids: Collection[str]) -> Mapping[str, Words]:
        if not task or not ids:
            return {}
        found = dict(handable.why_not(session(), task, "transfer", list(ids), me(), now()))
        return found | ({me().person: naming.TELL["own"]} if me().person in ids else {})

    return told


@blueprint.get("/repairs")
@needs(roles.MANAGE)
def repairs() -> str:
    """The repairs that wait for a second administrator."""
    found = repair_requests.waiting(session(), me(), now())
    return render_template("monitor/repairs.html", found=found, own=me().person)


@blueprint.get("/repairs/<repair>")
@needs(roles.MANAGE)
def asked_repair(repair: str) -> str:
    """One of them: what it would do now, and the buttons."""
    return _asked_page(repair)


@blueprint.post("/repairs/<repair>")
@needs(roles.MANAGE)
def answer_repair(repair: str) -> Answer:
    """Agree to it, decline it, or take one's own back."""
    try:
        if request.form.get("do") == "agree":
            repair_requests.agree(session(), repair, me(), now())
            flash(_("已同意，修复已执行。"), "success")
        else:
            repair_requests.decline(session(), repair, request.form.get("answer", ""), me(), now())
            flash(_("已处理。"), "success")
    except MovedOn:
        return _asked_page(repair, _("提交之后这件事项又有变化，这项修复已作废，请重新提交。")), 409
    except (BadReason, BadLine) as error:
        return _asked_page(repair, said(error.words)), 422
    return redirect(url_for("monitor.repairs"), 303)


def _asked_page(repair: str, wrong: str = "") -> str:
    found = repair_requests.find(session(), repair, me(), now())
    at = repairable.find(session(), found.instance, me(), now())
    preview = None
    if found.state == "waiting" and found.revision == at.revision:
        try:
            preview = repairing.preview(session(), at.id, found.lines, found.reason, me(), now())
        except BadLine as error:
            wrong = wrong or said(error.words)
    return render_template(
        "monitor/repair_asked.html",
        found=found,
        at=at,
        lines=line_words.shown(found.lines, at),
        value=line_words.value,
        preview=preview,
        is_outdated=found.revision != at.revision and found.state == "waiting",
        wrong=wrong,
        is_own=found.asked_by == me().person,
    )
