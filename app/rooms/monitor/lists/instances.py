"""The list of all instances, as many as there are: each state of each place is walked by its own index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, func, literal, literal_column, select
from sqlalchemy.orm import Session

from app.platform.data import Moment
from app.platform.identity import roles
from app.platform.identity.places import within
from app.platform.lists import Chip, Column, Due, Filter, List, Parts, Rows, during
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Instance, Task
from app.rooms.monitor.lists import rows
from app.rooms.monitor.lists.rows import Claimer, Holder

STATES: Final = {
    "running": Chip(Words("办理中", "Running"), "info"),
    "suspended": Chip(Words("已挂起", "Suspended"), "waiting"),
    "ended": Chip(Words("已办结", "Completed"), "plain"),
    "cancelled": Chip(Words("已终止", "Cancelled"), "plain"),
}


def _told(now: datetime) -> Any:
    at = literal(now, Moment).label("at")
    asked = select(Instance.id, Instance.ended_at, at, *rows.OF_INSTANCE).select_from(Instance)
    return rows.joined(asked)


def _instances(_session: Session, acting: Acting, now: datetime) -> Rows:
    found: Rows = _told(now).where(within(Instance.place, rows.reach_of(acting)))
    return found


def _parts(_session: Session, acting: Acting, now: datetime) -> Parts:
    here = rows.places_of(acting, Instance.place)
    each = (and_(Instance.state == literal_column(f"'{state}'"), place) for state in STATES for place in here)
    return Parts(Instance.id, tuple(each), _told(now))


def with_steps(session: Session, found: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows with what is open of each instance: steps, who holds them, since when and until when."""
    tasks = session.execute(
        select(
            *(Task.instance_id, Task.name_zh, Task.name_en, Task.opened_at, Task.due_at, Task.paused_at),
            *(Task.role, func.coalesce(Holder.name, Claimer.name).label("holder")),
        )
        .outerjoin(Holder, Holder.id == Task.assignee_id)
        .outerjoin(Claimer, Claimer.id == Task.claimed_by_id)
        .where(Task.instance_id.in_([row["id"] for row in found]), Task.state == "open")
        .order_by(Task.opened_at, Task.id)
    )
    open_tasks: dict[str, list[Any]] = {}
    for task in tasks:
        open_tasks.setdefault(task.instance_id, []).append(task)
    return [{**row, "tasks": open_tasks.get(row["id"], [])} for row in found]


def steps(row: Mapping[str, Any]) -> Words:
    """The steps an instance stands at; where nobody is asked, the stage in which it waits for something else."""
    tasks = row["tasks"]
    if not tasks and row["stage_zh"] and row["state"] in ("running", "suspended"):
        return Words(row["stage_zh"], row["stage_en"] or row["stage_zh"])
    return Words(
        "、".join(one.name_zh for one in tasks) or "—", ", ".join(one.name_en for one in tasks) or "—"
    )


def holders(row: Mapping[str, Any]) -> Words:
    """Who has them, or which role is asked."""
    said = [_holder(one) for one in row["tasks"]]
    return Words("、".join(one.zh for one in said) or "—", ", ".join(one.en for one in said) or "—")


def _holder(task: Any) -> Words:
    return Words(task.holder, task.holder) if task.holder else roles.title_of(task.role or "")


def _first(key: str) -> Any:
    return lambda row: row["tasks"][0]._mapping[key] if row["tasks"] else None


def due(row: Mapping[str, Any]) -> Due:
    """The first deadline of what is open."""
    dated = [one for one in row["tasks"] if one.due_at is not None]
    first = min(dated, key=lambda one: one.due_at, default=None)
    if first is None:
        return Due(None)
    return Due(first.due_at, overdue=first.due_at < row["at"], paused=first.paused_at is not None)


INSTANCES = List(
    key="instances",
    keeps_views=True,
    title=rows.TITLES["instances"],
    columns=(
        replace(rows.NUMBER, sort=Instance.number),
        rows.TITLE,
        rows.OF_PROCESS,
        rows.STARTER,
        rows.UNIT,
        rows.WHERE,
        Column("step", Words("当前环节", "Step"), value=steps),
        Column("holder", Words("当前办理", "With"), value=holders, card="named"),
        Column(
            "since", Words("到达时间", "In step since"), value=_first("opened_at"), kind="moment", card="none"
        ),
        Column("due", Words("时限", "Due"), value=due, card="named"),
        Column(
            "started_at", Words("发起时间", "Started"), kind="moment", sort=Instance.started_at, card="named"
        ),
        Column(
            "ended_at",
            Words("结束时间", "Ended"),
            kind="moment",
            card="none",
            hidden_at_first=True,
        ),
        Column("state", Words("状态", "State"), value=lambda row: STATES[row["state"]], card="mark"),
        rows.VERSION,
    ),
    query=_instances,
    parts=_parts,
    order=(Instance.started_at.desc(), Instance.id.desc()),
    filters=(
        rows.SEARCH,
        rows.PROCESS,
        rows.REGION,
        Filter(
            "state",
            Words("状态", "State"),
            "choice",
            lambda code, _now: Instance.state == code,
            lambda _session, _acting: [(key, chip.words) for key, chip in STATES.items()],
            default="running",
        ),
        Filter(
            "started",
            Words("发起日期", "Started"),
            "period",
            lambda period, _now: during(Instance.started_at, period),
        ),
        Filter(
            "ended",
            Words("结束日期", "Ended"),
            "period",
            lambda period, _now: during(Instance.ended_at, period),
        ),
    ),
    permission=roles.MANAGE,
    row="id",
    link=rows.link,
    size=20,
    tabs=rows.tabs,
    more=with_steps,
    exact=1_000,
    empty=Words("没有符合条件的实例。", "No instance is like that."),
)
