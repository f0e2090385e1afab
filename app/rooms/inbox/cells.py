"""The columns of the boxes' tables, and what stands in their cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.platform import lists
from app.platform.registry import Words
from app.platform.runtime.entities import Copy, Draft, Instance, Task
from app.rooms.inbox.filters import FLAGS

FAR = datetime(9999, 1, 1, tzinfo=UTC)
STATES = {
    "running": lists.Chip(Words("办理中", "Running"), "waiting"),
    "ended": lists.Chip(Words("已办结", "Completed"), "good"),
    "cancelled": lists.Chip(Words("已撤销", "Cancelled"), "plain"),
    "suspended": lists.Chip(Words("已挂起", "Suspended"), "info"),
}


def words(row: Mapping[str, Any], key: str) -> Words:
    """A text of a row in both languages."""
    return Words(row[f"{key}_zh"] or "", row[f"{key}_en"] or "")


def stage(row: Mapping[str, Any]) -> Words:
    """What the diagram calls where a case stands, else its state."""
    return words(row, "stage") if row["stage_zh"] else STATES[row["state"]].words


def tone(row: Mapping[str, Any]) -> Any:
    """How a case stands, by its state: what it is called is the diagram's business."""
    return "bad" if row["state"] == "running" and row["is_returned"] else STATES[row["state"]].tone


def summary(kept: Sequence[Mapping[str, str]] | None) -> list[tuple[Words, Words]]:
    """Up to five fields of the form, as the diagram chose them: `{"zh", "en", "value"}` each, some with `value_en`."""
    return [
        (Words(one["zh"], one["en"]), Words(one["value"], one.get("value_en", one["value"])))
        for one in kept or ()
    ]


def marks(row: Mapping[str, Any]) -> list[str]:
    """Codes of what a task's row is marked with; in whose stead it is worked, only its reader can say."""
    found = [
        ("returned", row["is_returned"]),
        ("claimed", row["claimed_by_id"]),
        ("seated", row["seats"] != "one"),
    ]
    return [code for code, is_on in (*found, ("suspended", row["state"] == "suspended")) if is_on]


def _told(row: Mapping[str, Any]) -> Words:
    found = [FLAGS[code] for code in marks(row)]
    return Words("、".join(one.zh for one in found), ", ".join(one.en for one in found))


def _summed(row: Mapping[str, Any]) -> Words:
    pairs = summary(row["summary"])
    zh, en = (
        ("；".join(f"{label.said(at)}：{value.said(at)}" for label, value in pairs)) for at in ("zh", "en")
    )
    return Words(zh, en)


def column(key: str, zh: str, en: str, **more: Any) -> lists.Column:
    """A column by its key and its name in both languages."""
    return lists.Column(key, Words(zh, en), **more)


NUMBER = column("number", "编号", "Number", card="line")
TITLE = column("title", "标题", "Title", card="title", fixed=True)
STARTER = column("starter", "申请人", "Applicant", card="named")
UNIT = column("unit", "单位", "Organisation")
REGION = column("region", "区县", "Region")
STEP = column("step", "环节", "Step", value=lambda row: words(row, "name"))
PROCESS = column(
    "process_name", "事项", "Matter", value=lambda row: words(row, "process"), hidden_at_first=True
)
PROCESS_SHOWN = column("process_name", "事项", "Matter", value=lambda row: words(row, "process"))
OPENED = column("opened_at", "到达", "Arrived", kind="moment", sort=Task.opened_at)
DUE = column(
    "due", "时限", "Due", kind="moment", card="mark", sort=lists.latest(Task.due_at),
    value=lambda row: lists.Due(row["due_at"], bool(row["overdue"]), row["paused_at"] is not None),
)  # fmt: skip
MARKS = column("marks", "状态", "State", value=_told)
SUMMARY = column("summary", "摘要", "Summary", value=_summed, hidden_at_first=True)
STAGE = column("stage", "状态", "State", card="mark", value=lambda row: lists.Chip(stage(row), tone(row)))
CLOSED = column("closed_at", "办理时间", "Decided", kind="moment", sort=Task.closed_at)
STARTED = column("started_at", "发起时间", "Started", kind="moment", sort=Instance.started_at)
ENDED = column("ended_at", "办结时间", "Completed", kind="moment")
COPIED = column("copied_at", "抄送时间", "Copied", kind="moment", sort=Copy.at)
COPIED_BY = column("copied_by", "抄送人", "Copied by", card="named")
SAVED = column("saved_at", "保存时间", "Saved", kind="moment", sort=Draft.saved_at)
