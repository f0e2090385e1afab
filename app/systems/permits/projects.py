"""Projects as the city keeps them: made, changed, closed and opened again (EN-P1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import new_id, transaction
from app.platform.lists import within
from app.platform.registry import Acting, Refused, Words
from app.platform.runtime.errors import Forbidden, Unknown
from app.systems.permits import rules
from app.systems.permits.entities import Authorisation, Declaration, Project
from app.systems.permits.roles import CITY_ADMIN

FIELDS = ("name", "prefix", "year", "categories", "groups", "declare_from", "declare_to", "review_to")


class Wrong(Exception):
    """The terms do not stand: what is wrong, by field."""

    def __init__(self, complaints: dict[str, Words]) -> None:
        super().__init__(", ".join(complaints))
        self.complaints = complaints


def covered(by: Acting) -> ColumnElement[bool]:
    """The SQL of which projects a city administrator keeps: those of the own city."""
    return or_(Project.place == "", *(within(Project.place, post.place) for post in by.holds(CITY_ADMIN)))


def get(session: Session, project: str, by: Acting) -> Project | None:
    """A project the person keeps, or None."""
    if not by.holds(CITY_ADMIN):
        return None
    return session.scalar(select(Project).where(Project.id == project, covered(by)))


def kept(session: Session, by: Acting) -> Sequence[Project]:
    """The projects a city administrator keeps, newest year first."""
    if not by.holds(CITY_ADMIN):
        return ()
    return session.scalars(
        select(Project).where(covered(by)).order_by(Project.year.desc(), Project.name)
    ).all()


def terms_of(project: Project) -> rules.Terms:
    """The terms of a project as they stand."""
    values = {name: getattr(project, name) for name in FIELDS}
    return rules.Terms(**{**values, "categories": tuple(project.categories), "groups": tuple(project.groups)})


def create(session: Session, terms: rules.Terms, by: Acting, now: datetime) -> str:
    """Make a project of the acting person's city; return its id. Raises `Forbidden`, `Wrong`."""
    posts = by.holds(CITY_ADMIN)
    if not posts:
        raise Forbidden("p.project.edit")
    _check(terms)
    with transaction(session):
        identifier = new_id()
        place = (by.post if by.post in posts else posts[0]).place
        session.add(Project(id=identifier, place=place, is_open=True, **_columns(terms)))
        session.flush()
        audit.log(session, "permits", "project.made", by, now, {"project": identifier, **_said(terms)})
    return identifier


def change(session: Session, project: str, terms: rules.Terms, by: Acting, now: datetime) -> None:
    """Lay down new terms. Raises `Unknown` where it is not theirs, `Wrong` for what others rely on already.

    Numbers given keep their prefix and year (P-40); a category or group that codes were issued for stays.
    """
    _check(terms)
    with transaction(session):
        row = get(session, project, by)
        if row is None:
            raise Unknown(project)
        wrong = _in_use(session, row, terms)
        if wrong:
            raise Wrong(wrong)
        before = _said(terms_of(row))
        for name, value in _columns(terms).items():
            setattr(row, name, value)
        session.flush()
        body = {"project": project, "before": before, "after": _said(terms)}
        audit.log(session, "permits", "project.changed", by, now, body)


def close(session: Session, project: str, is_open: bool, by: Acting, now: datetime) -> None:
    """Close a project for new applications and declarations, or open it again. Raises `Unknown`, `Refused`."""
    with transaction(session):
        row = get(session, project, by)
        if row is None:
            raise Unknown(project)
        if row.is_open is is_open:
            raise Refused("该项目的状态已经改变，请刷新", "It was changed meanwhile: load the page again")
        row.is_open = is_open
        session.flush()
        kind = "project.opened" if is_open else "project.closed"
        audit.log(session, "permits", kind, by, now, {"project": project})


def _check(terms: rules.Terms) -> None:
    wrong = rules.terms_complaints(terms)
    if wrong:
        raise Wrong({name: Words(*words) for name, words in wrong.items()})


def _in_use(session: Session, row: Project, terms: rules.Terms) -> dict[str, Words]:
    wrong: dict[str, Words] = {}
    if (terms.prefix, terms.year) != (row.prefix, row.year):
        given = session.scalar(select(Declaration.id).where(Declaration.project_id == row.id).limit(1))
        if given is not None:
            said = Words("已有申报使用该编号，前缀和年度不能修改", "Numbers were given: prefix and year stay")
            wrong |= {name: said for name in ("prefix", "year") if getattr(terms, name) != getattr(row, name)}
    for name, column in (("categories", Authorisation.category), ("groups", Authorisation.group)):
        gone = set(getattr(row, name)) - set(getattr(terms, name))
        used = (
            session.scalars(
                select(column)
                .where(Authorisation.project_id == row.id, column.in_(gone))
                .group_by(column)
                .order_by(func.min(Authorisation.id))
            ).all()
            if gone
            else ()
        )
        if used:
            names = "、".join(used)
            wrong[name] = Words(f"{names}已发放授权码，不能删除", f"Codes were issued for {names}")
    return wrong


def _columns(terms: rules.Terms) -> dict[str, object]:
    values = {name: getattr(terms, name) for name in FIELDS}
    return {**values, "categories": list(terms.categories), "groups": list(terms.groups)}


def _said(terms: rules.Terms) -> dict[str, object]:
    """The terms as the audit keeps them."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in _columns(terms).items()
    }
