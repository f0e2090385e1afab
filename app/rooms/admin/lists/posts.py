"""Posts and permission codes as lists: who holds what where, and how far each batch of codes has come (C-11, C-14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.platform.identity import permission_codes, roles, subjects
from app.platform.identity.entities import Account, CodeBatch, HeldPost, Person, Region, Unit
from app.platform.identity.places import within
from app.platform.identity.posts import live
from app.platform.lists import Act, Chip, Column, Filter, Link, List, Rows, Verb, contains, during
from app.platform.registry import Acting, Words, house
from app.rooms.admin import sections

UnitRegion, Giver = aliased(Region), aliased(Person)
SOON = timedelta(days=30)
STATES = {
    "now": Words("在任", "Held now"),
    "soon": Words("30天内到期", "Ends within 30 days"),
    "later": Words("未开始", "Not begun"),
    "ended": Words("已结束", "Ended"),
}
EVERYWHERE = Words("全部地区", "Everywhere")


def _posts(session: Session, acting: Acting, now: datetime) -> Rows:
    reach = roles.reach_of(acting, roles.POSTS)
    return (
        select(
            HeldPost.id,
            HeldPost.person_id,
            HeldPost.role,
            HeldPost.place,
            HeldPost.subject,
            HeldPost.from_at,
            HeldPost.until_at,
            HeldPost.ended_at,
            func.coalesce(Unit.name, Region.full_name, "").label("where"),
            UnitRegion.full_name.label("region"),
            Person.name,
            Account.username,
            Giver.name.label("giver"),
        )
        .join(Person, Person.id == HeldPost.person_id)
        .outerjoin(Account, Account.person_id == HeldPost.person_id)
        .outerjoin(Giver, Giver.id == HeldPost.granted_by)
        .outerjoin(Unit, Unit.path == HeldPost.place)
        .outerjoin(Region, Region.path == HeldPost.place)
        .outerjoin(UnitRegion, UnitRegion.code == Unit.region_code)
        .where(within(HeldPost.place, reach))
    )


def _state(code: str, now: datetime) -> ColumnElement[bool]:
    return {
        "now": live(now),
        "soon": and_(live(now), HeldPost.until_at <= now + SOON),
        "later": and_(HeldPost.ended_at.is_(None), HeldPost.from_at > now),
        "ended": or_(HeldPost.ended_at.is_not(None), HeldPost.until_at <= now),
    }.get(code, false())


def _role(row: Mapping[str, Any]) -> Words:
    role = house.roles.get(row["role"])
    return role.title if role else Words(row["role"], row["role"])


def _where(row: Mapping[str, Any]) -> Words | str:
    if not row["place"]:
        return EVERYWHERE
    return " · ".join(part for part in (row["where"] or row["place"], row["region"]) if part)


def _named(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows with what their subjects are called: one statement for each kind of subject on the page."""
    names = subjects.names(session, ((row["role"], row["subject"]) for row in rows))
    said = ((row, names[row["role"], row["subject"]]) for row in rows)
    return [{**row, "subject_said": None if words == subjects.NONE else words} for row, words in said]


def _ended(row: Mapping[str, Any]) -> datetime | None:
    return row["ended_at"] or _last(row)


def _last(row: Mapping[str, Any]) -> datetime | None:
    """The last day somebody holds it, or may use it, where it ends with the day before `until_at`."""
    return row["until_at"] - timedelta(seconds=1) if row["until_at"] else None


def _verbs(row: Mapping[str, Any], acting: Acting) -> list[Verb]:
    """Its dates, while it is open and not the reader's own; whether he may, says the page."""
    if row["ended_at"] is not None or row["person_id"] == acting.person:
        return []
    return [Verb(Words("期限", "Dates"), f"/admin/posts/dates?post={row['id']}")]


def _roles(session: Session, acting: Acting) -> list[tuple[str, Words]]:
    return [(key, role.title) for key, role in house.roles.items()]


SUBJECT = Column("subject_said", Words("授权事项", "Subject"), card="named")
POSTS = List(
    key="posts",
    title=Words("岗位", "Posts"),
    columns=(
        Column("name", Words("姓名", "Name"), card="title", fixed=True),
        Column("username", Words("用户名", "User name"), card="none", hidden_at_first=True),
        Column("role", Words("角色", "Role"), value=_role, card="mark", fixed=True),
        Column("place", Words("任职单位或地区", "Where"), value=_where, sort=HeldPost.place),
        SUBJECT,
        Column("from_at", Words("开始", "From"), kind="day", sort=HeldPost.from_at, card="named"),
        Column("until_at", Words("结束", "Until"), value=_ended, kind="day", card="named"),
        Column("giver", Words("授予人", "Given by"), card="none"),
    ),
    query=_posts,
    order=(HeldPost.id.desc(),),
    filters=(
        Filter("who", Words("姓名", "Name"), "text", lambda text, now: contains(text, Person.name)),
        Filter("role", Words("角色", "Role"), "choice", lambda key, now: HeldPost.role == key, _roles),
        Filter(
            "state",
            Words("状态", "State"),
            "choice",
            _state,
            lambda session, acting: list(STATES.items()),
            default="now",
        ),
        Filter("from", Words("开始", "From"), "period", lambda days, now: during(HeldPost.from_at, days)),
    ),
    permission=roles.POSTS,
    link=lambda row: Link("page", f"/admin/people/{row['person_id']}"),
    row="id",
    more=_named,
    verbs=_verbs,
    tabs=sections.tabs_of("rights"),
    acts=(
        Act(Words("修改期限", "Change dates"), "/admin/posts/dates/of"),
        Act(Words("结束岗位", "End posts"), "/admin/posts/end/of"),
    ),
)


def _batches(session: Session, acting: Acting, now: datetime) -> Rows:
    counted = permission_codes.counts(now).subquery()
    reach = roles.reach_of(acting, roles.POSTS)
    return (
        select(
            CodeBatch.id,
            CodeBatch.role,
            CodeBatch.place,
            CodeBatch.subject,
            CodeBatch.note,
            CodeBatch.issued_at,
            CodeBatch.until_at,
            CodeBatch.revoked_at,
            func.coalesce(Unit.name, Region.full_name, "").label("where"),
            UnitRegion.full_name.label("region"),
            Giver.name.label("giver"),
            counted.c.cap,
            counted.c.active,
            counted.c.bound,
            counted.c.open,
            counted.c.revoked,
            counted.c.expired,
        )
        .join(counted, counted.c.batch == CodeBatch.id)
        .outerjoin(Giver, Giver.id == CodeBatch.issued_by_id)
        .outerjoin(Unit, Unit.path == CodeBatch.place)
        .outerjoin(Region, Region.path == CodeBatch.place)
        .outerjoin(UnitRegion, UnitRegion.code == Unit.region_code)
        .where(permission_codes.within(reach, acting))
    )


def _batch_state(row: Mapping[str, Any]) -> Chip:
    if row["revoked_at"] is not None:
        return Chip(Words("已撤销", "Revoked"), "bad")
    return Chip(Words("可使用", "Open"), "good") if row["open"] else Chip(Words("已用完或到期", "Over"))


CODES = List(
    key="codes",
    title=Words("权限码", "Permission codes"),
    columns=(
        Column("note", Words("说明", "Note"), card="title", fixed=True),
        Column("role", Words("角色", "Role"), value=_role, card="line"),
        Column("place", Words("任职单位或地区", "Where"), value=_where),
        SUBJECT,
        Column("state", Words("状态", "State"), value=_batch_state, card="mark"),
        Column("cap", Words("发放", "Issued"), kind="number", card="named"),
        Column("bound", Words("已绑定", "Bound"), kind="number", card="named"),
        Column("active", Words("已激活", "Active"), kind="number", card="named"),
        Column("open", Words("未使用", "Open"), kind="number", card="named"),
        Column("revoked", Words("撤销", "Revoked"), kind="number", card="none"),
        Column("expired", Words("过期", "Expired"), kind="number", card="none"),
        Column("until_at", Words("有效期至", "Until"), value=_last, kind="day", card="named"),
        Column("giver", Words("发放人", "Issued by"), card="none"),
    ),
    query=_batches,
    order=(CodeBatch.id.desc(),),
    filters=(
        Filter("q", Words("说明", "Note"), "text", lambda text, now: contains(text, CodeBatch.note)),
        Filter("role", Words("角色", "Role"), "choice", lambda key, now: CodeBatch.role == key, _roles),
    ),
    permission=roles.POSTS,
    link=lambda row: Link("page", f"/admin/codes/{row['id']}"),
    row="id",
    more=_named,
    tabs=sections.tabs_of("rights"),
    empty=Words(
        "还没有发放过权限码，可在“发放权限码”中生成。", "No codes yet: they are drawn at Issue codes."
    ),
)
LISTS = (POSTS, CODES)
