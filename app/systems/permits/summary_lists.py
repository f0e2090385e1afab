"""The city's view of all its districts: what was issued, submitted and reviewed, and where each summary stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import and_, case, false, func, or_, select
from sqlalchemy.orm import Session

from app.platform import lists
from app.platform.identity.entities import Region
from app.platform.lists import Chip, Column, Filter, Link, Linked, List, Rows, within
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Instance
from app.systems.permits import rules
from app.systems.permits.entities import Authorisation, Declaration, Project, Summary, SummaryUpload
from app.systems.permits.filters import by_district, by_project
from app.systems.permits.roles import CITY_ADMIN
from app.systems.permits.summaries import is_current_upload

MOST_CELLS = 2_000  # of the matrix: projects × districts
NOT_BEGUN = Words("未开始", "Not begun")
STAGES = (
    ("审查中", Words("审查中", "Under review"), "info"),
    ("待打印", Words("待打印", "To be printed"), "waiting"),
    ("待上传", Words("待上传", "To be uploaded"), "waiting"),
    ("需重新上传", Words("需重新上传", "To be uploaded anew"), "bad"),
    ("已上传", Words("已上传", "Uploaded"), "info"),
    ("已确认", Words("已确认", "Confirmed"), "good"),
)
TONES = {zh: (words, tone) for zh, words, tone in STAGES}


def _sum(stages: frozenset[str]) -> Any:
    return func.sum(case((Instance.stage_zh.in_(sorted(stages)), 1), else_=0))


ISSUED = (
    select(
        Authorisation.project_id,
        Authorisation.district,
        Authorisation.place,
        func.count().label("issued"),
        func.count(Authorisation.used_at).label("used"),
    )
    .where(Authorisation.revoked_at.is_(None))
    .group_by(Authorisation.project_id, Authorisation.district, Authorisation.place)
    .subquery("issued")
)
DECLARED = (
    select(
        Declaration.project_id,
        Declaration.district,
        _sum(rules.IN_DISTRICT_REVIEW).label("pending"),
        _sum(rules.DISTRICT_PASSED).label("passed"),
        _sum(rules.DISTRICT_FAILED).label("failed"),
    )
    .join(Instance, Instance.id == Declaration.instance_id)
    .group_by(Declaration.project_id, Declaration.district)
    .subquery("declared")
)
NEWEST = (
    select(Summary.project_id, Summary.district, func.max(Summary.id).label("id"))
    .group_by(Summary.project_id, Summary.district)
    .subquery("newest")
)


def _same_pair(one: Any, other: Any) -> Any:
    return and_(one.c.project_id == other.c.project_id, one.c.district == other.c.district)


def _summaries(session: Session, acting: Acting, now: datetime) -> Rows:
    """One row for each project and district of the acting city for which codes were issued."""
    return (
        select(
            (ISSUED.c.project_id + "/" + ISSUED.c.district).label("pair"),
            ISSUED.c.project_id,
            ISSUED.c.district.label("code"),
            Project.title.label("project"),
            Project.year,
            Region.name.label("district"),
            ISSUED.c.issued,
            ISSUED.c.used,
            func.coalesce(DECLARED.c.pending, 0).label("pending"),
            func.coalesce(DECLARED.c.passed, 0).label("passed"),
            func.coalesce(DECLARED.c.failed, 0).label("failed"),
            Summary.id.label("summary"),
            Summary.instance_id,
            Instance.stage_zh,
            Instance.stage_en,
        )
        .select_from(ISSUED)
        .join(Project, Project.id == ISSUED.c.project_id)
        .join(Region, Region.code == ISSUED.c.district)
        .outerjoin(DECLARED, _same_pair(DECLARED, ISSUED))
        .outerjoin(NEWEST, _same_pair(NEWEST, ISSUED))
        .outerjoin(Summary, Summary.id == NEWEST.c.id)
        .outerjoin(Instance, Instance.id == Summary.instance_id)
        .where(
            or_(
                false(),
                *(within(ISSUED.c.place, post.place) for post in acting.holds(CITY_ADMIN) if post.place),
            )
        )
    )


def stage_chip(row: Mapping[str, Any]) -> Chip:
    """A summary's stage, or that there is none yet."""
    if not row["stage_zh"]:
        return Chip(NOT_BEGUN)
    words, tone = TONES.get(row["stage_zh"], (Words(row["stage_zh"], row["stage_en"] or ""), "plain"))
    return Chip(words, tone)  # type: ignore[arg-type]


def _codes(row: Mapping[str, Any], figure: str, **more: str) -> Linked:
    asked = {"project": row["project_id"], "district": row["code"], **more}
    return Linked(row[figure], f"/permits/codes?{urlencode(asked)}")


def _declarations(row: Mapping[str, Any], figure: int, state: str) -> Linked:
    asked = {"project": row["project_id"], "district": row["code"], "state": state}
    return Linked(figure, f"/permits/lists/declarations?{urlencode(asked)}")


SUMMARIES = List(
    key="summaries",
    title=Words("汇总表", "District summaries"),
    columns=(
        Column("project", Words("项目", "Project"), card="line"),
        Column("year", Words("年度", "Year"), kind="number", hidden_at_first=True),
        Column("district", Words("区县", "District"), card="title", fixed=True),
        Column(
            "issued",
            Words("授权", "Codes"),
            value=lambda row: _codes(row, "issued"),
            kind="number",
            card="named",
        ),
        Column(
            "used",
            Words("已使用", "Used"),
            value=lambda row: _codes(row, "used", use="used"),
            kind="number",
            card="named",
        ),
        Column(
            "submitted",
            Words("已提交", "Submitted"),
            value=lambda row: _declarations(row, row["pending"] + row["passed"] + row["failed"], "submitted"),
            kind="number",
            card="named",
        ),
        Column(
            "pending",
            Words("待审", "To review"),
            value=lambda row: _declarations(row, row["pending"], "pending"),
            kind="number",
            card="named",
        ),
        Column(
            "passed",
            Words("通过", "Passed"),
            value=lambda row: _declarations(row, row["passed"], "passed"),
            kind="number",
            card="named",
        ),
        Column(
            "failed",
            Words("不通过", "Not passed"),
            value=lambda row: _declarations(row, row["failed"], "failed"),
            kind="number",
            card="named",
        ),
        Column("stage", Words("汇总表", "Summary"), value=stage_chip, card="mark"),
    ),
    query=_summaries,
    order=(Project.year.desc(), Project.name, Project.id, Region.code),
    filters=(
        by_project(ISSUED.c.project_id),
        by_district(ISSUED.c.place),
        Filter(
            "stage",
            Words("汇总表", "Summary"),
            "choice",
            lambda code, now: Summary.id.is_(None) if code == "none" else Instance.stage_zh == code,
            lambda session, acting: (("none", NOT_BEGUN), *((zh, words) for zh, words, _ in STAGES)),
            all=Words("全部状态", "All states"),
        ),
    ),
    permission="p.summary.view",
    row="pair",
    instance="instance_id",
    work=Words("确认", "Confirm"),
    link=lambda row: (
        Link("instance", row["instance_id"]) if row["stage_zh"] in ("已上传", "已确认") else None
    ),
    empty=Words("还没有发放授权码，没有可汇总的区县。", "No codes were issued yet: there are no districts."),
)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Districts down, projects across; `cells[district][project]`: (chip, reviewed, submitted, address), or absent."""

    projects: tuple[tuple[str, str], ...]
    districts: tuple[tuple[str, str], ...]
    cells: Mapping[str, Mapping[str, tuple[Chip, int, int, str]]]


def matrix(session: Session, acting: Acting, now: datetime) -> Matrix:
    """Where each district stands in each project of the newest year there is. One statement."""
    query = _summaries(session, acting, now).order_by(*SUMMARIES.order).limit(MOST_CELLS)
    rows = [dict(row) for row in session.execute(query).mappings()]
    year = max((row["year"] for row in rows), default=0)
    cells: dict[str, dict[str, tuple[Chip, int, int, str]]] = {}
    projects: dict[str, str] = {}
    districts: dict[str, str] = {}
    for row in (row for row in rows if row["year"] == year):
        projects[row["project_id"]], districts[row["code"]] = row["project"], row["district"]
        reviewed = row["passed"] + row["failed"]
        asked = urlencode({"project": row["project_id"], "district": row["code"]})
        cells.setdefault(row["code"], {})[row["project_id"]] = (
            stage_chip(row),
            reviewed,
            reviewed + row["pending"],
            f"/permits/summaries?{asked}",
        )
    return Matrix(tuple(projects.items()), tuple(sorted(districts.items())), cells)


def uploaded_files(
    session: Session, acting: Acting, sent: Mapping[str, str], now: datetime
) -> dict[str, str]:
    """The files of the uploaded summaries that the list shows under the filters `sent`, and what to call each."""
    asked = lists.read(SUMMARIES, session, acting, sent)
    query = _summaries(session, acting, now)
    for one in SUMMARIES.filters:
        if one.key in asked.values:
            query = query.where(one.where(asked.values[one.key], now))
    wanted = query.with_only_columns(Summary.id).order_by(None)
    rows = session.execute(
        select(SummaryUpload.file_id, Region.name, Project.title.label("project"))
        .join(Summary, Summary.id == SummaryUpload.summary_id)
        .join(Project, Project.id == Summary.project_id)
        .join(Region, Region.code == Summary.district)
        .where(SummaryUpload.summary_id.in_(wanted), is_current_upload())
        .order_by(SummaryUpload.id)
    )
    return {row.file_id: rules.summary_file_name(row.name, row.project) for row in rows}
