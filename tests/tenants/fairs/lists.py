"""The list of fairs: applications, for the city."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import false, or_, select
from sqlalchemy.orm import Session

from app.platform.identity.entities import Person, Region
from app.platform.lists import Chip, Column, Filter, Link, List, Rows, contains, within
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Instance
from tests.tenants.fairs import queries
from tests.tenants.fairs.entities import Application, Project
from tests.tenants.fairs.roles import CITY_ADMIN


def _applications(session: Session, acting: Acting, now: datetime) -> Rows:
    return (
        select(
            Application.id,
            Application.instance_id,
            Application.submitted_at,
            Application.scan_id,
            Person.name.label("applicant"),
            Project.name.label("project"),
            Region.name.label("district"),
            Instance.number,
            Instance.stage_zh,
            Instance.stage_en,
        )
        .join(Instance, Instance.id == Application.instance_id)
        .join(Person, Person.id == Application.person_id)
        .join(Project, Project.id == Application.project_id)
        .join(Region, Region.code == Application.district)
        .where(
            Application.submitted_at.is_not(None),
            or_(false(), *(within(Application.place, post.place) for post in acting.holds(CITY_ADMIN))),
        )
    )


def _projects(session: Session, acting: Acting) -> Sequence[tuple[str, Words]]:
    return [(row.id, Words(row.name, row.name)) for row in queries.projects(session)]


def _stages(session: Session, acting: Acting) -> Sequence[tuple[str, Words]]:
    return (
        ("待市级审核", Words("待市级审核", "Awaiting city review")),
        ("已退回", Words("已退回", "Returned")),
        ("已通过", Words("已通过", "Approved")),
    )


LISTS = (
    List(
        key="applications",
        keeps_views=True,
        title=Words("集市审核", "Review of fairs"),
        columns=(
            Column("applicant", Words("申请人", "Applicant"), card="title", fixed=True),
            Column("project", Words("项目", "Project")),
            Column("district", Words("区县", "District"), sort=Application.district),
            Column("number", Words("编号", "Number")),
            Column(
                "submitted_at", Words("提交时间", "Submitted"), kind="moment", sort=Application.submitted_at
            ),
            Column(
                "scan",
                Words("扫描件", "Scan"),
                card="named",
                value=lambda row: (
                    Words("已上传", "Uploaded") if row["scan_id"] else Words("未上传", "Awaited")
                ),
            ),
            Column(
                "stage",
                Words("状态", "State"),
                value=lambda row: Chip(Words(row["stage_zh"] or "", row["stage_en"] or ""), "plain"),
                card="mark",
            ),
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
            Filter(
                "project",
                Words("项目", "Project"),
                "choice",
                lambda code, now: Application.project_id == code,
                _projects,
                all=Words("全部项目", "All projects"),
            ),
            Filter(
                "district",
                Words("区县", "District"),
                "region",
                lambda path, now: within(Application.place, path),
                all=Words("全部区县", "All districts"),
            ),
            Filter(
                "stage",
                Words("状态", "State"),
                "choice",
                lambda code, now: Instance.stage_zh == code,
                _stages,
                all=Words("全部状态", "All states"),
            ),
        ),
        permission="f.application.review",
        instance="instance_id",
        row="id",
        work=Words("审核", "Review"),
        link=lambda row: Link("instance", row["instance_id"]),
        empty=Words("还没有人提交申请。", "Nobody has applied yet."),
    ),
)
