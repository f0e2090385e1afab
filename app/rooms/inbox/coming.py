"""Says beside the buttons who comes next for each outcome (D1: 同意后 → 市科协 终审岗)."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.platform.runtime import coming
from app.platform.runtime.coming import After, Next
from app.platform.runtime.views import TaskView
from app.rooms.web.acting import me, now, session
from app.rooms.web.language import joined, said


def shown(view: TaskView) -> dict[str, Any]:
    """What comes after each outcome of a step that judges; elsewhere there is nothing to weigh."""
    judges = any(one.opinion or one.negative for one in view.outcomes)
    return {"coming": coming.after(session(), view, me(), now()) if judges else ()}


def sentence(told: After) -> str:
    """Who comes next after one outcome, in one line."""
    parts = [_step(one) for one in told.steps]
    ends = joined(filter(said, told.ends))
    if told.ends:
        parts.append(_("办结（%(how)s）", how=ends) if ends else _("办结"))
    if told.waits:
        parts.append(_waiting(told))
    if not parts:
        return _("系统继续处理")
    text = _("；").join(parts)
    return text if told.sure else _("视情况：%(ways)s", ways=text)


def _waiting(told: After) -> str:
    """What it is waited for, and what comes then."""
    what = joined(filter(said, told.waits)) or _("等待")
    then = [_step(one) for one in told.then] + ([_("办结")] if told.ends_then else [])
    return _("%(wait)s，之后 %(steps)s", wait=what, steps=_("；").join(then)) if then else what


def _step(one: Next) -> str:
    step = said(one.step)
    if one.is_nobody:
        return _("%(step)s · %(who)s（目前无人可办）", step=step, who=said(one.who))
    names = joined(one.names)
    if one.number > len(one.names):
        names = _("%(names)s 等 %(count)s 人", names=names, count=one.number)
    who = said(one.who)
    if who and names:
        return _("%(step)s · %(who)s（%(names)s）", step=step, who=who, names=names)
    return f"{step} · {who or names}" if who or names else step
