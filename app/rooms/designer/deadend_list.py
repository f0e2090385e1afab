"""Steps that nobody can do somewhere, as the nightly look has found them, within one's reach."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from app.platform.design import nightly
from app.platform.design.dead_end import DeadEnd
from app.platform.design.reaching import REASONS
from app.platform.identity import roles
from app.platform.identity.entities import Region, Unit
from app.platform.identity.places import below
from app.platform.lists import Chip, Column, Filter, List, Rows, Verb, contains
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Process

SEEING = (roles.DESIGN, roles.MANAGE, roles.PEOPLE, roles.POSTS)
"""Any of these opens the page, as far as the post with it reaches."""
PEOPLE, DRAFT = "/admin/lists/people", "/designer/processes/{}/draft"
UnitRegion = aliased(Region)


def reach_of(acting: Acting) -> tuple[str, ...]:
    """The places within which somebody sees dead ends; whoever draws sees them everywhere."""
    return tuple(sorted({place for code in SEEING for place in roles.reach_of(acting, code)}))


def _rows(session: Session, acting: Acting, now: datetime) -> Rows:
    return (
        select(
            DeadEnd.id,
            DeadEnd.process,
            DeadEnd.name_zh,
            DeadEnd.name_en,
            DeadEnd.role,
            DeadEnd.place,
            DeadEnd.reason,
            DeadEnd.since,
            DeadEnd.closed_at,
            func.coalesce(Process.name_zh, DeadEnd.process).label("process_zh"),
            func.coalesce(Process.name_en, DeadEnd.process).label("process_en"),
            func.coalesce(Unit.name, Region.name, "").label("named"),
            func.coalesce(UnitRegion.full_name, Region.full_name, "").label("full"),
        )
        .select_from(DeadEnd)
        .outerjoin(Process, Process.key == DeadEnd.process)
        .outerjoin(Unit, Unit.path == DeadEnd.place)
        .outerjoin(Region, Region.path == DeadEnd.place)
        .outerjoin(UnitRegion, UnitRegion.code == Unit.region_code)
        .where(nightly.visible(reach_of(acting)))
    )


def where(row: Mapping[str, Any]) -> Words:
    """Where a step is asked, by its full name."""
    if not row["place"]:
        return Words("全部地区", "Everywhere")
    if row["named"] and row["full"] and row["named"] not in row["full"]:
        return Words(f"{row['named']} · {row['full']}", f"{row['named']} · {row['full']}")
    named = row["full"] or row["place"]
    return Words(named, named)


def why(row: Mapping[str, Any]) -> Words:
    """Why nobody can do it."""
    role, (zh, en) = roles.title_of(row["role"]), REASONS[row["reason"]]
    return Words(f"“{role.zh}”{zh}", f"{role.en}: {en}")


def _state(row: Mapping[str, Any]) -> Chip:
    if row["closed_at"] is None:
        return Chip(Words("无人办理", "Nobody"), "bad")
    return Chip(Words("已有人办理", "Somebody again"), "good")


def _by_name(text: str, now: datetime) -> ColumnElement[bool]:
    return contains(text, DeadEnd.name_zh, DeadEnd.name_en, Region.full_name, Unit.name)


def _processes(session: Session, acting: Acting) -> list[tuple[str, Words]]:
    rows = session.execute(
        select(Process.key, Process.name_zh, Process.name_en).order_by(Process.system, Process.key).limit(200)
    )
    return [(row.key, Words(row.name_zh, row.name_en)) for row in rows]


def _verbs(row: Mapping[str, Any], acting: Acting) -> list[Verb]:
    held, found = roles.counting(acting), []
    if roles.may(held, roles.POSTS, row["place"]) and row["closed_at"] is None:
        found.append(Verb(Words("选人授予岗位", "Choose somebody"), PEOPLE))
    if roles.may(held, roles.DESIGN):
        found.append(Verb(Words("打开流程", "Open the process"), DRAFT.format(row["process"]), posts=True))
    return found


DEAD_ENDS = List(
    key="deadends",
    title=Words("环节无人办理", "Steps nobody can do"),
    columns=(
        Column(
            "step",
            Words("环节", "Step"),
            value=lambda row: Words(row["name_zh"], row["name_en"]),
            card="title",
            fixed=True,
        ),
        Column(
            "process", Words("流程", "Process"), value=lambda row: Words(row["process_zh"], row["process_en"])
        ),
        Column("where", Words("地区或单位", "Where"), value=where, fixed=True, sort=DeadEnd.place),
        Column("why", Words("原因", "Why"), value=why),
        Column("since", Words("发现于", "Found"), kind="moment", sort=DeadEnd.since, card="named"),
        Column("closed_at", Words("解决于", "Over since"), kind="moment", card="named", hidden_at_first=True),
        Column("state", Words("状态", "State"), value=_state, card="mark"),
    ),
    query=_rows,
    order=(DeadEnd.process, DeadEnd.element, DeadEnd.place, DeadEnd.since, DeadEnd.id),
    filters=(
        Filter("q", Words("环节或地区", "Step or region"), "text", _by_name),
        Filter(
            "region",
            Words("地区", "Region"),
            "tree",
            lambda path, now: below(DeadEnd.place, path),
            all=Words("全部地区", "All regions"),
        ),
        Filter(
            "process", Words("流程", "Process"), "choice", lambda key, now: DeadEnd.process == key, _processes
        ),
        Filter(
            "state",
            Words("状态", "State"),
            "choice",
            lambda code, now: (
                DeadEnd.closed_at.is_(None) if code == "open" else DeadEnd.closed_at.is_not(None)
            ),
            lambda session, acting: [
                ("open", Words("无人办理", "Nobody")),
                ("closed", Words("已有人办理", "Somebody again")),
            ],
            default="open",
        ),
    ),
    row="id",
    verbs=_verbs,
    empty=Words(
        "没有已发现的环节；每晚核对，也可以现在点“重新核对”。",
        "No such step is known. All are looked over every night, or now with “Look again”.",
    ),
)
