"""The lists of permits: applications for the city (PG-P10), and people with their identity (P-05)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.platform.identity.entities import Account, HeldPost, Person, Region
from app.platform.lists import Chip, Column, Filter, Link, List, Rows, contains, within
from app.platform.registry import Acting, Words, house
from app.platform.runtime.entities import Instance
from app.systems.permits import declaration_lists, district_lists
from app.systems.permits.city_lists import CODES, PROJECTS
from app.systems.permits.entities import Application, Profile, Project
from app.systems.permits.filters import by_district, by_project
from app.systems.permits.roles import CITY_ADMIN, IDENTITIES
from app.systems.permits.summary_lists import SUMMARIES

TONES = {"待市级审核": "waiting", "已通过": "good", "已退回": "bad"}
District = aliased(Region)


def _places(acting: Acting) -> list[str]:
    return [post.place for post in acting.holds(CITY_ADMIN)]


def _applications(session: Session, acting: Acting, now: datetime) -> Rows:
    """Applications submitted from the districts of the acting city; drafts are the organiser's alone."""
    return (
        select(
            Application.id,
            Application.instance_id,
            Application.submitted_at,
            Application.uploaded_at,
            Person.name.label("applicant"),
            Project.title.label("project"),
            District.name.label("district"),
            Instance.number,
            Instance.stage_zh,
            Instance.stage_en,
        )
        .join(Instance, Instance.id == Application.instance_id)
        .join(Person, Person.id == Application.person_id)
        .join(Project, Project.id == Application.project_id)
        .join(District, District.code == Application.district)
        .where(
            Application.submitted_at.is_not(None),
            or_(false(), *(within(Application.place, place) for place in _places(acting))),
        )
    )


def _stage(row: Mapping[str, Any]) -> Chip:
    words = Words(row["stage_zh"] or "", row["stage_en"] or "")
    return Chip(words, TONES.get(words.zh, "plain"))  # type: ignore[arg-type]


def _stages(session: Session, acting: Acting) -> Sequence[tuple[str, Words]]:
    return (
        ("已提交待上传", Words("已提交待上传", "Submitted, scan awaited")),
        ("待市级审核", Words("待市级审核", "Awaiting city review")),
        ("已退回", Words("已退回", "Returned")),
        ("已通过", Words("已通过", "Approved")),
    )


APPLICATIONS = List(
    key="applications",
    title=Words("权限审核", "Permission review"),
    columns=(
        Column("applicant", Words("申请人", "Applicant"), card="title", fixed=True),
        Column("project", Words("项目", "Project")),
        Column("district", Words("区县", "District"), sort=Application.district),
        Column("number", Words("编号", "Number")),
        Column("submitted_at", Words("提交时间", "Submitted"), kind="moment", sort=Application.submitted_at),
        Column(
            "scan",
            Words("扫描件", "Scan"),
            card="named",
            value=lambda row: (
                Words("已上传", "Uploaded") if row["uploaded_at"] else Words("未上传", "Awaited")
            ),
        ),
        Column("stage", Words("状态", "State"), value=_stage, card="mark"),
    ),
    query=_applications,
    order=(Application.submitted_at.desc(), Application.id),
    filters=(
        Filter(
            "q",
            Words("申请人或编号", "Applicant or number"),
            "text",
            lambda text, now: contains(text, Person.name, Instance.number),
        ),
        by_project(Application.project_id),
        by_district(Application.place),
        Filter(
            "stage",
            Words("状态", "State"),
            "choice",
            lambda code, now: Instance.stage_zh == code,
            _stages,
            all=Words("全部状态", "All states"),
        ),
    ),
    permission="p.permission.review",
    instance="instance_id",
    row="id",
    work=Words("审核", "Review"),
    link=lambda row: Link("instance", row["instance_id"]),
    empty=Words("还没有人提交申请。", "Nobody has applied yet."),
)


def _people(session: Session, acting: Acting, now: datetime) -> Rows:
    """People with an identity of permits who come from the acting city, or have not said yet where from."""
    held = and_(HeldPost.person_id == Person.id, HeldPost.role.in_(IDENTITIES), HeldPost.ended_at.is_(None))
    identity = select(func.max(HeldPost.role)).where(held).scalar_subquery()
    return (
        select(
            Person.id,
            Person.name,
            Account.username,
            Account.created_at,
            Region.name.label("district"),
            identity.label("identity"),
        )
        .join(Account, Account.person_id == Person.id)
        .outerjoin(Profile, Profile.person_id == Person.id)
        .outerjoin(Region, Region.code == Profile.origin)
        .where(
            select(HeldPost.id).where(held).exists(),
            or_(Profile.person_id.is_(None), *(within(Region.path, place) for place in _places(acting))),
        )
    )


PEOPLE = List(
    key="people",
    title=Words("身份管理", "Identities"),
    columns=(
        Column("name", Words("姓名", "Name"), card="title", fixed=True),
        Column("username", Words("用户名", "User name")),
        Column("district", Words("来自", "From")),
        Column(
            "identity",
            Words("身份", "Identity"),
            value=lambda row: house.roles[row["identity"]].title,
            card="mark",
        ),
        Column("created_at", Words("注册时间", "Registered"), kind="moment", sort=Account.created_at),
    ),
    query=_people,
    order=(Account.created_at.desc(), Person.id),
    filters=(
        Filter(
            "q",
            Words("姓名或用户名", "Name or user name"),
            "text",
            lambda text, now: contains(text, Person.name, Account.username),
        ),
        Filter(
            "identity",
            Words("身份", "Identity"),
            "choice",
            lambda code, now: (
                select(HeldPost.id)
                .where(HeldPost.person_id == Person.id, HeldPost.role == code, HeldPost.ended_at.is_(None))
                .exists()
            ),
            lambda session, acting: [(key, house.roles[key].title) for key in IDENTITIES],
            all=Words("全部身份", "All identities"),
        ),
    ),
    permission="p.identity.change",
    row="id",
    link=lambda row: Link("page", f"/permits/people/{row['id']}", Words("变更身份", "Change")),
)

LISTS = (APPLICATIONS, PEOPLE, PROJECTS, CODES, SUMMARIES, *declaration_lists.LISTS, *district_lists.LISTS)
