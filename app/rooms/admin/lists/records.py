"""The record of who did what as lists: signing in, operations, what was taken out or seen in full (C-32, C-39)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, literal, or_, select
from sqlalchemy.orm import Session, aliased

from app.platform import audit
from app.platform.audit.entities import AuditRow
from app.platform.identity import people, roles, subjects
from app.platform.identity.entities import Account, Person, Region, Unit
from app.platform.lists import Chip, Column, Filter, Link, List, Rows, contains, during
from app.platform.lists.definition import EMPTY
from app.platform.registry import Acting, Words, house
from app.rooms.admin import happenings, sections

Doer = aliased(Person)
LOGS = roles.LOGS
TABS = sections.tabs_of("record")
HIDDEN = frozenset(
    (
        "address",
        "agent",
        "account",
        "post",
        "instance",
        "errand",
        "batch",
        "file",
        "import",
        "token",
        "view",
        "id",
    )
)
"""What a line leaves out of a body, ids mostly; the row's own page shows it."""
_ID = re.compile("[0-9a-z]{26}")
SHOWN = 160  # characters of a body on a line; its page shows all
_ROW = (AuditRow.stream + literal("~") + cast(AuditRow.seq, String)).label("row")


def _query(among: ColumnElement[bool]) -> Callable[[Session, Acting, datetime], Rows]:
    def query(session: Session, acting: Acting, now: datetime) -> Rows:
        return (
            select(
                _ROW,
                AuditRow.at,
                AuditRow.kind,
                AuditRow.by_id,
                AuditRow.about,
                AuditRow.key_id,
                AuditRow.body,
                Doer.name.label("doer"),
                Account.username,
            )
            .outerjoin(Doer, Doer.id == AuditRow.by_id)
            .outerjoin(Account, Account.person_id == AuditRow.by_id)
            .where(among)
        )

    return query


def told(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows with their bodies opened, and the names of whom, of which places and subjects they speak.

    Four statements, and one for each kind of subject among them.
    """
    opened = audit.bodies(session, ((row["key_id"], row["body"]) for row in rows))
    about = {
        row["about"].removeprefix("person:") for row in rows if (row["about"] or "").startswith("person:")
    }
    names = people.names(session, about) if about else {}
    units = {row["about"][5:] for row in rows if (row["about"] or "").startswith("unit:")}
    if units:
        names |= dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(units))).all())
    paths = {body["place"] for body in opened if body and body.get("place")}
    places = dict(session.execute(select(Region.path, Region.full_name).where(Region.path.in_(paths))).all())
    named = subjects.names(session, (held for body in opened if body and (held := held_for(body))))
    return [
        {**row, "said": said and in_words(said, places, named), "about_said": _about(row["about"], names)}
        for row, said in zip(rows, opened, strict=True)
    ]


def held_for(body: Mapping[str, Any]) -> subjects.Held | None:
    """The role and the subject that a body speaks of."""
    role, subject = body.get("role"), body.get("subject")
    return (role, subject) if isinstance(role, str) and isinstance(subject, str) else None


def in_words(
    body: Mapping[str, Any], places: Mapping[str, str], named_subjects: Mapping[subjects.Held, Words]
) -> dict[str, Any]:
    """A body with its role, place and subject by their names, and its codes in words."""
    role = house.roles.get(str(body.get("role")))
    named: dict[str, Any] = {"role": role.title} if role else {}
    if body.get("place") in places:
        named["place"] = places[body["place"]]
    held = held_for(body)
    if held in named_subjects:
        named["subject"] = named_subjects[held]
    coded = {
        key: words[str(body[key])] for key, words in happenings.VALUES.items() if str(body.get(key)) in words
    }
    return {**body, **coded, **named}


def _about(about: str | None, names: Mapping[str, str]) -> str:
    kind, _, key = (about or "").partition(":")
    if kind in ("person", "unit"):
        return names.get(key, key)
    return "" if kind == "errand" or _ID.fullmatch(kind) else about or ""


def _doer(row: Mapping[str, Any]) -> Any:
    if row["doer"] and row["username"]:
        return Words(f"{row['doer']}（{row['username']}）", f"{row['doer']} ({row['username']})")
    if row["doer"]:
        return str(row["doer"])
    return str(row["by_id"] or "")


def _said(row: Mapping[str, Any]) -> Any:
    if row["said"] is None:
        return Words("（内容已清除）", "(erased)")
    shown = {
        key: value
        for key, value in row["said"].items()
        if key not in HIDDEN and value not in (None, "", "*", [], {}, subjects.NONE)
    }
    zh = "；".join(f"{happenings.fact(key).zh}：{_plain(value, 'zh')}" for key, value in shown.items())
    en = "; ".join(f"{happenings.fact(key).en}: {_plain(value, 'en')}" for key, value in shown.items())
    return Words(_cut(zh), _cut(en))


def _plain(value: Any, language: str) -> str:
    if isinstance(value, Words):
        return value.said(language)
    return (
        ("、" if language == "zh" else ", ").join(map(str, value)) if isinstance(value, list) else str(value)
    )


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _fact(key: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda row: str((row["said"] or {}).get(key, ""))


def _kind(row: Mapping[str, Any]) -> Chip:
    bad = row["kind"] in happenings.FAILURES
    return Chip(happenings.of(row["kind"]), "bad" if bad else "plain")


def _whose(text: str, now: datetime) -> ColumnElement[bool]:
    found = (
        select(Person.id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(or_(contains(text, Person.name), Account.username == text.casefold()))
    )
    return or_(AuditRow.by_id.in_(found), AuditRow.by_id == text)


def _about_whom(text: str, now: datetime) -> ColumnElement[bool]:
    found = (
        select(literal("person:") + Person.id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(or_(contains(text, Person.name), Account.username == text.casefold()))
    )
    return or_(AuditRow.about.in_(found), AuditRow.about == text)


def _kinds(table: Callable[[], Mapping[str, Words]]) -> Callable[[Session, Acting], list[tuple[str, Words]]]:
    return lambda session, acting: list(table().items())


AT = Column("at", Words("时间", "When"), kind="moment", sort=AuditRow.at, card="mark", fixed=True)
WHO = Column("doer", Words("操作人", "Who"), value=_doer, card="title", fixed=True)
WHAT = Column("kind", Words("操作", "What"), value=_kind, fixed=True)
ABOUT = Column("about_said", Words("对象", "About"), card="named")
SAID = Column("said", Words("内容", "Details"), value=_said)
WHERE = Column("address", Words("地址", "Address"), value=_fact("address"), card="named")
AGENT = Column("agent", Words("浏览器", "Browser"), value=_fact("agent"), hidden_at_first=True, card="none")
BY = Filter("who", Words("操作人", "Who"), "text", _whose)
OF = Filter("about", Words("对象", "About"), "text", _about_whom)
WHEN = Filter("at", Words("时间", "When"), "period", lambda days, now: during(AuditRow.at, days))


def _list(
    key: str,
    title: Words,
    among: ColumnElement[bool],
    columns: tuple[Column, ...],
    kinds: Callable[[], Mapping[str, Words]],
    empty: Words = EMPTY,
) -> List:
    return List(
        key=key,
        title=title,
        columns=columns,
        query=_query(among),
        order=(AuditRow.at.desc(), AuditRow.stream.desc(), AuditRow.seq.desc()),
        filters=(
            BY,
            OF,
            Filter(
                "kind",
                Words("操作", "What"),
                "choice",
                lambda code, now: AuditRow.kind == code,
                _kinds(kinds),
            ),
            WHEN,
        ),
        permission=LOGS,
        link=lambda row: Link("page", f"/admin/records/{row['row'].replace('~', '/')}"),
        row="row",
        tabs=TABS,
        more=told,
        size=20,
        empty=empty,
    )


LISTS = (
    _list(
        "operations",
        Words("操作日志", "Operations"),
        AuditRow.kind.not_in(sorted(happenings.ELSEWHERE)),
        (AT, WHO, WHAT, ABOUT, SAID),
        happenings.operations,
    ),
    _list(
        "signing",
        Words("登录日志", "Signing in"),
        AuditRow.kind.in_(list(happenings.SIGNING_IN)),
        (AT, WHO, WHAT, WHERE, ABOUT, AGENT),
        lambda: happenings.SIGNING_IN,
    ),
    _list(
        "taken_out",
        Words("导出日志", "Exports"),
        AuditRow.kind.in_(list(happenings.TAKEN_OUT)),
        (AT, WHO, WHAT, SAID),
        lambda: happenings.TAKEN_OUT,
        Words("还没有人导出过数据。", "Nobody has taken anything out yet."),
    ),
    _list(
        "revealed",
        Words("敏感信息查看", "Seen in full"),
        AuditRow.kind.in_(list(happenings.REVEALED)),
        (AT, WHO, WHAT, ABOUT, SAID),
        lambda: happenings.REVEALED,
        Words("还没有人查看过完整号码。", "Nobody has seen a number in full yet."),
    ),
)
