"""People: found by name, number, phone or user name, by where they are and what they hold; never beyond one's reach."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select, union
from sqlalchemy.orm import Session, aliased

from app.platform.audit.entities import AuditRow
from app.platform.identity import authority, logins, people, phones, roles
from app.platform.identity.entities import Account, Factor, HeldPost, Person, Region, Unit
from app.platform.identity.posts import live
from app.platform.lists import Act, Chip, Column, Filter, Link, List, Rows
from app.platform.registry import Acting, Words, house
from app.rooms.admin import sections

UnitRegion = aliased(Region)
PostUnit, PostRegion = aliased(Unit), aliased(Region)
SHOWN = 2  # so many posts stand in the row; how many more there are is said
_LAST_FOUR = re.compile(r"\d{3}[\dXx]", re.ASCII)
FEW = 300
_HAS_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"[\dA-Za-z]{6,20}", re.ASCII)

STATES: Mapping[str, tuple[Words, str]] = {
    "none": (Words("无账号", "No account"), "plain"),
    "active": (Words("正常", "Active"), "good"),
    "must_change": (Words("待改初始密码", "Password to be changed"), "waiting"),
    "disabled": (Words("已禁用", "Disabled"), "bad"),
    "closed": (Words("已注销", "Deregistered"), "plain"),
}


def _people(session: Session, acting: Acting, now: datetime) -> Rows:
    signed_in = (
        select(AuditRow.at)
        .where(AuditRow.by_id == Person.id, AuditRow.kind == "account.signed_in")
        .order_by(AuditRow.at.desc())
        .limit(1)
        .scalar_subquery()
    )
    place = func.coalesce(PostUnit.name, PostRegion.name, "")
    held = (
        select(func.aggregate_strings(HeldPost.role + "@" + place, ";"))
        .select_from(HeldPost)
        .outerjoin(PostUnit, PostUnit.path == HeldPost.place)
        .outerjoin(PostRegion, PostRegion.path == HeldPost.place)
        .where(HeldPost.person_id == Person.id, live(now))
        .correlate(Person)
        .scalar_subquery()
    )
    return (
        select(
            Person.id,
            Person.name,
            Person.gender,
            Person.id_number,
            Person.created_at,
            Person.phone,
            Unit.name.label("unit"),
            func.coalesce(Region.full_name, UnitRegion.full_name).label("region"),
            Account.username,
            Account.login_phone,
            Account.is_disabled,
            Account.must_change_password,
            Account.is_demo,
            Account.closed_at,
            held.label("held"),
            signed_in.label("signed_in_at"),
        )
        .select_from(Person)
        .outerjoin(Account, Account.person_id == Person.id)
        .outerjoin(Unit, Unit.path == Person.place)
        .outerjoin(Region, Region.path == Person.place)
        .outerjoin(UnitRegion, UnitRegion.code == Unit.region_code)
        .where(
            Person.merged_into_id.is_(None), authority.seen_of_many(roles.reach_of(acting, roles.PEOPLE), now)
        )
    )


def state_of(row: Mapping[str, Any]) -> str:
    """The state of an account: a key of `STATES`."""
    if row["username"] is None:
        return "none"
    if row["closed_at"] is not None:
        return "closed"
    if row["is_disabled"]:
        return "disabled"
    return "must_change" if row["must_change_password"] and not row["is_demo"] else "active"


def _state(row: Mapping[str, Any]) -> Chip:
    words, tone = STATES[state_of(row)]
    return Chip(words, tone)  # type: ignore[arg-type]


def _place(row: Mapping[str, Any]) -> str:
    return " · ".join(part for part in (row["unit"], row["region"]) if part)


def _posts(row: Mapping[str, Any]) -> Words | None:
    held = sorted(part.split("@", 1) for part in (row["held"] or "").split(";") if part)
    if not held:
        return None
    said = []
    for role, place in held[:SHOWN]:
        title = house.roles[role].title if role in house.roles else Words(role, role)
        said.append(
            Words(f"{title.zh}（{place}）", f"{title.en} ({place})") if place else Words(title.zh, title.en)
        )
    more = len(held) - SHOWN
    zh = "、".join(one.zh for one in said) + (f" 等{len(held)}个" if more > 0 else "")
    en = ", ".join(one.en for one in said) + (f" and {more} more" if more > 0 else "")
    return Words(zh, en)


def _username(row: Mapping[str, Any]) -> str | None:
    return None if row["closed_at"] else row["username"]


def whom(session: Session, acting: Acting, text: str) -> str | tuple[str, ...]:
    """The people a part of a name means, where they are few: found once, not for the count and for the page.

    No name has a digit: what has one is a number or a user name, and is found by an index.
    """
    if not text or _HAS_DIGIT.search(text):
        return text
    found = session.scalars(select(Person.id).where(_meant(text)).limit(FEW + 1)).all()
    return tuple(found) if len(found) <= FEW else text


def asked(wanted: str | tuple[str, ...], now: datetime) -> ColumnElement[bool]:
    """Whom a text means: by part of the name, user name, whole ID number or its last four, whole phone.

    Numbers are kept sealed and found by their keyed hashes: whole, or the last four.
    """
    return Person.id.in_(wanted) if isinstance(wanted, tuple) else _meant(wanted)


def _meant(text: str) -> ColumnElement[bool]:
    parts: list[Any] = [select(Account.person_id).where(Account.username == logins.username(text))]
    if not _HAS_DIGIT.search(text):
        parts.append(select(Person.id).where(Person.name.contains(text, autoescape=True)))
    if _LAST_FOUR.fullmatch(text):
        parts.append(select(Person.id).where(people.ends_in(text, Person.id_number_last_hash)))
    plain = "".join(text.split())
    if _NUMBER.fullmatch(plain):
        parts.append(select(Person.id).where(Person.id_number_hash == people.id_number_hash(plain)))
    if (phone := phones.normal(text)) is not None:
        parts.append(select(Person.id).where(Person.phone_hash == people.phone_hash(phone)))
        parts.append(select(Account.person_id).where(Account.login_phone_hash == logins.phone_hash(phone)))
    return Person.id.in_(union(*parts) if len(parts) > 1 else parts[0].correlate(None))


def _in_unit(text: str, now: datetime) -> ColumnElement[bool]:
    found = select(Unit.path).where(Unit.name.contains(text, autoescape=True)).limit(500)
    return Person.id.in_(
        union(
            select(Person.id).where(Person.place.in_(found)),
            select(HeldPost.person_id).where(HeldPost.place.in_(found), live(now)),
        )
    )


RARE = ("disabled", "closed")
"""States that few accounts are in: found from the accounts."""


def _in_state(code: str, now: datetime) -> ColumnElement[bool]:
    if code == "none":
        return Account.person_id.is_(None)
    is_open = Account.closed_at.is_(None)
    must = and_(Account.must_change_password, Account.is_demo.is_(False))
    wanted = {
        "active": and_(is_open, Account.is_disabled.is_(False), ~must),
        "must_change": and_(is_open, Account.is_disabled.is_(False), must),
        "disabled": and_(is_open, Account.is_disabled.is_(True)),
        "closed": Account.closed_at.is_not(None),
    }[code]
    return Person.id.in_(select(Account.person_id).where(wanted).correlate(None)) if code in RARE else wanted


def _holding(role: str, now: datetime) -> ColumnElement[bool]:
    return Person.id.in_(select(HeldPost.person_id).where(HeldPost.role == role, live(now)))


def _with_factor(code: str, now: datetime) -> ColumnElement[bool]:
    is_set = exists().where(Factor.person_id == Person.id, Factor.confirmed_at.is_not(None))
    return is_set if code == "set" else and_(Account.person_id.is_not(None), ~is_set)


PEOPLE = List(
    key="people",
    title=Words("人员", "People"),
    columns=(
        Column("name", Words("姓名", "Name"), card="title", fixed=True, sort=Person.name),
        Column("place", Words("单位或地区", "Unit or region"), value=_place),
        Column("posts", Words("任职", "Posts"), value=_posts),
        Column("username", Words("用户名", "User name"), value=_username, card="named"),
        Column(
            "phone",
            Words("手机号码", "Phone"),
            value=lambda row: row["phone"] or row["login_phone"],
            mask="phone",
        ),
        Column("id_number", Words("身份证号码", "ID number"), mask="id"),
        Column("state", Words("账号", "Account"), value=_state, card="mark"),
        Column("signed_in_at", Words("最近登录", "Last sign-in"), kind="moment", card="named"),
        Column(
            "created_at", Words("录入时间", "Entered"), kind="moment", sort=Person.id, hidden_at_first=True
        ),
    ),
    query=_people,
    order=(Person.id.desc(),),
    filters=(
        Filter(
            "q",
            Words("姓名、用户名、证件号或手机号", "Name, user name, ID number or phone"),
            "text",
            asked,
            resolve=whom,
        ),
        Filter(
            "region",
            Words("地区", "Region"),
            "tree",
            lambda path, now: authority.seen_of_many([path], now),
            all=Words("全部地区", "All regions"),
        ),
        Filter("unit", Words("单位名称", "Unit"), "text", _in_unit),
        Filter(
            "role",
            Words("担任角色", "Holds the role"),
            "choice",
            _holding,
            lambda session, acting: [(key, role.title) for key, role in house.roles.items()],
            all=Words("全部角色", "All roles"),
        ),
        Filter(
            "state",
            Words("账号状态", "Account"),
            "choice",
            _in_state,
            lambda session, acting: [(key, words) for key, (words, _) in STATES.items()],
            all=Words("全部状态", "All states"),
        ),
        Filter(
            "factor",
            Words("两步验证", "Second factor"),
            "choice",
            _with_factor,
            lambda session, acting: [
                ("set", Words("已设置", "Set up")),
                ("none", Words("未设置", "Not set up")),
            ],
        ),
    ),
    permission=roles.PEOPLE,
    row="id",
    link=lambda row: Link("page", f"/admin/people/{row['id']}"),
    tabs=sections.tabs_of("people"),
    acts=(Act(Words("批量开户", "Accounts in batches"), "/admin/accounts/batch/of"),),
    empty=Words("您管辖的范围内还没有人员。", "There is nobody in your area yet."),
)

LISTS = (PEOPLE,)

sections.enter(
    sections.Section(
        "people",
        Words("人员", "People"),
        Words("查找、查看和维护人员及其账号", "Find people, look after them and their accounts"),
        "list:people",
        frozenset({roles.PEOPLE}),
        "people",
        10,
    ),
    sections.Section(
        "people_new",
        Words("新增人员", "Add a person"),
        Words("录入一人，可同时开通账号、授予岗位", "Enter somebody, with an account and a post if wanted"),
        "admin.new_person",
        frozenset({roles.PEOPLE}),
        "people",
        11,
    ),
)
