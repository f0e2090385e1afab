"""Leaving (离岗交接): one act hands over open work, posts and substitutions; what it shows is what it does."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import orjson
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from app.platform import audit, notices
from app.platform.data import transaction
from app.platform.identity import accounts, authority, posts, roles, sessions
from app.platform.identity.entities import Account, HeldPost, Person
from app.platform.identity.messages import Refusal
from app.platform.personnel import taking_over
from app.platform.registry import Acting, Post, Words
from app.platform.runtime import handing_on, substitutes
from app.platform.runtime.entities import Draft, Question, Substitute
from app.platform.runtime.handing_on import Fate
from app.platform.runtime.notice_kinds import ARRIVED

LONGEST_REASON = 500


class Changed(Exception):
    """What would move is no longer what was shown: it must be looked at again (409)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who takes over. `successor` takes all open work but that of `processes` (key → person).

    `posts`: post → who is given it; the others end. `disables`: the account is shut.
    """

    successor: str | None
    reason: str
    processes: Mapping[str, str] = field(default_factory=dict)
    posts: Mapping[str, str] = field(default_factory=dict)
    disables: bool = True


@dataclass(frozen=True, slots=True)
class PostFate:
    """What becomes of a post: ended, given on to `to` and ended, or (`why`) left where it is."""

    post: Post
    until_at: datetime | None
    becomes: Literal["ended", "given", "stays"]
    to: str | None = None
    to_name: str = ""
    why: Words | None = None


@dataclass(frozen=True, slots=True)
class StandingFate:
    """What becomes of a substitution. `other`: the one who stands in for him, or for whom he stands in."""

    id: str
    is_absent: bool
    other: str
    other_name: str
    until_at: datetime
    becomes: Literal["ended", "given"]
    to: str | None = None
    to_name: str = ""
    why: Words | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything that leaving does, and what it leaves alone: how many questions wait for him, and drafts of his.

    `mark` tells this preview from any other.
    """

    work: tuple[Fate, ...]
    posts: tuple[PostFate, ...]
    standings: tuple[StandingFate, ...]
    questions: int
    drafts: int
    disables: bool
    mark: str = ""


def preview(session: Session, person: str, plan: Plan, by: Acting, now: datetime) -> Preview:
    """Draw up what `leave` would do now. Nothing is written. Raises `Refusal` as `leave` does."""
    _mind(session, person, by, now)
    return _drawn_up(session, person, plan, by, now)


def leave(session: Session, person: str, plan: Plan, mark: str, by: Acting, now: datetime) -> Preview:
    """Hand everything over in one transaction, exactly as the preview with `mark` says; return what was done.

    Raises `Changed`, and `Refusal`: unknown_person, person_elsewhere, person_higher, own_leave, reason_needed.
    """
    if not plan.reason.strip():
        raise Refusal("reason_needed", "reason")
    with transaction(session):
        for one in sorted({person, by.person, *filter(None, [plan.successor]), *plan.posts.values()}):
            posts.lock(session, one)
        _mind(session, person, by, now)
        held = handing_on.hold(session, handing_on.instances_of(session, person), by, now)
        drawn = _drawn_up(session, person, plan, by, now)
        moving = [fate for fate in drawn.work if fate.becomes != "stays"]
        if drawn.mark != mark or any(fate.instance not in held for fate in moving):
            raise Changed()
        handing_on.carry_out(session, drawn.work, held, plan.reason, now)
        _hand_posts(session, drawn, by, now)
        _hand_standings(session, drawn, by, now)
        if plan.disables and _has_account(session, person):
            accounts.disable(session, person, by, now)
        else:
            sessions.end_all(session, person)
        _tell(session, person, drawn, by, now)
        said = {
            "moved": sum(fate.becomes == "moves" for fate in drawn.work),
            "released": sum(fate.becomes == "released" for fate in drawn.work),
            "left": sum(fate.becomes == "stays" for fate in drawn.work),
            "posts": [fate.post.id for fate in drawn.posts if fate.becomes != "stays"],
            "substitutions": [fate.id for fate in drawn.standings],
            "to": sorted(_heirs_of(drawn)),
            "reason": plan.reason,
            "disabled": plan.disables,
        }
        audit.log(session, "personnel", "person.left", by, now, said, f"person:{person}")
        return drawn


def _mind(session: Session, person: str, by: Acting, now: datetime) -> None:
    seen = select(Person.id).where(Person.id == person, authority.visible(by, now))
    if session.scalar(seen) is None:
        raise Refusal("unknown_person")
    if person == by.person:
        raise Refusal("own_leave")
    refused = authority.why_not_manage(session, person, by, now)
    if refused is not None:
        raise refused


def _drawn_up(session: Session, person: str, plan: Plan, by: Acting, now: datetime) -> Preview:
    reach = roles.reach_of(by, roles.PEOPLE)
    # Nobody takes over from himself.
    named = {key: to for key, to in plan.processes.items() if to and to != person}
    successor = plan.successor if plan.successor and plan.successor != person else None
    work = tuple(handing_on.draw_up(session, person, successor, named, reach, now))
    posts_ = tuple(_posts(session, person, plan, by, now))
    standings = tuple(_standings(session, person, successor, by, now))
    asked = session.scalar(
        select(func.count())
        .select_from(Question)
        .where(Question.to_id == person, Question.closed_at.is_(None))
    )
    drafts = session.scalar(select(func.count()).select_from(Draft).where(Draft.person_id == person))
    said = [
        [(one.task, one.seat, one.becomes, one.to, one.why) for one in work],
        [(one.post.id, one.becomes, one.to) for one in posts_],
        [(one.id, one.becomes, one.to) for one in standings],
        plan.disables,
    ]
    mark = hashlib.sha256(orjson.dumps(said)).hexdigest()[:32]
    return Preview(work, posts_, standings, asked or 0, drafts or 0, plan.disables, mark)


def _posts(session: Session, person: str, plan: Plan, by: Acting, now: datetime) -> list[PostFate]:
    rows = session.execute(
        select(HeldPost.__table__)
        .where(
            HeldPost.person_id == person,
            HeldPost.ended_at.is_(None),
            or_(HeldPost.until_at.is_(None), HeldPost.until_at > now),
        )
        .order_by(HeldPost.id)
    ).all()
    wanted = {to for to in plan.posts.values() if to}
    named = session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted))).all()
    names: dict[str, str] = {row.id: row.name for row in named}
    found = []
    for row in rows:
        post, to = Post(row.id, row.role, row.place, row.subject), plan.posts.get(row.id)
        refused = authority.why_not_take(session, row.person_id, row, by, now)
        if refused is not None:
            found.append(PostFate(post, row.until_at, "stays", why=_words(refused)))
            continue
        if not to or to == person:
            found.append(PostFate(post, row.until_at, "ended"))
            continue
        refused = _why_not_given(session, row, to, names, by, now)
        if refused is not None:
            found.append(PostFate(post, row.until_at, "ended", why=_words(refused)))
        else:
            found.append(PostFate(post, row.until_at, "given", to, names[to]))
    return found


def _why_not_given(
    session: Session, row: Any, to: str, names: Mapping[str, str], by: Acting, now: datetime
) -> Refusal | None:
    if to not in names:
        return Refusal("unknown_person")
    if to == by.person:
        return Refusal("own_post")
    wanted = authority.Wanted(row.role, row.place, row.subject, until_at=row.until_at)
    return authority.why_not(session, wanted, by, now) or posts.apart(session, to, row.role, now)


def _standings(
    session: Session, person: str, successor: str | None, by: Acting, now: datetime
) -> list[StandingFate]:
    found = []
    heirs = select(Person.name).join(Account, Account.person_id == Person.id)
    able = heirs.where(Person.id == successor, Account.is_disabled.is_(False))
    name = session.scalar(able) if successor else None
    for one in reversed(substitutes.of(session, person)):
        if one.ended_at is not None or one.until_at <= now:
            continue
        is_absent = one.person == person
        other, other_name = (
            (one.substitute, one.substitute_name) if is_absent else (one.person, one.person_name)
        )
        fate = StandingFate(one.id, is_absent, other, other_name, one.until_at, "ended")
        if not is_absent and successor is not None and name is not None and successor != other:
            refused = authority.why_not_manage(session, other, by, now)
            fate = StandingFate(
                one.id,
                is_absent,
                other,
                other_name,
                one.until_at,
                "ended" if refused else "given",
                None if refused else successor,
                "" if refused else name,
                _words(refused) if refused else None,
            )
        found.append(fate)
    return found


def _hand_posts(session: Session, drawn: Preview, by: Acting, now: datetime) -> None:
    for fate in drawn.posts:
        if fate.becomes == "given" and fate.to is not None:
            post = fate.post
            wanted = authority.Wanted(post.role, post.place, post.subject, until_at=fate.until_at)
            taking_over.give(session, fate.to, wanted, by, now)
        if fate.becomes != "stays":
            authority.take(session, fate.post.id, by, now)


def _hand_standings(session: Session, drawn: Preview, by: Acting, now: datetime) -> None:
    for fate in drawn.standings:
        row = session.execute(select(Substitute.__table__).where(Substitute.id == fate.id)).one()
        session.execute(update(Substitute).where(Substitute.id == fate.id).values(ended_at=now))
        said = {"id": fate.id, "substitute": row.substitute_id}
        audit.log(session, "runtime", "substitute.ended", by, now, said, f"person:{row.person_id}")
        if fate.becomes == "given" and fate.to is not None:
            begins = max(row.from_at, now)
            substitutes.appoint(session, fate.other, fate.to, begins, row.until_at, row.processes, by, now)


def _tell(session: Session, person: str, drawn: Preview, by: Acting, now: datetime) -> None:
    name = session.scalar(select(Person.name).where(Person.id == person)) or ""
    told = []
    for to in sorted({fate.to for fate in drawn.work if fate.to}):
        count = sum(fate.to == to and fate.seat is None for fate in drawn.work)
        if not count or to == by.person:
            continue
        text = Words(
            f"{name}离岗，{by.name}将其待办的{count}项任务交给您办理，请到待办中查看。",
            f"{name} has left; {by.name} has handed {count} open tasks over to you. They are in your inbox.",
        )
        title = Words(f"离岗交接：{name}", f"Handed over from {name}")
        told.append(notices.Letter((to,), title, text, ARRIVED))
    if told:
        notices.post(session, told, now)


def _heirs_of(drawn: Preview) -> set[str]:
    work, given = {one.to for one in drawn.work}, {one.to for one in drawn.posts}
    return {to for to in work | given | {one.to for one in drawn.standings} if to}


def _has_account(session: Session, person: str) -> bool:
    return session.scalar(select(Account.person_id).where(Account.person_id == person)) is not None


def _words(refused: Refusal) -> Words:
    return Words(refused.message("zh"), refused.message("en"))
