"""The list 代表委员推选: whom a unit has recommended, and what it may do about each (PG-D3, D-06, D-14, D-15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session

from app.platform.identity.entities import Account, Unit
from app.platform.lists import Column, Filter, Link, List, Rows, Verb, contains
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Instance
from app.systems.delegates import candidates, choices, recommending, rules, seats, stages
from app.systems.delegates.entities import Candidate, Congress
from app.systems.delegates.roles import LIAISON

ENABLED, DISABLED = Words("启用", "Enabled"), Words("禁用", "Disabled")
REMOVE = Words(
    "被推荐人将被删除，名额释放，账号关闭。确定注销？",
    "The person is deleted, the seat is free again and the account closed. Remove?",
)
SWITCH_OFF = Words(
    "禁用后该账号不能登录，推荐和名额保留。确定禁用？",
    "The account lets nobody in; recommendation and seat stay. Disable it?",
)


def of_own_units(acting: Acting) -> ColumnElement[bool]:
    """Candidates of the units that `acting` is liaison of, and of no other (D-44)."""
    return or_(false(), *(Candidate.place == post.place for post in acting.holds(LIAISON)))


def _recommended(session: Session, acting: Acting, now: datetime) -> Rows:
    return (
        select(
            Candidate.id,
            Candidate.instance_id,
            Candidate.name,
            Candidate.phone,
            Candidate.identity,
            Candidate.gender,
            Candidate.ethnicity,
            Candidate.party,
            Candidate.second_party,
            Candidate.born_on,
            Candidate.age,
            Candidate.recommended_at,
            Unit.name.label("unit"),
            Congress.name.label("congress"),
            Account.is_disabled,
            Instance.stage_zh,
            Instance.stage_en,
        )
        .join(Congress, Congress.id == Candidate.congress_id)
        .join(Unit, Unit.id == Candidate.unit_id)
        .join(Instance, Instance.id == Candidate.instance_id)
        .outerjoin(Account, Account.person_id == Candidate.person_id)
        .where(Candidate.removed_at.is_(None), of_own_units(acting))
    )


def party_of(row: Mapping[str, Any]) -> Words | None:
    """党派: one or both; nothing while nothing is said."""
    codes = [code for code in (row["party"], row["second_party"]) if code]
    if not codes:
        return None
    return Words("、".join(codes), "; ".join(choices.said(choices.PARTIES, code, "en") for code in codes))


def gender_of(row: Mapping[str, Any]) -> Words | None:
    """性别 in words."""
    return choices.GENDERS.get(row["gender"] or "")


def ethnicity_of(row: Mapping[str, Any]) -> Words | None:
    """民族 in words."""
    code = row["ethnicity"]
    return Words(code, choices.said(choices.ETHNICITIES, code, "en")) if code else None


def identity_of(row: Mapping[str, Any]) -> Words:
    """身份 in words."""
    return Words(*rules.IDENTITIES[row["identity"]])


def _verbs(row: Mapping[str, Any], acting: Acting) -> Sequence[Verb]:
    here = f"/delegates/candidates/{row['id']}"
    removable = row["stage_zh"] in candidates.REMOVABLE
    switch = (
        Verb(Words("启用", "Enable"), f"{here}/enable", posts=True)
        if row["is_disabled"]
        else Verb(Words("禁用", "Disable"), f"{here}/disable", posts=True, confirm=SWITCH_OFF)
    )
    remove = Words("注销", "Remove")
    return (
        Verb(remove, f"{here}/remove", posts=True, tone="danger", confirm=REMOVE)
        if removable
        else Verb(remove, why_not=recommending.IS_REPORTED),
        switch,
    )


def congresses(session: Session, acting: Acting) -> Sequence[tuple[str, Words]]:
    """所属换届活动: those that one's units are invited to."""
    found = {each.congress: each.congress_name for each in seats.invited(session, acting)}
    return [(congress, Words(name, name)) for congress, name in found.items()]


BY_CONGRESS = Filter(
    "congress",
    Words("所属换届活动", "Congress"),
    "choice",
    lambda code, now: Candidate.congress_id == code,
    congresses,
)
BY_IDENTITY = Filter(
    "identity",
    Words("身份类型", "Role"),
    "choice",
    lambda code, now: Candidate.identity == code,
    lambda session, acting: [(key, Words(*words)) for key, words in rules.IDENTITIES.items()],
)
BY_NAME = Filter("name", Words("姓名", "Name"), "text", lambda text, now: contains(text, Candidate.name))
COLUMNS = (
    Column("unit", Words("推荐单位", "Unit"), card="named"),
    Column("name", Words("姓名", "Name"), card="title", fixed=True),
    Column("gender", Words("性别", "Sex"), value=gender_of),
    Column("ethnicity", Words("民族", "Ethnicity"), value=ethnicity_of),
    Column("party", Words("党派", "Party"), value=party_of),
    Column("born_on", Words("出生日期", "Born"), kind="day", sort=Candidate.born_on),
    Column("age", Words("年龄", "Age"), kind="number", sort=Candidate.age, card="named"),
)
"""What every list of candidates shows first (PG-D3, PG-D5)."""


def file_name(acting: Acting, asked: Mapping[str, Words]) -> str:
    """`代表大会名-参会人员信息` (2.4, Downloads); where no congress was asked for, it says that it is of all."""
    congress = asked.get("congress")
    return f"{congress.zh if congress else '全部大会'}-参会人员信息"


RECOMMENDED = List(
    key="recommended",
    title=Words("代表委员推荐", "Recommendation"),
    search=stages.SEARCH,
    columns=(
        *COLUMNS,
        Column("identity", Words("身份", "Role"), value=identity_of, hidden_at_first=True),
        Column("phone", Words("手机", "Phone"), mask="phone", hidden_at_first=True),
        Column("stage", Words("状态", "State"), value=stages.chip, card="mark", hidden_at_first=True),
        Column(
            "account",
            Words("账号状态", "Account"),
            value=lambda row: DISABLED if row["is_disabled"] else ENABLED,
            hidden_at_first=True,
        ),
    ),
    query=_recommended,
    order=(Candidate.id,),
    filters=(BY_CONGRESS, BY_IDENTITY, BY_NAME),
    permission="d.person.recommend",
    row="id",
    link=lambda row: Link("instance", row["instance_id"], Words("详情", "Details")),
    verbs=_verbs,
    file_name=file_name,
    empty=Words("还没有推荐代表。", "Nobody has been recommended yet."),
)
LISTS = (RECOMMENDED,)
