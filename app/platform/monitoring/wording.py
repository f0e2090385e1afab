"""What the monitor calls states, timers, jobs, ways and what happened, in both languages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from app.platform.calendar import ZONE, Calendar
from app.platform.monitoring import stall_words
from app.platform.registry import Words
from app.platform.runtime.history import HistoryRow
from app.platform.runtime.history_words import KINDS

STATES: Final = {
    "running": (Words("办理中", "Running"), "run"),
    "suspended": (Words("已挂起", "Suspended"), "wait"),
    "ended": (Words("已办结", "Completed"), "ok"),
    "cancelled": (Words("已终止", "Cancelled"), "plain"),
}
JOB_STATES: Final = {
    "waiting": (Words("等待执行", "Waiting"), "plain"),
    "running": (Words("执行中", "Running"), "run"),
    "done": (Words("已完成", "Done"), "ok"),
    "failed": (Words("失败", "Failed"), "bad"),
}
DELIVERIES: Final = {
    "waiting": (Words("待发送", "To be sent"), "wait"),
    "sent": (Words("已发送", "Sent"), "ok"),
    "failed": (Words("发送失败", "Failed"), "bad"),
    "dropped": (Words("无需发送", "Dropped"), "plain"),
}
WAYS: Final = {
    "email": Words("邮件", "E-mail"),
    "sms": Words("短信", "SMS"),
    "webhook": Words("外部系统", "Webhook"),
}
TIMERS: Final = {
    "event": Words("流程定时", "Timer of the diagram"),
    "remind": Words("到期提醒", "Reminder"),
    "escalate": Words("超期上报", "Escalation"),
}
INCIDENTS: Final = {
    "nobody": stall_words.KINDS["nobody"],
    "engine": Words("流程无法继续", "The process cannot go on"),
    "job": Words("后台处理失败", "Work of the system failed"),
    "timer": stall_words.KINDS["timer"],
    "message": Words("消息未送达", "A message was not delivered"),
    "notice": stall_words.KINDS["notice"],
}
"""What an incident is, by its kind; what stands still is called alike."""
EVERYWHERE: Final = Words("全国", "The whole country")


def place_of(row: Any) -> Words:
    """What the place of a row's instance is called (`place`, `unit`, `full_name`); "" where nobody knows."""
    if not row.place:
        return EVERYWHERE
    name = row.unit or row.full_name or ""
    return Words(name, name)


def of(row: HistoryRow) -> Words:
    """What a row says was done: a decision in the words of its outcome."""
    if row.kind in ("decided", "signed") and "zh" in row.body:
        return Words(row.body["zh"], row.body["en"])
    return KINDS.get(row.kind, Words(row.kind, row.kind))


def spent(since: datetime, until: datetime, days: Calendar) -> Words:
    """How long something took: the clock's time within a day, else the working days after the first.

    Free days alone in between count as none: it says so in hours then.
    """
    begun, over = since.astimezone(ZONE).date(), until.astimezone(ZONE).date()
    number = days.working_days(begun + timedelta(days=1), over) if over > begun else 0
    if number > 0:
        return Words(f"{number} 个工作日", f"{number} working day{'s' if number > 1 else ''}")
    minutes = max(0, int((until - since).total_seconds() // 60))
    if minutes < 1:
        return Words("不到 1 分钟", "less than a minute")
    hours, rest = divmod(minutes, 60)
    if not hours:
        return Words(f"{minutes} 分钟", f"{minutes} min")
    return Words(
        f"{hours} 小时" + (f" {rest} 分" if rest else ""), f"{hours} h" + (f" {rest} min" if rest else "")
    )
