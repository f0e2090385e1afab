"""Unattended tasks as lists show them: one question with all that says why, where and since when, and its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.platform.identity import roles
from app.platform.identity.entities import Person, Region, Unit
from app.platform.registry import Words
from app.platform.runtime import unattended
from app.platform.runtime.entities import Instance, Process, Task

UnitRegion = aliased(Region)
EVERYWHERE: Final = Words("全部地区", "Everywhere")


def asked(now: datetime) -> Any:
    """Ask for the tasks that nobody can answer at `now`; the caller says within which reach."""
    return (
        told(now)
        .add_columns(
            *(Instance.title, Instance.number, Instance.place),
            Process.name_zh.label("process_zh"),
            Process.name_en.label("process_en"),
        )
        .join(Process, Process.key == Task.process)
        .where(unattended.unattended(now))
    )


def told(now: datetime) -> Any:
    """What is told of tasks that are known to be unattended, joined with their instances."""
    return (
        select(
            *(Task.id, Task.instance_id, Task.element, Task.name_zh, Task.name_en),
            *(Task.role, Task.subject, Task.opened_at, Task.due_at),
            unattended.ASKED_AT.label("asked_at"),
            func.coalesce(Unit.name, Region.full_name, "").label("where"),
            UnitRegion.full_name.label("region"),
            Person.name.label("assignee"),
            unattended.why(now).label("why"),
            unattended.lost_at(now).label("lost_at"),
            unattended.shut_at().label("shut_at"),
            unattended.reported_at().label("reported_at"),
        )
        .select_from(Task)
        .join(Instance, Instance.id == Task.instance_id)
        .outerjoin(Person, Person.id == Task.assignee_id)
        .outerjoin(Unit, Unit.path == unattended.ASKED_AT)
        .outerjoin(Region, Region.path == unattended.ASKED_AT)
        .outerjoin(UnitRegion, UnitRegion.code == Unit.region_code)
    )


def where(row: Mapping[str, Any]) -> Words:
    """Where a task of `asked` is asked, in words."""
    if not row["asked_at"]:
        return EVERYWHERE
    named = " · ".join(part for part in (row["where"], row["region"]) if part)
    return Words(named, named)


def sentence(row: Mapping[str, Any]) -> Words:
    """Why nobody can answer a task of `asked`."""
    role, place = roles.title_of(row["role"] or ""), where(row)
    zh, en = unattended.WHY[row["why"]]
    name = row["assignee"] or ""
    return Words(
        zh.format(role=f"“{role.zh}”", place=place.zh, name=name),
        en.format(role=role.en, place=place.en, name=name),
    )
