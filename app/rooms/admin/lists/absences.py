"""Absences (休假代理) as a list: who is away, who stands in, from when to when and for what, within one's reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.platform.identity import authority, roles
from app.platform.identity.entities import Person, Region, Unit
from app.platform.lists import Chip, Column, Filter, Link, List, Rows, Verb, contains, during
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Process, Substitute
from app.rooms.admin import sections

StandIn, Giver = aliased(Person), aliased(Person)
STATES = {
    "now": Words("代理中", "Running"),
    "coming": Words("尚未开始", "To come"),
    "over": Words("已结束", "Over"),
}
TONES = {"now": "info", "coming": "waiting", "over": "plain"}
ALL_PROCESSES = Words("全部流程", "All processes")
HIMSELF = Words("本人", "Himself")


def _absences(session: Session, acting: Acting, now: datetime) -> Rows:
    ended = or_(Substitute.ended_at.is_not(None), Substitute.until_at <= now)
    return (
        select(
            Substitute.id,
            Substitute.person_id,
            Substitute.from_at,
            Substitute.until_at,
            Substitute.ended_at,
            Substitute.processes,
            Substitute.appointed_by_id,
            ended.label("is_over"),
            and_(~ended, Substitute.from_at > now).label("is_coming"),
            Person.name,
            func.coalesce(Unit.name, Region.full_name, "").label("place"),
            StandIn.name.label("stand_in"),
            Giver.name.label("giver"),
        )
        .join(Person, Person.id == Substitute.person_id)
        .join(StandIn, StandIn.id == Substitute.substitute_id)
        .outerjoin(Giver, Giver.id == Substitute.appointed_by_id)
        .outerjoin(Unit, Unit.path == Person.place)
        .outerjoin(Region, Region.path == Person.place)
        .where(authority.seen_of_many(roles.reach_of(acting, roles.PEOPLE), now))
    )


def _with_names(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows with the names of the processes they are for. One statement."""
    keys = {key for row in rows for key in row["processes"] or ()}
    found = session.execute(
        select(Process.key, Process.name_zh, Process.name_en).where(Process.key.in_(sorted(keys)))
    )
    names = {row.key: Words(row.name_zh, row.name_en) for row in found} if keys else {}
    return [
        {**row, "for": [names.get(key, Words(key, key)) for key in row["processes"] or ()]} for row in rows
    ]


def _in_state(code: str, now: datetime) -> ColumnElement[bool]:
    is_open = and_(Substitute.ended_at.is_(None), Substitute.until_at > now)
    return {
        "now": and_(is_open, Substitute.from_at <= now),
        "coming": and_(is_open, Substitute.from_at > now),
        "over": ~is_open,
    }.get(code, false())


def _state_of(row: Mapping[str, Any]) -> str:
    return "over" if row["is_over"] else "coming" if row["is_coming"] else "now"


def _state(row: Mapping[str, Any]) -> Chip:
    key = _state_of(row)
    return Chip(STATES[key], TONES[key])  # type: ignore[arg-type]


def _last(row: Mapping[str, Any]) -> datetime:
    last: datetime = row["ended_at"] or row["until_at"] - timedelta(seconds=1)
    return last


def _for(row: Mapping[str, Any]) -> Words:
    if not row["processes"]:
        return ALL_PROCESSES
    named = row["for"]
    return Words("、".join(one.zh for one in named), ", ".join(one.en for one in named))


def _giver(row: Mapping[str, Any]) -> Words | str:
    return HIMSELF if row["appointed_by_id"] == row["person_id"] else row["giver"] or ""


def _verbs(row: Mapping[str, Any], acting: Acting) -> list[Verb]:
    state = _state_of(row)
    if state == "over":
        return []
    words = Words("提前结束", "End now") if state == "now" else Words("取消", "Cancel")
    asked = Words("本人和代理人会收到通知。", "The person and the stand-in are told.")
    return [Verb(words, f"/admin/absences/{row['id']}/end", posts=True, tone="danger", confirm=asked)]


ABSENCES = List(
    key="absences",
    title=Words("休假代理", "Absences"),
    columns=(
        Column("name", Words("休假人员", "Away"), card="title", fixed=True, sort=Person.name),
        Column("place", Words("单位或地区", "Unit or region"), hidden_at_first=True),
        Column("stand_in", Words("代理人", "Stand-in"), card="named", fixed=True),
        Column("from_at", Words("开始", "From"), kind="day", sort=Substitute.from_at, card="named"),
        Column("until_at", Words("结束", "Until"), value=_last, kind="day", card="named"),
        Column("processes", Words("代理范围", "For"), value=_for),
        Column("state", Words("状态", "State"), value=_state, card="mark"),
        Column("giver", Words("登记人", "Entered by"), value=_giver, card="named"),
    ),
    query=_absences,
    order=(Substitute.id.desc(),),
    filters=(
        Filter(
            "who",
            Words("休假人员或代理人", "Away or stand-in"),
            "text",
            lambda text, now: or_(contains(text, Person.name), contains(text, StandIn.name)),
        ),
        Filter(
            "state",
            Words("状态", "State"),
            "choice",
            _in_state,
            lambda session, acting: list(STATES.items()),
        ),
        Filter("from", Words("开始", "From"), "period", lambda days, now: during(Substitute.from_at, days)),
    ),
    permission=roles.PEOPLE,
    row="id",
    more=_with_names,
    link=lambda row: Link("page", f"/admin/people/{row['person_id']}"),
    verbs=_verbs,
    tabs=sections.tabs_of("people"),
    empty=Words("您管辖的范围内没有人请假。", "Nobody in your area is away."),
)
LISTS = (ABSENCES,)

sections.enter(
    sections.Section(
        "absences",
        Words("休假代理", "Absences"),
        Words("谁休假、由谁代理，登记和提前结束", "Who is away, and who stands in"),
        "list:absences",
        frozenset({roles.PEOPLE}),
        "people",
        40,
    ),
    sections.Section(
        "absence_new",
        Words("登记休假", "Enter an absence"),
        Words("为管辖范围内的人员指定代理人", "Let somebody stand in for a person of your area"),
        "admin.new_absence",
        frozenset({roles.PEOPLE}),
        "people",
        41,
    ),
)
