"""What lists may be narrowed by: process, text, region, deadline, state; the same words everywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, or_, select

from app.platform import lists
from app.platform.identity import people, regions
from app.platform.identity.messages import Refusal
from app.platform.identity.places import below
from app.platform.runtime.entities import Instance, Task
from app.rooms.api.problems import bad_field
from app.rooms.api.reading import Asked
from app.rooms.api.schemas import KEY, Schema, said
from app.rooms.web.acting import now, session

LOCAL = ZoneInfo("Asia/Shanghai")
DAY = re.compile(r"(19|20|21)\d\d-\d\d-\d\d", re.ASCII)
STATES = ("running", "ended", "cancelled", "suspended")
ARGUMENTS: Mapping[str, Schema] = {
    "process": said(KEY, "流程标识", "key of a process"),
    "q": said(
        {"type": "string", "maxLength": 100},
        "标题、编号或姓名的一部分，或申请人证件号的后四位",
        "part of a title, a number or a name, or the last four of the applicant's ID number",
    ),
    "region": said(
        {"type": "string", "maxLength": 12},
        "GB/T 2260 代码，含下级地区",
        "GB/T 2260 code; what lies below counts too",
    ),
}


def tasks(rows: Select[Any], asked: Asked, starter: Any) -> Select[Any]:
    """Tasks by process, step, text, region of the task and deadline."""
    query = asked.query
    if "process" in query:
        rows = rows.where(Task.process == query["process"])
    if query.get("q"):
        rows = rows.where(_text(query["q"], starter))
    if "element" in query:
        rows = rows.where(Task.element == query["element"])
    if "region" in query:
        rows = rows.where(below(Task.place, _path(query["region"])))
    if "due" in query:
        rows = rows.where(_due(query["due"]))
    return rows


def instances(rows: Select[Any], asked: Asked) -> Select[Any]:
    """Instances by process, state, text, region of their start, and where they stand."""
    query = asked.query
    if "due" in query:
        rows = rows.where(_open_task(_due(query["due"])))
    if "process" in query:
        rows = rows.where(Instance.process == query["process"])
    if "state" in query:
        rows = rows.where(Instance.state == query["state"])
    if query.get("q"):
        rows = rows.where(lists.contains(query["q"], Instance.title, Instance.number))
    if "region" in query:
        rows = rows.where(below(Instance.place, _path(query["region"])))
    if "element" in query:
        rows = rows.where(_open_task(Task.element == query["element"]))
    return rows


def _text(text: str, starter: Any) -> Any:
    found = lists.contains(text, Instance.title, Instance.number, starter.name)
    return or_(found, people.ends_in(text, starter.id_number_last_hash))


def _open_task(condition: Any) -> Any:
    return select(Task.id).where(Task.instance_id == Instance.id, Task.state == "open", condition).exists()


def _path(code: str) -> str:
    try:
        return regions.path_of(session(), code)
    except Refusal as refusal:
        raise bad_field(
            "region", "unknown_region", f"没有地区{code}", f"there is no region {code}"
        ) from refusal


def _due(text: str) -> Any:
    """Deadlines that have passed, or that fall before the end of a day of Shanghai; none that stands still."""
    if text == "overdue":
        return and_(Task.due_at < now(), Task.paused_at.is_(None))
    today = now().astimezone(LOCAL).date()
    days = {"today": today, "week": today + timedelta(days=6)}
    try:
        day = days[text] if text in days else _day(text)
        end = datetime.combine(day + timedelta(days=1), time(), LOCAL)
    except (ValueError, OverflowError) as error:
        raise bad_field(
            "due", "due", "due 应为 overdue、today、week 或日期", "due is overdue, today, week, or a day"
        ) from error
    return and_(Task.due_at < end, Task.paused_at.is_(None))


def _day(text: str) -> date:
    if not DAY.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)
