"""The list of congresses of the own convening unit (PG-D13)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.lists import Chip, Column, Filter, Link, List, Rows, contains
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Instance
from app.systems.delegates import congresses, stages
from app.systems.delegates.entities import Congress, Invitation

TONES = {congresses.DRAFT: "waiting", congresses.PUBLISHED: "good", congresses.ENDED: "plain"}
STAGES = (
    (congresses.DRAFT, Words("草稿", "Draft")),
    (congresses.PUBLISHED, Words("已发布", "Published")),
    (congresses.ENDED, Words("已结束", "Ended")),
)


def _query(session: Session, acting: Acting, now: datetime) -> Rows:
    invited = select(func.count()).where(Invitation.congress_id == Congress.id).scalar_subquery()
    return (
        select(
            Congress.id,
            Congress.name,
            Congress.term,
            Congress.begins_on,
            Congress.ends_on,
            Congress.report_by,
            Instance.stage_zh,
            Instance.stage_en,
            invited.label("invited"),
        )
        .join(Instance, Instance.id == Congress.instance_id)
        .where(congresses.covered(acting))
    )


def _stage(row: Mapping[str, Any]) -> Chip:
    words = Words(row["stage_zh"] or "", row["stage_en"] or "")
    return Chip(words, TONES.get(words.zh, "plain"))  # type: ignore[arg-type]


CONGRESSES = List(
    key="congresses",
    title=Words("大会信息及受邀单位配置", "Congresses and invited units"),
    search=stages.SEARCH,
    columns=(
        Column("name", Words("大会名称", "Congress"), card="title", fixed=True),
        Column("term", Words("届次", "Term"), card="named"),
        Column(
            "begins_on", Words("开始时间", "First day"), kind="day", card="named", sort=Congress.begins_on
        ),
        Column("ends_on", Words("结束时间", "Last day"), kind="day", card="named"),
        Column(
            "report_by",
            Words("上报截止时间", "Reports close"),
            kind="moment",
            card="named",
            sort=Congress.report_by,
        ),
        Column("invited", Words("受邀单位", "Units"), kind="number", card="named"),
        Column("stage", Words("状态", "State"), value=_stage, card="mark"),
    ),
    query=_query,
    order=(Congress.made_at.desc(), Congress.id.desc()),
    filters=(
        Filter(
            "q", Words("名称或届次", "Name or term"), "text",
            lambda text, now: contains(text, Congress.name, Congress.term),
        ),
        Filter(
            "stage", Words("状态", "State"), "choice",
            lambda code, now: Instance.stage_zh == code,
            lambda session, acting: STAGES,
        ),
    ),
    permission="d.congress.edit",
    row="id",
    link=lambda row: Link("page", f"/delegates/congresses/{row['id']}"),
    empty=Words("还没有大会。", "No congress yet."),
)  # fmt: skip

LISTS = (CONGRESSES,)
