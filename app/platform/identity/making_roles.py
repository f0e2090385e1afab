"""Roles an administrator makes here, beside those of the leases; and who may give which."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from app.platform import audit, settings
from app.platform.data import transaction
from app.platform.identity import posts, roles
from app.platform.identity.authority import GIVERS
from app.platform.identity.entities import HeldPost, MadeRole, Person
from app.platform.registry import Acting, Refused, Role, Words, house

PREFIX: Final = "made."
PLACES: Final = ("none", "region", "unit")
REACHES: Final = ("here", "below")
LONGEST: Final = 60
SLUG = re.compile(r"[a-z][a-z0-9_]{1,39}", re.ASCII)

Use = Callable[[Session, str], bool]
_uses: list[Use] = []


@dataclass(frozen=True, slots=True)
class Draft:
    """A role as it is wanted. `slug` is what stands behind `made.` in its key, fixed once it is made."""

    slug: str
    title: Words
    place: str = "none"
    reach: str = "here"
    subject: str | None = None
    permissions: frozenset[str] = frozenset()
    given_by: frozenset[str] = frozenset()
    second_factor: bool = False


def use(asks: Use) -> Use:
    """Register `asks(session, role)`: whether something that lies higher names a role, so that it cannot be removed."""
    if asks not in _uses:
        _uses.append(asks)
    return asks


@settings.on_change
def read(session: Session) -> None:
    """Enter this database's roles into the house, and take out what another one, or an earlier look, had."""
    rows = session.execute(select(MadeRole.__table__).order_by(MadeRole.key)).all()
    made = [_entered(row) for row in rows if not row.is_off]
    off = {row.key: Words(row.title_zh, row.title_en) for row in rows if row.is_off}
    roles.enter_made(made, off)


def known_permissions() -> dict[str, list[str]]:
    """The permissions that leases and the house declare, by code, and which of their roles carry each."""
    found: dict[str, list[str]] = {}
    for role in house.roles.values():
        if not role.is_made:
            for code in role.permissions:
                found.setdefault(code, []).append(role.key)
    return dict(sorted(found.items()))


def known_subjects() -> list[str]:
    """The kinds of subject that roles of the leases have."""
    return sorted({role.subject for role in house.roles.values() if role.subject and not role.is_made})


def make(session: Session, draft: Draft, by: Acting, now: datetime) -> str:
    """Make a role; return its key. Raises `Refused`, naming the field."""
    if not SLUG.fullmatch(draft.slug):
        raise Refused(
            "代码以小写字母开头，2至40个小写字母、数字或下划线",
            "The code begins with a small letter: 2 to 40 small letters, digits or underscores",
            "slug",
        )
    key = PREFIX + draft.slug
    wanted = _checked(key, draft)
    with transaction(session):
        settings.touch(session)
        if session.scalar(select(MadeRole.key).where(MadeRole.key == key)) is not None:
            raise Refused("该代码已被使用，请换一个", "There is such a role already", "slug")
        session.execute(insert(MadeRole).values(key=key, changed_at=now, **wanted))
        _log(session, "role.made", by, now, key, None, wanted)
    return key


def change(session: Session, key: str, draft: Draft, by: Acting, now: datetime) -> bool:
    """Make a role another one; whether anything changed. Raises `KeyError`, `Refused`.

    While somebody holds it, it keeps its kind of place and subject. Whoever holds it himself changes no more than
    what it is called: nobody gives himself anything.
    """
    wanted = _checked(key, draft)
    with transaction(session):
        settings.touch(session)
        before = _row(session, key)
        was = {name: before[name] for name in wanted}
        if was == wanted:
            return False
        held = _holders(session, key, now)
        if held and (was["place"], was["subject"]) != (wanted["place"], wanted["subject"]):
            raise Refused(
                f"现有{len(held)}人担任该角色，不能更改任职范围和事项类别",
                f"{len(held)} people hold this role: its kind of place and subject stay as they are",
                "place",
            )
        if by.person in held and any(
            was[name] != wanted[name] for name in wanted if not name.startswith("title")
        ):
            raise Refused(
                "您本人担任该角色，只能修改名称；其他内容请由另一位管理员修改",
                "You hold this role yourself: you may change its name only; ask another administrator for the rest",
                "permissions",
            )
        _keep_apart(session, key, wanted["permissions"], held, now)
        session.execute(update(MadeRole).where(MadeRole.key == key).values(changed_at=now, **wanted))
        differs = [name for name in wanted if was[name] != wanted[name]]
        _log(
            session,
            "role.changed",
            by,
            now,
            key,
            {name: was[name] for name in differs},
            {name: wanted[name] for name in differs},
        )
        if set(differs) & {"place", "reach", "subject"}:
            posts.tell_of(session, now, role=key)
            posts.tell_given(session, [(key, "")], now)
    return True


def turn(session: Session, key: str, is_off: bool, by: Acting, now: datetime) -> None:
    """Switch a role off, so that it gives nothing, or on again. Raises `KeyError`, `Refused`."""
    with transaction(session):
        settings.touch(session)
        before = _row(session, key)
        if before["is_off"] == is_off:
            return
        held = _holders(session, key, now)
        if not is_off:
            if by.person in held:
                raise Refused(
                    "您本人担任该角色，请由另一位管理员启用",
                    "You hold this role yourself: ask another administrator to switch it on",
                )
            _keep_apart(session, key, before["permissions"], held, now)
        session.execute(update(MadeRole).where(MadeRole.key == key).values(is_off=is_off, changed_at=now))
        _log(session, "role.turned", by, now, key, {"is_off": not is_off}, {"is_off": is_off})
        posts.tell_of(session, now, role=key)
        if not is_off:
            posts.tell_given(session, [(key, "")], now)


def remove(session: Session, key: str, by: Acting, now: datetime) -> None:
    """Remove a role that was never held and that no published process names. Raises `KeyError`, `Refused`."""
    with transaction(session):
        settings.touch(session)
        before = _row(session, key)
        why = why_stays(session, key)
        if why is not None:
            raise Refused(*why)
        session.execute(delete(MadeRole).where(MadeRole.key == key))
        _log(session, "role.removed", by, now, key, {"title_zh": before["title_zh"]}, None)


def why_stays(session: Session, key: str) -> Words | None:
    """Why a role cannot be removed; None where it can."""
    ever = session.scalar(select(func.count()).where(HeldPost.role == key)) or 0
    if ever:
        return Words(
            "该角色有任职记录，不能删除，只能停用",
            "This role is or was held: it can only be switched off",
        )
    if any(asks(session, key) for asks in _uses):
        return Words(
            "已发布的流程使用该角色，不能删除，只能停用",
            "A published process names this role: it can only be switched off",
        )
    return None


def held_by(session: Session, now: datetime) -> dict[str, int]:
    """How many people hold each role now or later."""
    rows = session.execute(
        select(HeldPost.role, func.count(HeldPost.person_id.distinct()))
        .where(HeldPost.ended_at.is_(None), or_(HeldPost.until_at.is_(None), HeldPost.until_at > now))
        .group_by(HeldPost.role)
    )
    return {row[0]: row[1] for row in rows}


def set_givers(session: Session, key: str, givers: Iterable[str], by: Acting, now: datetime) -> bool:
    """Say which roles' holders may give `key` besides those its lease names. Raises `KeyError`, `Refused`."""
    facts = house.roles[key]
    wanted = sorted(set(givers) - facts.given_by)
    _all_known(wanted)
    with transaction(session):
        settings.touch(session)
        now_there = dict(settings.stored(session, GIVERS) or {})
        rest = {role: names for role, names in now_there.items() if role != key}
        return settings.change(session, GIVERS, (rest | ({key: wanted} if wanted else {})) or None, by, now)


def every(session: Session) -> list[tuple[Role, bool]]:
    """All roles: of the leases and the house, then those made here; each with whether it is off."""
    made = session.execute(select(MadeRole.__table__).order_by(MadeRole.key)).all()
    leased = [(role, False) for role in house.roles.values() if not role.is_made]
    return leased + [(_entered(row), row.is_off) for row in made]


def one(session: Session, key: str) -> tuple[Role, bool] | None:
    """A role by its key, with whether it is off."""
    facts = house.roles.get(key)
    if facts is not None and not facts.is_made:
        return facts, False
    row = session.execute(select(MadeRole.__table__).where(MadeRole.key == key)).first()
    return (_entered(row), row.is_off) if row else None


def _entered(row: Any) -> Role:
    return Role(
        row.key,
        Words(row.title_zh, row.title_en),
        place=cast(Literal["none", "region", "unit"], row.place),
        subject=row.subject,
        reach=cast(Literal["here", "below"], row.reach),
        permissions=frozenset(row.permissions),
        given_by=frozenset(row.given_by),
        second_factor=row.second_factor,
        is_made=True,
    )


def _checked(key: str, draft: Draft) -> dict[str, Any]:
    """The row as it is to be."""
    zh, en = draft.title.zh.strip(), draft.title.en.strip()
    if not 0 < len(zh) <= LONGEST:
        raise Refused(
            "请填写角色名称，最多60个字", "Please name the role, in at most 60 characters", "title_zh"
        )
    if len(en) > LONGEST:
        raise Refused("英文名称最多60个字符", "The English name has at most 60 characters", "title_en")
    if draft.place not in PLACES:
        raise Refused("请选择任职范围", "Please choose where the role is held", "place")
    if draft.reach not in REACHES:
        raise Refused("请选择管辖范围", "Please choose how far the role reaches", "reach")
    if draft.subject is not None and draft.subject not in known_subjects():
        raise Refused("请从列表中选择事项类别", "Please choose a kind of subject of the list", "subject")
    strange = sorted(draft.permissions - known_permissions().keys())
    if strange:
        raise Refused(
            f"没有权限{strange[0]}，请重新选择", f"There is no permission {strange[0]}", "permissions"
        )
    if len({roles.SIDES[code] for code in draft.permissions if code in roles.SIDES}) > 1:
        raise Refused(
            "系统管理、安全管理和审计管理的权限不能合在一个角色里（三员分立）",
            "Permissions of the system, security and audit sides are never in one role",
            "permissions",
        )
    _all_known(draft.given_by - {key})
    return {
        "title_zh": zh,
        "title_en": en,
        "place": draft.place,
        "subject": draft.subject,
        "reach": "here" if draft.place == "none" else draft.reach,
        "permissions": sorted(draft.permissions),
        "given_by": sorted(draft.given_by),
        "second_factor": draft.second_factor
        or any(code.startswith("platform.") for code in draft.permissions),  # C-50
    }


def _all_known(keys: Iterable[str]) -> None:
    strange = next((key for key in sorted(keys) if key not in house.roles), None)
    if strange is not None:
        raise Refused(f"没有角色{strange}，请重新选择", f"There is no role {strange}", "given_by")


def _row(session: Session, key: str) -> dict[str, Any]:
    row = session.execute(select(MadeRole.__table__).where(MadeRole.key == key)).first()
    if row is None:
        raise KeyError(key)
    return dict(row._mapping)


def _holders(session: Session, key: str, now: datetime) -> set[str]:
    """Who holds a role now or will, in turn with whoever gives them a post at this moment."""
    people = select(HeldPost.person_id).where(HeldPost.role == key, _open(now)).distinct()
    return set(
        session.scalars(select(Person.id).where(Person.id.in_(people)).order_by(Person.id).with_for_update())
    )


def _keep_apart(
    session: Session, key: str, permissions: Iterable[str], held: set[str], now: datetime
) -> None:
    """Nobody who holds the role may come to hold permissions of two sides by what it becomes (三员分立)."""
    side = {roles.SIDES[code] for code in permissions if code in roles.SIDES}
    if not side or not held:
        return
    others = [role for role in house.roles if role != key and roles.sides(role) - side]
    torn = session.scalar(
        select(func.count(HeldPost.person_id.distinct())).where(
            HeldPost.person_id.in_(select(HeldPost.person_id).where(HeldPost.role == key, _open(now))),
            HeldPost.role.in_(others),
            _open(now),
        )
    )
    if torn:
        raise Refused(
            f"有{torn}位担任该角色的人员同时担任另一方的管理员，不能这样修改（三员分立）",
            f"{torn} holders of this role are administrators of another side: it cannot become this",
            "permissions",
        )


def _open(now: datetime) -> Any:
    return HeldPost.ended_at.is_(None) & (HeldPost.until_at.is_(None) | (HeldPost.until_at > now))


def _log(session: Session, kind: str, by: Acting, now: datetime, key: str, before: Any, after: Any) -> None:
    audit.log(session, "settings", kind, by, now, {"before": before, "after": after}, f"role:{key}")
