"""What the monitor's lists have in common: whose rows, what each tells of its instance, and what they are asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.platform.identity import roles
from app.platform.identity.entities import Person, Region, Unit
from app.platform.identity.places import begins
from app.platform.lists import Column, Filter, Link, contains
from app.platform.monitoring import wording
from app.platform.registry import Acting, Words
from app.platform.runtime import pointing
from app.platform.runtime.entities import Instance, Process, Task, Version

ROOM = "monitor"
Condition = ColumnElement[bool]
Holder, Claimer, UnitRegion, Named = aliased(Person), aliased(Person), aliased(Region), aliased(Instance)
APART = 40
"""Places of a reach that are walked each by itself; of more than these the rows are sorted."""
TITLES = {
    "instances": Words("全部实例", "Instances"),
    "overdue": Words("超期任务", "Overdue"),
    "incidents": Words("异常", "Incidents"),
}
IN_BULK = Words("批量处理", "In bulk")
ALL_REGIONS = Words("全部地区", "All regions")
OPEN = Words("查看", "Open")


def reach_of(acting: Acting) -> tuple[str, ...]:
    """The places within which somebody watches."""
    return roles.reach_of(acting, roles.MANAGE)


def tabs(_acting: Acting) -> list[tuple[Words, str]]:
    """The pages the lists stand among."""
    return [
        (Words("概览", "Overview"), "/monitor/"),
        *((title, f"/monitor/lists/{key}") for key, title in TITLES.items()),
        (Words("停滞事项", "Standing still"), "/monitor/stalls"),
        (IN_BULK, "/monitor/bulk/runs"),
    ]


def places_of(acting: Acting, column: Any) -> tuple[Condition, ...]:
    """The SQL of lying within a reader's reach, each condition a range of one index."""
    each = tuple(begins(column, place) for place in sorted(reach_of(acting)))
    return each if len(each) <= APART else (or_(*each),)


def where(row: Mapping[str, Any]) -> Words:
    """The place of a row's instance."""
    name = row["region"] or (wording.EVERYWHERE.zh if not row["place"] else row["place"])
    return Words(name, name) if row["place"] else wording.EVERYWHERE


def process(row: Mapping[str, Any]) -> Words:
    """The process of a row's instance."""
    return Words(row["process_zh"], row["process_en"])


def link(row: Mapping[str, Any]) -> Link:
    """The page of a row's instance."""
    return Link("page", f"/monitor/instances/{row['instance_id']}", OPEN)


def processes(session: Session, _acting: Acting) -> list[tuple[str, Words]]:
    """The processes there are, to choose from."""
    rows = session.execute(
        select(Process.key, Process.name_zh, Process.name_en).order_by(Process.system, Process.key).limit(200)
    )
    return [(row.key, Words(row.name_zh, row.name_en)) for row in rows]


def _named(text: str, _now: datetime) -> Condition:
    return contains(text, Instance.title, Instance.number)


def _of_named(text: str, _now: datetime) -> Condition:
    """The same of a task's instance, asked by itself for each task that is looked at."""
    said = contains(text, Named.title, Named.number)
    return select(Named.id).where(Named.id == Task.instance_id, said).exists()


def _numbered(session: Session, text: str) -> Condition | None:
    found = pointing.numbered(session, text)
    return Instance.id.in_(found) if found else None


def _task_numbered(session: Session, text: str) -> Condition | None:
    found = pointing.numbered(session, text)
    return Task.instance_id.in_(found) if found else None


OF_INSTANCE: tuple[Any, ...] = (
    Instance.id.label("instance_id"),
    Instance.title,
    Instance.number,
    Instance.place,
    Instance.state,
    Instance.stage_zh,
    Instance.stage_en,
    Instance.started_at,
    Process.name_zh.label("process_zh"),
    Process.name_en.label("process_en"),
    Person.name.label("starter"),
    Unit.name.label("unit"),
    func.coalesce(UnitRegion.full_name, Region.full_name).label("region"),
    Version.number.label("version"),
)


def joined(asked: Any) -> Any:
    """What every row tells of its instance: process, version, who started it and where."""
    return (
        asked.join(Process, Process.key == Instance.process)
        .join(Version, Version.id == Instance.version_id)
        .outerjoin(Person, Person.id == Instance.starter_id)
        .outerjoin(Unit, Unit.path == Instance.place)
        .outerjoin(Region, Region.path == Instance.place)
        .outerjoin(UnitRegion, UnitRegion.code == Unit.region_code)
    )


REGION = Filter(
    "region",
    Words("地区", "Region"),
    "tree",
    lambda path, _now: begins(Instance.place, path),
    all=ALL_REGIONS,
)
PROCESS = Filter(
    "process", Words("流程", "Process"), "choice", lambda key, _now: Instance.process == key, processes
)
TASK_REGION = Filter(
    "region",
    Words("地区", "Region"),
    "tree",
    lambda path, _now: begins(Task.instance_place, path),
    all=ALL_REGIONS,
)
TASK_PROCESS = Filter(
    "process", Words("流程", "Process"), "choice", lambda key, _now: Task.process == key, processes
)
SEARCHED = Words("事项或编号", "Matter or number")
SEARCH = Filter("q", SEARCHED, "text", _named, points=_numbered, is_own=True)
TASK_SEARCH = Filter("q", SEARCHED, "text", _of_named, points=_task_numbered, is_own=True)
TITLE = Column("title", Words("事项", "Matter"), card="title", fixed=True)
NUMBER = Column("number", Words("编号", "Number"))
WHERE = Column("region", Words("地区", "Region"), value=where)
OF_PROCESS = Column("process", Words("流程", "Process"), value=process)
STARTER = Column("starter", Words("发起人", "Started by"), card="named", hidden_at_first=True)
UNIT = Column("unit", Words("单位", "Unit"), card="none", hidden_at_first=True)
VERSION = Column(
    "version",
    Words("版本", "Version"),
    value=lambda row: f"v{row['version']}",
    card="none",
    hidden_at_first=True,
)
