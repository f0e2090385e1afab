"""The side of an instance's page: one tab at a time, so that only what is looked at is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from app.platform.monitoring import entries, surroundings, wording
from app.platform.registry import Words
from app.platform.runtime import submissions
from app.rooms.monitor.casefile import Casefile
from app.rooms.web import forms
from app.rooms.web.acting import me, now, session
from app.rooms.web.language import current

TABS: Mapping[str, Words] = {
    "data": Words("数据", "Data"),
    "entries": Words("填报", "Entries"),
    "documents": Words("材料", "Files"),
    "messages": Words("消息", "Messages"),
    "timers": Words("定时", "Timers"),
    "jobs": Words("作业", "Jobs"),
    "notices": Words("通知", "Notices"),
    "audit": Words("审计", "Audit"),
}
FIRED = frozenset({"fired", "reminded", "escalated", "rescheduled"})
MESSAGES = frozenset({"message", "signal", "thrown"})
AUDITED = {
    "fields.revealed": Words("查看完整证件号码", "Saw numbers in full"),
    "instance.archived": Words("下载归档包", "Packed for the archive"),
    "instance.erased": Words("清除个人信息", "Forgot what people typed"),
}


def shown(case: Casefile, *, in_full: bool = False) -> dict[str, Any]:
    """The tab asked for, and what it shows. `in_full`: the entry looked at without masks, which is written down."""
    tab = request.args.get("tab", "data")
    if in_full:
        tab = "entries"
    if tab not in TABS:
        tab = "data"
    read = _READS[tab]
    return {
        "tab": tab,
        "tabs": TABS,
        "w": wording,
        **(read(case) if tab != "entries" else _entries(case, in_full)),
    }


def _data(case: Casefile) -> dict[str, Any]:
    """The variables it carries, and what was filled in last, masked."""
    declared = sorted(case.program.definition.variables | set(case.view.variables))
    return {
        "variables": [(name, case.view.variables.get(name)) for name in declared],
        **_opened(case, "", in_full=False),
    }


def _entries(case: Casefile, in_full: bool) -> dict[str, Any]:
    return _opened(case, request.values.get("entry", ""), in_full=in_full)


def _opened(case: Casefile, wanted: str, *, in_full: bool) -> dict[str, Any]:
    """The entries, and one of them drawn: the one asked for, else the last at the moment looked at."""
    filled = entries.of(session(), case.view.id)
    by_then = [one for one in filled if case.moment is None or one.at <= case.moment.at]
    chosen = next((one for one in filled if one.id == wanted), by_then[-1] if by_then else None)
    if chosen is None or case.owner.is_erased:
        return {"filled": filled, "opened": None, "fields": None, "in_full": False}
    found = entries.opened(session(), case.view, filled, chosen.id, me(), now(), current(), in_full=in_full)
    if found is None:
        return {"filled": filled, "opened": None, "fields": None, "in_full": False}
    hidden = [one for one in found.form.visible if one.kind.hides(one) and found.values.get(one.name)]
    if in_full:
        submissions.reveal(session(), case.view.id, case.view.starter, found.form, found.values, me(), now())
    fields = forms.render_form(
        found.form,
        found.values,
        (),
        found.given,
        current(),
        editable=False,
        in_full=in_full,
        tabs=False,
        file_url=lambda file: url_for("files.download", file=file),
    )
    return {
        "filled": filled,
        "opened": found,
        "fields": fields,
        "in_full": in_full,
        "is_masked": bool(hidden) and not in_full,
    }


def _documents(case: Casefile) -> dict[str, Any]:
    return {"papers": surroundings.papers(session(), case.view.id)}


def _messages(case: Casefile) -> dict[str, Any]:
    return {
        "awaited": surroundings.awaited(session(), case.view.id),
        "passed": [row for row in case.rows if row.kind in MESSAGES],
    }


def _timers(case: Casefile) -> dict[str, Any]:
    return {
        "armed": surroundings.timers(session(), case.view.id),
        "fired": [row for row in case.rows if row.kind in FIRED],
    }


def _jobs(case: Casefile) -> dict[str, Any]:
    return {
        "job_rows": surroundings.jobs(session(), case.view.id),
        "held_up": surroundings.incidents(session(), case.view.id),
    }


def _notices(case: Casefile) -> dict[str, Any]:
    return {"told": surroundings.notices(session(), case.view.id)}


def _audit(case: Casefile) -> dict[str, Any]:
    return {
        "noted": surroundings.audit(session(), case.view.id, list(case.rows), case.name_of),
        "noted_words": lambda kind: AUDITED.get(kind) or wording.KINDS.get(kind) or Words(kind, kind),
        "seals": {"seal": _("指纹"), "files": _("文件数"), "fields": _("内容项"), "reason": _("原因")},
    }


_READS: Mapping[str, Callable[[Casefile], dict[str, Any]]] = {
    "data": _data,
    "documents": _documents,
    "messages": _messages,
    "timers": _timers,
    "jobs": _jobs,
    "notices": _notices,
    "audit": _audit,
    "entries": lambda case: _entries(case, in_full=False),
}
