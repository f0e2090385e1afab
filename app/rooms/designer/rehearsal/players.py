"""Who may play in a rehearsal: the roles, places and subjects a page offers, and what was chosen of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from app.platform.design.cast import ANYBODY
from app.platform.design.moves import Who
from app.platform.design.receivers import Receiver
from app.platform.design.rehearsing import Run
from app.platform.engine import Definition
from app.platform.identity import posts, roles
from app.platform.identity.entities import HeldPost
from app.platform.registry import Words, house
from app.rooms.designer.rehearsal import where
from app.rooms.web.language import said

MOST = 200


@dataclass(frozen=True, slots=True)
class Chooser:
    """What one may choose of: whoever really gets it (value, name), roles (key, title), places (code, name), subjects.

    `chosen` counts, and `place` is what its place is called; `by_role` tells that a role is what was chosen.
    """

    real: tuple[tuple[str, str], ...]
    roles: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, str], ...]
    subjects: tuple[tuple[str, str], ...]
    chosen: Who
    has_place: bool
    place: str

    @property
    def by_role(self) -> bool:
        """Whether somebody is to be played who need not be there."""
        return str(self.chosen) not in {value for value, _name in self.real}


def at_start(run: Run, asked: Mapping[str, str]) -> Chooser:
    """Who may start what is rehearsed; the first who may, where nothing was chosen."""
    keys = [rule.partition("@")[0] for rule in run.program.definition.starts] or _lane_roles(run)
    if ANYBODY in keys:  # who holds a post starts under it, and his place is the chain's
        keys += [role for role in _placed(run) if role not in keys]
    chosen = _asked(run, asked)
    if chosen is None or not chosen.role:
        role = keys[0] if keys else ANYBODY
        held = _held(run, [role])
        chosen = Who(role, held[0][0] if held and _has_place(role) else "")
    return _chooser(run, (), keys or [ANYBODY], chosen)


def at_task(
    run: Run, people: Sequence[Receiver], office: Who, asked: Mapping[str, str], role: str | None
) -> Chooser:
    """Who may play at an open task: who really gets it first, else its own role, else any role of the chain."""
    real = tuple((str(run.cast.names.get(one.person, Who(person=one.person))), _named(one)) for one in people)
    chosen = _asked(run, asked)
    if chosen is None:
        chosen = Who.read(real[0][0]) if real else office if office.role else Who(role or ANYBODY)
    keys = list(dict.fromkeys([*([role] if role else []), *_lane_roles(run)])) or [ANYBODY]
    return _chooser(run, real, keys, chosen)


def _named(one: Receiver) -> str:
    return (
        _("%(name)s（代%(principal)s）", name=one.name, principal=one.for_name) if one.for_name else one.name
    )


def _chooser(run: Run, real: tuple[tuple[str, str], ...], keys: Sequence[str], chosen: Who) -> Chooser:
    offered = list(dict.fromkeys([*keys, *([chosen.role] if chosen.role else [])]))
    return Chooser(
        real,
        tuple((key, _("任何登录用户") if key == ANYBODY else said(roles.title_of(key))) for key in offered),
        tuple(_held(run, offered)),
        _subjects(run, chosen.role or (offered[0] if offered else "")),
        chosen,
        _has_place(chosen.role) or any(map(_has_place, offered)),
        where.name_of(run.session, chosen.place),
    )


def _lane_roles(run: Run) -> list[str]:
    definition: Definition = run.program.definition
    return list(dict.fromkeys(task.role for task in definition.tasks.values() if task.role))


def _has_place(role: str) -> bool:
    return role in house.roles and house.roles[role].place != "none"


def _placed(run: Run) -> list[str]:
    """The roles somebody holds at some place today, as they are called."""
    found = run.session.scalars(
        select(HeldPost.role).where(HeldPost.place != "", posts.live(run.clock)).distinct()
    )
    return sorted(set(found) & house.roles.keys(), key=lambda role: said(roles.title_of(role)))


def _held(run: Run, keys: Sequence[str]) -> list[tuple[str, str]]:
    """The places at which somebody holds one of these roles today, as (code, name)."""
    found = run.session.scalars(
        select(HeldPost.place)
        .where(HeldPost.role.in_(keys), HeldPost.place != "", posts.live(run.clock))
        .distinct()
        .order_by(HeldPost.place)
        .limit(MOST)
    ).all()
    return list(where.called(run.session, found).items())


def _subjects(run: Run, role: str) -> tuple[tuple[str, str], ...]:
    kind = house.subjects.get(house.roles[role].subject or "") if role in house.roles else None
    if kind is None or kind.offered is None:
        return ()
    offered: Sequence[tuple[str, Words]] = kind.offered(run.session)
    return (("*", _("全部")), *((key, said(words)) for key, words in offered[:MOST]))


def _asked(run: Run, asked: Mapping[str, str]) -> Who | None:
    """Whom the page was asked for; None where it was not. Raises `BadMove`."""
    who = asked.get("_who")
    if who is None:
        return None
    if who != "role":
        return Who.read(who)
    place = where.code(run.session, asked.get("_place", "").strip())
    return Who(asked.get("_role", ""), place, asked.get("_subject") or "*")
