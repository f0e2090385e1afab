"""The filters that several lists of permits share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import SQLColumnExpression
from sqlalchemy.orm import Session

from app.platform.lists import Filter, contains, within
from app.platform.registry import Acting, Words
from app.systems.permits import queries
from app.systems.permits.entities import Authorisation, Declaration

Choices = Sequence[tuple[str, Words]]
BY_NUMBER_OR_TEAM = Filter(
    "q",
    Words("项目编号或代表队名称", "Number or team"),
    "text",
    lambda text, now: contains(text, Declaration.number, Declaration.team_name),
)


def by_project(column: SQLColumnExpression[Any]) -> Filter:
    """全部项目: those of one's city and those one manages, closed ones too, by the project's id in `column`."""
    return Filter(
        "project",
        Words("项目", "Project"),
        "choice",
        lambda code, now: column == code,
        _projects,
        all=Words("全部项目", "All projects"),
    )


def by_district(column: SQLColumnExpression[Any]) -> Filter:
    """全部区县, by the place in `column`."""
    return Filter(
        "district",
        Words("区县", "District"),
        "region",
        lambda path, now: within(column, path),
        all=Words("全部区县", "All districts"),
    )


def by_kind(table: type[Authorisation] | type[Declaration]) -> tuple[Filter, Filter]:
    """The filters 所有类别 and 所有组 over codes or declarations (P-23)."""
    return (
        Filter(
            "category",
            Words("类别", "Category"),
            "choice",
            lambda code, now: table.category == code,
            _kinds("categories"),
            all=Words("所有类别", "All categories"),
        ),
        Filter(
            "group",
            Words("组别", "Group"),
            "choice",
            lambda code, now: table.group == code,
            _kinds("groups"),
            all=Words("所有组", "All groups"),
        ),
    )


def _projects(session: Session, acting: Acting) -> Choices:
    found = queries.projects_of(session, acting)
    return [(row.id, Words(row.title, f"{row.name} ({row.year})")) for row in found]


def _kinds(name: str) -> Callable[[Session, Acting], Choices]:
    """The categories or groups of the projects that the reader has to do with, each once, in their order."""

    def choices(session: Session, acting: Acting) -> Choices:
        found = (each for row in queries.projects_of(session, acting) for each in getattr(row, name))
        return [(one, Words(one, one)) for one in dict.fromkeys(found)]

    return choices
