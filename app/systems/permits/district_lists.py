"""The three tabs of 活动管理: codes, the state of declarations, their review (PG-P6…PG-P8, P-22…P-29)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from app.platform.identity.entities import Region
from app.platform.lists import Column, Filter, List, Rows, Verb
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Instance
from app.systems.permits import rules
from app.systems.permits.city_lists import CODE, CODES
from app.systems.permits.declaration_lists import (
    CATEGORY,
    REVIEWED,
    TEAM,
    city_chip,
    declarations,
    district_chip,
    shown,
    submitted,
)
from app.systems.permits.entities import Authorisation, Declaration
from app.systems.permits.filters import BY_NUMBER_OR_TEAM, by_kind
from app.systems.permits.roles import DISTRICT_ADMIN

USED, UNUSED = Words("已使用", "Used"), Words("未使用", "Unused")
BY_STATE = {
    "pending": (rules.PENDING_WORDS, rules.DISTRICT_PENDING),
    "passed": (rules.PASSED_WORDS, rules.DISTRICT_PASSED),
    "failed": (rules.FAILED_WORDS, rules.DISTRICT_FAILED),
}


def _managed(acting: Acting, table: type[Authorisation] | type[Declaration]) -> ColumnElement[bool]:
    """What the districts and projects managed hold, and nothing of any other (P-20, P-38)."""
    return or_(
        false(),
        *(
            and_(table.place == post.place, table.project_id == post.subject)
            for post in acting.holds(DISTRICT_ADMIN)
        ),
    )


GRANTS = replace(
    CODES,
    key="grants",
    title=Words("申报授权查询", "Authorisations"),
    columns=tuple(
        replace(column, hidden_at_first=column.key == "school")
        for column in CODES.columns
        if column.key not in ("project", "issued_at")
    ),
    filters=by_kind(Authorisation),
    permission="p.project.manage",
    empty=Words("本区县还没有授权码。", "No codes for the district yet."),
)


def _status(session: Session, acting: Acting, now: datetime) -> Rows:
    """Codes of the districts managed with what became of them; what was revoked is in 申报授权查询 alone."""
    return (
        select(
            Authorisation.id,
            Authorisation.category,
            Authorisation.group.label("group_name"),
            Authorisation.code,
            Authorisation.used_at,
            Region.name.label("district"),
            Declaration.number,
            Declaration.instance_id,
            Declaration.submitted_at,
            Instance.stage_zh,
        )
        .join(Region, Region.code == Authorisation.district)
        .outerjoin(Declaration, Declaration.authorisation_id == Authorisation.id)
        .outerjoin(Instance, Instance.id == Declaration.instance_id)
        .where(Authorisation.revoked_at.is_(None), _managed(acting, Authorisation))
    )


STATUS = List(
    key="status",
    title=Words("申报状态查询", "State of declarations"),
    columns=(
        Column("district", Words("区县", "District")),
        CATEGORY,
        Column("group_name", Words("参赛组别", "Group")),
        CODE,
        Column("use", Words("是否使用", "Use"), value=lambda row: USED if row["used_at"] else UNUSED),
        Column("number", Words("项目编号", "Number"), card="named"),
        Column("submitted", Words("提交参赛", "Submitted"), value=submitted, card="named"),
        Column("city", Words("市级审查", "City review"), value=city_chip, card="mark"),
    ),
    query=_status,
    order=(Declaration.number.asc().nulls_last(), Authorisation.id),
    filters=by_kind(Authorisation),
    permission="p.project.manage",
    row="id",
    empty=Words("本区县还没有授权和申报。", "No codes and no declarations in the district yet."),
)


def _lead(values: Mapping[str, Any]) -> Words | None:
    words = BY_STATE[values["state"]][0] if values.get("state") in BY_STATE else None
    if words is None:
        return Words("您选择的是 全部状态 的项目", "You have chosen: all")
    return Words(f"您选择的是 {words} 的项目", f"You have chosen: {REVIEWED[words].words.en.lower()}")


def _review_verbs(row: Mapping[str, Any], acting: Acting) -> tuple[Verb, ...]:
    why = rules.why_not_reviewed(row["stage_zh"])
    return (Verb(Words("审查", "Review"), why_not=Words(*why)),) if why else ()


REVIEW = List(
    key="review",
    title=Words("申报材料审查", "Review of declarations"),
    columns=(
        TEAM,
        Column("number", Words("编号", "Number"), sort=Declaration.number),
        CATEGORY,
        Column("group_name", Words("组别", "Group")),
        Column("submitted", Words("正式提交", "Submitted"), value=submitted, card="named"),
        Column("district_review", Words("区县审查", "District review"), value=district_chip, card="mark"),
    ),
    query=lambda session, acting, now: declarations().where(_managed(acting, Declaration)),
    order=(Declaration.number, Declaration.id),
    filters=(
        BY_NUMBER_OR_TEAM,
        Filter(
            "state",
            Words("区县审查", "District review"),
            "choice",
            lambda code, now: Instance.stage_zh.in_(sorted(BY_STATE[code][1])),
            lambda session, acting: [(code, REVIEWED[words].words) for code, (words, _) in BY_STATE.items()],
            all=Words("全部状态", "All"),
            default="pending",
        ),
        *by_kind(Declaration),
    ),
    permission="p.project.manage",
    instance="instance_id",
    row="id",
    together=Words("批量审查", "Review together"),
    work=Words("审查", "Review"),
    link=shown,
    lead=_lead,
    verbs=_review_verbs,
    empty=Words("没有这样的申报项目。", "No such declarations."),
)


LISTS = (GRANTS, STATUS, REVIEW)
