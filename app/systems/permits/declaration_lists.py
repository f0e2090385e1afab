"""Lists of declarations: all of a city, a teacher's own, a pupil's (PG-P11, PG-P12); columns shared with the tabs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, false, or_, select
from sqlalchemy.orm import Session

from app.platform.identity.entities import Person, Region
from app.platform.lists import Chip, Column, Filter, Link, List, Rows, within
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Instance
from app.systems.permits import rules
from app.systems.permits.entities import Declaration, Member, Project, Summary
from app.systems.permits.filters import BY_NUMBER_OR_TEAM, by_district, by_kind, by_project
from app.systems.permits.roles import CITY_ADMIN

YES, NO = Words("是", "Yes"), Words("否", "No")
REVIEWED = {
    rules.PENDING_WORDS: Chip(Words(rules.PENDING_WORDS, "Not reviewed"), "waiting"),
    rules.PASSED_WORDS: Chip(Words(rules.PASSED_WORDS, "Passed"), "good"),
    rules.FAILED_WORDS: Chip(Words(rules.FAILED_WORDS, "Failed"), "bad"),
}
TONES = {"已退回": "bad", "待区县审查": "waiting", "待市级审查": "waiting", "市级审核通过": "good"}
TONES |= {"市级审核不通过": "bad", "区县审查不通过": "bad"}
CITY_STATES = {
    "waiting": (Words("待市级审查", "Awaiting city review"), frozenset({"待市级审查"})),
    "city_passed": (Words("市级审核通过", "Passed in the city"), rules.CITY_PASSED),
    "city_failed": (Words("市级审核不通过", "Failed in the city"), rules.CITY_FAILED),
    "submitted": (Words("已提交", "Submitted"), rules.IN_DISTRICT_REVIEW | rules.DISTRICT_REVIEWED),
    "pending": (Words("待区县审查", "Awaiting district review"), rules.IN_DISTRICT_REVIEW),
    "passed": (Words("区县审核通过", "Passed in the district"), rules.DISTRICT_PASSED),
    "failed": (Words("区县审核不通过", "Failed in the district"), rules.DISTRICT_FAILED),
}


def district_chip(row: Mapping[str, Any]) -> Chip:
    """区县审查 of a row."""
    return REVIEWED[rules.district_words(row["stage_zh"])]


def city_chip(row: Mapping[str, Any]) -> Chip:
    """市级审查 of a row (P-24, P-25)."""
    return REVIEWED[rules.city_words(row["stage_zh"])]


def submitted(row: Mapping[str, Any]) -> Words:
    """提交参赛, 正式提交 of a row: 是 or 否."""
    return YES if rules.is_submitted(row["stage_zh"]) else NO


def _stage(row: Mapping[str, Any]) -> Chip:
    words = Words(row["stage_zh"] or "", row["stage_en"] or "")
    return Chip(words, TONES.get(words.zh, "plain"))  # type: ignore[arg-type]


def shown(row: Mapping[str, Any]) -> Link | None:
    """A declaration is shown to reviewers once it was submitted: a draft is the team's alone."""
    return Link("instance", row["instance_id"]) if row["submitted_at"] else None


CATEGORY = Column("category", Words("项目类型", "Category"), card="named")
UNNAMED = Words("（未填写）", "(not filled in)")
TEAM = Column(
    "team_name",
    Words("代表队名称", "Team"),
    value=lambda row: row["team_name"] or UNNAMED,
    card="title",
    fixed=True,
)


def declarations(*more: Any) -> Rows:
    """Declarations with district and stage, and the columns `more`; whoever asks joins what those need and narrows."""
    return (
        select(
            Declaration.id,
            Declaration.instance_id,
            Declaration.team_name,
            Declaration.number,
            Declaration.category,
            Declaration.group.label("group_name"),
            Declaration.submitted_at,
            Region.name.label("district"),
            Instance.stage_zh,
            Instance.stage_en,
            *more,
        )
        .join(Instance, Instance.id == Declaration.instance_id)
        .join(Region, Region.code == Declaration.district)
    )


def _in_city(session: Session, acting: Acting, now: datetime) -> Rows:
    """Declarations of all districts of the acting city, each with the state of its district's newest summary."""
    stage = (
        select(Instance.stage_zh)
        .join(Summary, Summary.instance_id == Instance.id)
        .where(Summary.project_id == Declaration.project_id, Summary.district == Declaration.district)
        .order_by(Summary.id.desc())
        .limit(1)
        .correlate(Declaration)
        .scalar_subquery()
    )
    return (
        declarations(Project.title.label("project"), stage.label("summary"))
        .join(Project, Project.id == Declaration.project_id)
        .where(
            or_(false(), *(within(Declaration.place, p.place) for p in acting.holds(CITY_ADMIN) if p.place))
        )
    )


CITY_REVIEW = List(
    key="declarations",
    title=Words("市级审查", "City review"),
    columns=(
        TEAM,
        Column("number", Words("编号", "Number"), sort=Declaration.number),
        Column("project", Words("项目", "Project"), hidden_at_first=True),
        Column("district", Words("区县", "District"), sort=Declaration.district),
        CATEGORY,
        Column("group_name", Words("组别", "Group")),
        Column("submitted", Words("正式提交", "Submitted"), value=submitted, card="none"),
        Column("district_review", Words("区县审查", "District review"), value=district_chip, card="named"),
        Column("city", Words("市级审查", "City review"), value=city_chip, card="mark"),
        Column(
            "summary",
            Words("汇总表", "Summary"),
            value=lambda row: row["summary"] or Words("未生成", "None yet"),
            card="named",
        ),
    ),
    query=_in_city,
    order=(Declaration.number, Declaration.id),
    filters=(
        BY_NUMBER_OR_TEAM,
        by_project(Declaration.project_id),
        by_district(Declaration.place),
        *by_kind(Declaration),
        Filter(
            "state",
            Words("状态", "State"),
            "choice",
            lambda code, now: Instance.stage_zh.in_(sorted(CITY_STATES[code][1])),
            lambda session, acting: [(code, words) for code, (words, _) in CITY_STATES.items()],
            all=Words("全部状态", "All"),
            default="waiting",
        ),
    ),
    permission="p.declaration.review",
    instance="instance_id",
    row="id",
    together=Words("批量审查", "Review together"),
    work=Words("审查", "Review"),
    link=shown,
    empty=Words("没有这样的申报项目。", "No such declarations."),
)


def _deadline(row: Mapping[str, Any]) -> datetime | None:
    """Until when a team may submit: the project's deadline, or the day its reviewer gave (P-30)."""
    if row["stage_zh"] in rules.DISTRICT_FAILED and row["resubmit_by"]:
        return rules.end_of(row["resubmit_by"])
    return row["declare_to"]  # type: ignore[no-any-return]


MINE = List(
    key="own_declarations",
    title=Words("我的申报", "My declarations"),
    columns=(
        Column("number", Words("项目编号", "Number"), card="title", fixed=True),
        Column("team_name", Words("代表队名称", "Team")),
        Column("project", Words("项目", "Project"), card="named"),
        Column("district", Words("区县", "District")),
        CATEGORY,
        Column("group_name", Words("组别", "Group")),
        Column("declare_to", Words("提交截止", "Submit by"), kind="moment", value=_deadline, card="named"),
        Column("stage", Words("状态", "State"), value=_stage, card="mark"),
    ),
    query=lambda session, acting, now: (
        declarations(Project.title.label("project"), Project.declare_to, Declaration.resubmit_by)
        .join(Project, Project.id == Declaration.project_id)
        .where(Declaration.teacher_id == acting.person)
    ),
    order=(Declaration.id.desc(),),
    permission="p.declaration.fill",
    instance="instance_id",
    row="id",
    link=lambda row: Link("instance", row["instance_id"]),
    empty=Words("还没有申报。请点击【填写授权码】开始。", "Nothing declared yet. Begin with a code."),
)


def _taking_part(session: Session, acting: Acting, now: datetime) -> Rows:
    """Declarations that name the reader, by the keyed hash of the own identity number and by the name."""
    return (
        declarations(Project.title.label("project"))
        .join(Project, Project.id == Declaration.project_id)
        .join(Member, Member.declaration_id == Declaration.id)
        .join(Person, and_(Person.id_number_hash == Member.id_number_hash, Person.name == Member.name))
        .where(Person.id == acting.person)
    )


PARTICIPATIONS = List(
    key="participations",
    title=Words("我的参赛", "My entries"),
    columns=(
        Column("number", Words("项目编号", "Number"), card="title", fixed=True),
        Column("team_name", Words("代表队名称", "Team")),
        Column("project", Words("项目", "Project"), card="named"),
        CATEGORY,
        Column("group_name", Words("组别", "Group")),
        Column("submitted", Words("提交参赛", "Submitted"), value=submitted, card="named"),
        Column("district_review", Words("区县审查", "District review"), value=district_chip, card="named"),
        Column("city", Words("市级审查", "City review"), value=city_chip, card="mark"),
    ),
    query=_taking_part,
    order=(Declaration.id.desc(),),
    permission="p.participation.view",
    empty=Words("还没有您的参赛信息，由带队教师填报。", "No entry names you yet; your teacher files it."),
)

LISTS = (CITY_REVIEW, MINE, PARTICIPATIONS)
