"""Lists of what the city lays down: its projects (EN-P1), and the authorisation codes issued (EN-P5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import Session

from app.platform.identity.entities import Region
from app.platform.lists import Chip, Column, Filter, List, Rows, Verb, contains, within
from app.platform.registry import Acting, Words
from app.systems.permits import codes, projects, rules
from app.systems.permits.entities import Authorisation, Declaration, Project
from app.systems.permits.filters import by_district, by_project
from app.systems.permits.roles import CITY_ADMIN, DISTRICT_ADMIN

USED, UNUSED = Words("已使用", "Used"), Words("未使用", "Unused")
REVOKED = Words("已作废", "Revoked")
OPEN, CLOSED = Words("启用", "Open"), Words("停用", "Closed")


def _projects(session: Session, acting: Acting, now: datetime) -> Rows:
    issued = select(func.count()).where(Authorisation.project_id == Project.id).scalar_subquery()
    declared = select(func.count()).where(Declaration.project_id == Project.id).scalar_subquery()
    return select(
        Project.id,
        Project.name,
        Project.prefix,
        Project.year,
        Project.categories,
        Project.groups,
        Project.declare_from,
        Project.declare_to,
        Project.review_to,
        Project.is_open,
        issued.label("issued"),
        declared.label("declared"),
    ).where(projects.covered(acting))


def _project_verbs(row: Mapping[str, Any], acting: Acting) -> tuple[Verb, ...]:
    path = f"/permits/projects/{row['id']}"
    if row["is_open"]:
        sure = Words(
            "停用后不能再申请管理权限、发放授权码和申报；已提交的照常审查。确定停用？",
            "Closed, it takes no applications, codes or declarations; what was submitted goes on. Close it?",
        )
        turn = Verb(Words("停用", "Close"), f"{path}/open", posts=True, tone="danger", confirm=sure)
    else:
        turn = Verb(Words("启用", "Open"), f"{path}/open?to=open", posts=True)
    return (Verb(Words("编辑", "Edit"), f"{path}/terms"), turn)


PROJECTS = List(
    key="projects",
    title=Words("项目与区县", "Projects"),
    columns=(
        Column("name", Words("项目名称", "Project"), card="title", fixed=True),
        Column("year", Words("年度", "Year"), kind="number", sort=Project.year),
        Column("prefix", Words("编号前缀", "Prefix")),
        Column(
            "categories",
            Words("项目类型", "Categories"),
            value=lambda row: "、".join(row["categories"]),
            card="named",
        ),
        Column(
            "groups",
            Words("参赛组别", "Groups"),
            value=lambda row: "、".join(row["groups"]),
            hidden_at_first=True,
        ),
        Column("declare_from", Words("申报开始", "Opens"), kind="moment", card="named"),
        Column(
            "declare_to", Words("申报截止", "Closes"), kind="moment", card="named", sort=Project.declare_to
        ),
        Column("review_to", Words("审查截止", "Reviews end"), kind="moment", hidden_at_first=True),
        Column("issued", Words("授权码", "Codes"), kind="number", card="named"),
        Column("declared", Words("申报", "Declarations"), kind="number", card="named"),
        Column(
            "is_open",
            Words("状态", "State"),
            value=lambda row: Chip(OPEN, "good") if row["is_open"] else Chip(CLOSED),
            card="mark",
        ),
    ),
    query=_projects,
    order=(Project.year.desc(), Project.name, Project.id),
    filters=(
        Filter("q", Words("项目名称", "Project"), "text", lambda text, now: contains(text, Project.name)),
        Filter(
            "state",
            Words("状态", "State"),
            "choice",
            lambda code, now: Project.is_open.is_(code == "open"),
            lambda session, acting: (("open", OPEN), ("closed", CLOSED)),
        ),
    ),
    permission="p.project.edit",
    row="id",
    verbs=_project_verbs,
    empty=Words("还没有项目。", "No projects yet."),
)


def _codes(session: Session, acting: Acting, now: datetime) -> Rows:
    """Codes of the acting city, and those of the districts and projects managed."""
    scopes = [within(Authorisation.place, post.place) for post in acting.holds(CITY_ADMIN) if post.place] + [
        and_(Authorisation.place == post.place, Authorisation.project_id == post.subject)
        for post in acting.holds(DISTRICT_ADMIN)
    ]
    return (
        select(
            Authorisation.id,
            Authorisation.project_id,
            Authorisation.place,
            Authorisation.category,
            Authorisation.group.label("group_name"),
            Authorisation.school,
            Authorisation.code,
            Authorisation.issued_at,
            Authorisation.used_at,
            Authorisation.revoked_at,
            Project.title.label("project"),
            Region.name.label("district"),
            Declaration.number,
        )
        .join(Project, Project.id == Authorisation.project_id)
        .join(Region, Region.code == Authorisation.district)
        .outerjoin(Declaration, Declaration.authorisation_id == Authorisation.id)
        .where(or_(false(), *scopes))
    )


def _use(row: Mapping[str, Any]) -> Chip:
    if row["revoked_at"]:
        return Chip(REVOKED, "bad")
    return Chip(USED, "good") if row["used_at"] else Chip(UNUSED, "waiting")


def _code_verbs(row: Mapping[str, Any], acting: Acting) -> tuple[Verb, ...]:
    if row["used_at"] or row["revoked_at"] or not codes.may_issue(acting, row["project_id"], row["place"]):
        return ()
    sure = Words("作废后该授权码不能再使用。确定作废？", "A revoked code cannot be used any more. Revoke it?")
    path = f"/permits/codes/{row['id']}/revoke"
    return (Verb(Words("作废", "Revoke"), path, posts=True, tone="danger", confirm=sure),)


CODE = Column(
    "code",
    Words("授权码", "Code"),
    value=lambda row: rules.shown_code(row["code"]),
    card="title",
    fixed=True,
)
CODES = List(
    key="codes",
    title=Words("申报授权", "Authorisation codes"),
    columns=(
        Column("project", Words("项目", "Project")),
        Column("district", Words("区县", "District"), sort=Authorisation.district),
        Column("category", Words("项目类型", "Category"), card="named"),
        Column("group_name", Words("参赛组别", "Group")),
        Column("school", Words("学校", "School"), card="named"),
        CODE,
        Column("use", Words("是否使用", "Use"), value=_use, card="mark"),
        Column("number", Words("项目编号", "Number"), card="named"),
        Column("issued_at", Words("生成时间", "Issued"), kind="moment", sort=Authorisation.issued_at),
    ),
    query=_codes,
    order=(Authorisation.id.desc(),),
    filters=(
        Filter(
            "school",
            Words("学校", "School"),
            "text",
            lambda text, now: contains(text, Authorisation.school),
        ),
        by_project(Authorisation.project_id),
        by_district(Authorisation.place),
        Filter(
            "use",
            Words("是否使用", "Use"),
            "choice",
            lambda code, now: {
                "used": Authorisation.used_at.is_not(None),
                "unused": and_(Authorisation.used_at.is_(None), Authorisation.revoked_at.is_(None)),
                "revoked": Authorisation.revoked_at.is_not(None),
            }[code],
            lambda session, acting: (("unused", UNUSED), ("used", USED), ("revoked", REVOKED)),
        ),
        Filter(
            "number",
            Words("项目编号", "Number"),
            "text",
            lambda text, now: contains(text, Declaration.number),
        ),
    ),
    permission="p.code.issue",
    row="id",
    verbs=_code_verbs,
    empty=Words("还没有发放授权码。", "No codes issued yet."),
)
