"""Merging doubles (合并重复人员): what was the one's is the other's, in one act that is what its preview shows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import orjson
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.platform import audit, jobs, notices
from app.platform.data import transaction
from app.platform.identity import authority, passing, people, posts
from app.platform.identity.entities import Account, Person
from app.platform.identity.messages import Refusal
from app.platform.personnel import belonging, history, joined_posts, joined_standings, second_factors
from app.platform.personnel.joined_posts import PostFate
from app.platform.personnel.joined_standings import StandingFate
from app.platform.registry import Acting, Words, house
from app.platform.runtime import handing_on, joining
from app.platform.runtime.entities import Instance, Task
from app.platform.runtime.joining import Fate, Pair

FIELDS: Final = ("name", "id_number", "gender", "birth_on", "ethnicity", "phone", "email", "place")
"""What is kept of a person and may differ. The type of a number goes along with it."""
ADDRESSES: Final = ("phone", "email")
STRAGGLERS: Final = timedelta(minutes=2)
"""After that whatever somebody still wrote who had come in as the one that is gone follows."""

Becomes = Literal["none", "stays", "passes", "closes"]


class Changed(Exception):
    """What would happen is no longer what was shown: it must be looked at again (409)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`drop` becomes `keep`. `fields`: those of `FIELDS` for which the value of `drop` counts."""

    keep: str
    drop: str
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything that merging does. `refused`: why it may not be done; then nothing is.

    `takes`: the fields whose value comes from the one that goes; `account`: what becomes of his account; `judged`: how
    often the one has decided on what the other applied for; `left`: tables with one row for each person, in which his
    stays behind. `mark` tells this preview from any other of the same two; which values were chosen is not part of it.
    """

    work: tuple[Fate, ...]
    posts: tuple[PostFate, ...]
    standings: tuple[StandingFate, ...]
    account: Becomes
    takes: tuple[str, ...]
    fixed: tuple[str, ...]
    counts: Mapping[str, int]
    judged: int
    left: tuple[str, ...]
    refused: tuple[Refusal, ...]
    mark: str = ""


@dataclass(frozen=True, slots=True)
class _Ground:
    """Both as they are, and whose account there will be: `owner`."""

    keep: Person
    drop: Person
    account: Becomes
    owner: str | None
    refused: list[Refusal] = field(default_factory=list)


def preview(session: Session, plan: Plan, by: Acting, now: datetime) -> Preview:
    """Draw up what `merge` would do now. Nothing is written. Raises `Refusal` for whom `by` may not merge at all."""
    _mind(session, plan, by, now)
    return _drawn_up(session, plan, by, now)


def merge(session: Session, plan: Plan, mark: str, by: Acting, now: datetime) -> Preview:
    """Make one of two, in one transaction, exactly as the preview with `mark` says; return what was done.

    It cannot be undone. Raises `Changed`, and `Refusal`: unknown_person, own_merge, same_person, person_merged,
    person_elsewhere, person_higher, merge_access, merge_closed, merge_post, merge_identity, merge_clash,
    addresses_kept.
    """
    with transaction(session):
        for one in sorted({plan.keep, plan.drop, by.person}):
            posts.lock(session, one)
        _mind(session, plan, by, now)
        pair = _pair(session, plan, now)
        instances = joining.instances_of(session, pair)
        held = handing_on.hold(session, instances, by, now)
        drawn = _drawn_up(session, plan, by, now)
        if drawn.refused:
            raise drawn.refused[0]
        if drawn.mark != mark or any(fate.instance not in held for fate in drawn.work):
            raise Changed()
        before = _facts(session, plan)
        session.execute(update(Person).where(Person.id == plan.drop).values(merged_into_id=plan.keep))
        session.expire_all()
        _take_facts(session, plan, drawn, by, now)
        joined_posts.move(session, plan.drop, plan.keep, drawn.posts, by, now)
        joined_standings.hand(session, plan.drop, drawn.standings, by, now)
        if drawn.account == "passes":
            passing.pass_over(session, plan.drop, plan.keep, now)
        else:
            passing.end(session, plan.drop, by, now)
        joining.own(session, pair)
        held = handing_on.hold(session, instances, by, now)
        joining.carry_out(session, drawn.work, held, pair, now)
        moved = belonging.move(session, plan.drop, plan.keep)
        _tell(session, plan, drawn, by, now)
        said = {
            "before": before,
            "after": {**_facts(session, plan), "takes": list(drawn.takes), "account": drawn.account},
            "posts": {fate.post.id: fate.becomes for fate in drawn.posts},
            "substitutions": {fate.id: fate.becomes for fate in drawn.standings},
            "tasks": {fate.task: fate.becomes for fate in drawn.work},
            "rows": {**moved, "runtime_instance": drawn.counts.get("started", 0)},
        }
        for one in (plan.drop, plan.keep):
            audit.log(session, "personnel", history.MERGED, by, now, said, f"person:{one}")
        given = {"drop": plan.drop, "keep": plan.keep}
        jobs.enqueue(session, "personnel/merged", given, now, due=now + STRAGGLERS)
        return drawn


@house.job("personnel/merged")
def follow(session: Session, arguments: Mapping[str, Any], now: datetime) -> None:
    """Let what was written for the one by a verb that had begun before the merge follow. As often as one likes."""
    drop, nobody = str(arguments["drop"]), Acting("", "", "")
    with transaction(session):
        keep = people.who_is(session, drop)
        if keep is None or keep == drop:
            return
        for one in sorted((drop, keep)):
            posts.lock(session, one)
        pair = _pair(session, Plan(keep, drop), now)
        instances = joining.instances_of(session, pair)
        handing_on.hold(session, instances, nobody, now)
        fates = joining.draw_up(session, pair)
        joining.own(session, pair)
        held = handing_on.hold(session, instances, nobody, now)
        joining.carry_out(session, [fate for fate in fates if fate.instance in held], held, pair, now)
        belonging.move(session, drop, keep, [one.table for one in belonging.clashes(session, drop, keep)])


def _mind(session: Session, plan: Plan, by: Acting, now: datetime) -> None:
    """Both are seen and may be changed by `by`, and neither is himself."""
    if by.person in (plan.keep, plan.drop):
        raise Refusal("own_merge")
    if plan.keep == plan.drop:
        raise Refusal("same_person")
    asked = select(Person.id, Person.merged_into_id)
    rows = session.execute(
        asked.where(Person.id.in_([plan.keep, plan.drop]), authority.visible(by, now))
    ).all()
    if len(rows) != 2:
        raise Refusal("unknown_person")
    if any(row.merged_into_id is not None for row in rows):
        raise Refusal("person_merged")
    for one in (plan.keep, plan.drop):
        refused = authority.why_not_manage(session, one, by, now)
        if refused is not None:
            raise refused


def _pair(session: Session, plan: Plan, now: datetime) -> Pair:
    names = people.names(session, {plan.keep, plan.drop})
    both = (*posts.of(session, plan.keep, now), *posts.of(session, plan.drop, now))
    return Pair(plan.drop, plan.keep, names.get(plan.keep, ""), names.get(plan.drop, ""), both)


def _drawn_up(session: Session, plan: Plan, by: Acting, now: datetime) -> Preview:
    ground = _ground(session, plan, by, now)
    work = tuple(joining.draw_up(session, _pair(session, plan, now)))
    fates = tuple(joined_posts.draw_up(session, plan.drop, plan.keep, by, now))
    standings = tuple(joined_standings.draw_up(session, plan.drop, plan.keep, by, now))
    takes, fixed = _takes(session, plan, ground, by, now)
    refused = [*ground.refused, *(fate.why for fate in fates if fate.why is not None)]
    refused += [
        Refusal("merge_clash", kind=_kind(one.table), count=one.count)
        for one in belonging.clashes(session, plan.drop, plan.keep)
    ]
    refused += [Refusal("addresses_kept", one) for one in sorted(plan.fields & set(fixed))]
    said = [
        plan.keep,
        plan.drop,
        fixed,
        ground.account,
        [(one.task, one.seat, one.becomes) for one in work],
        [(one.post.id, one.becomes) for one in fates],
        [(one.id, one.becomes) for one in standings],
        [_digest(person) for person in (ground.keep, ground.drop)],
    ]
    return Preview(
        work,
        fates,
        standings,
        ground.account,
        takes,
        fixed,
        _counts(session, plan.drop),
        _judged(session, plan),
        tuple(belonging.left(session, plan.drop, plan.keep)),
        tuple(refused),
        hashlib.sha256(orjson.dumps(said)).hexdigest()[:32],
    )


def _ground(session: Session, plan: Plan, by: Acting, now: datetime) -> _Ground:
    """Whose account stays, and why `by` may not bring these two under it.

    Whoever signs in then has all that was the other's. Who may merge could have brought that about before: he could
    give every post of the one that comes under the other's account.
    """
    keep, drop = session.get_one(Person, plan.keep), session.get_one(Person, plan.drop)
    mine, his = session.get(Account, plan.keep), session.get(Account, plan.drop)
    has_his = his is not None and his.closed_at is None
    if mine is None:
        ground = _Ground(
            keep,
            drop,
            "passes" if has_his else "none" if his is None else "stays",
            plan.drop if has_his else None,
        )
    else:
        ground = _Ground(keep, drop, "closes" if has_his else "stays", plan.keep)
        if mine.is_disabled and his is not None and not his.is_disabled:
            ground.refused.append(Refusal("merge_closed"))
    if ground.owner is not None:
        other = plan.drop if ground.owner == plan.keep else plan.keep
        if not authority.could_give_all(session, other, by, now):
            ground.refused.append(Refusal("merge_access"))
    return ground


def _takes(
    session: Session, plan: Plan, ground: _Ground, by: Acting, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields that come from the one that goes; and those that only who could give all posts may choose.

    Where a new password would go stays with the account, unless `by` could change that of its owner, too.
    """
    fixed: tuple[str, ...] = ()
    if ground.owner is not None and not authority.could_give_all(session, ground.owner, by, now):
        fixed = tuple(name for name in ADDRESSES if _differs(ground, name))
    takes = []
    for name in FIELDS:
        if not _differs(ground, name):
            continue
        if name in fixed:
            if ground.owner == plan.drop:
                takes.append(name)
        elif name in plan.fields or not getattr(ground.keep, name):
            takes.append(name)
    return tuple(takes), fixed


def _differs(ground: _Ground, name: str) -> bool:
    return bool(getattr(ground.keep, name) != getattr(ground.drop, name) and getattr(ground.drop, name))


def _digest(person: Person) -> list[str]:
    return [
        hashlib.sha256(str(getattr(person, name) or "").encode()).hexdigest()
        if name not in ADDRESSES
        else str(getattr(person, f"{name}_hash"))
        for name in FIELDS
    ]


def _take_facts(session: Session, plan: Plan, drawn: Preview, by: Acting, now: datetime) -> None:
    drop = session.get_one(Person, plan.drop)
    facts = {name: getattr(drop, name) for name in drawn.takes if name != "place"}
    if "id_number" in facts:
        facts["id_type"] = drop.id_type
    if facts:
        people.change(session, plan.keep, facts, by, now)
    if "place" in drawn.takes:
        body = {"from": session.get_one(Person, plan.keep).place, "to": drop.place}
        session.execute(update(Person).where(Person.id == plan.keep).values(place=drop.place))
        session.expire_all()
        audit.log(session, "identity", "person.moved", by, now, body, f"person:{plan.keep}")


def _facts(session: Session, plan: Plan) -> dict[str, Any]:
    """What the record keeps of both, before and after: posts, account, place."""
    found: dict[str, Any] = {"keep": plan.keep, "drop": plan.drop}
    for key, one in (("keep", plan.keep), ("drop", plan.drop)):
        person, account = session.get_one(Person, one), session.get(Account, one)
        found[f"{key}_is"] = {
            "merged_into": person.merged_into_id,
            "place": person.place,
            "account": None if account is None else account.username,
            "posts": [tenure.post.id for tenure in posts.tenures(session, one) if tenure.ended_at is None],
        }
    return found


def _counts(session: Session, drop: str) -> dict[str, int]:
    rows = belonging.counts(session, drop, ("runtime_draft", "notices_notice", "documents_file"))
    started = select(func.count()).select_from(Instance).where(Instance.starter_id == drop)
    decided = select(func.count()).select_from(Task).where(Task.closed_by_id == drop)
    notices_, drafts = rows.pop("notices_notice", 0), rows.pop("runtime_draft", 0)
    return {
        "started": session.scalar(started) or 0,
        "decided": session.scalar(decided) or 0,
        "notices": notices_,
        "drafts": drafts,
        "records": sum(rows.values()),
    }


def _kind(table: str) -> str:
    """Whose table it is, as people call it: the system's title."""
    lease = house.systems.get(table.partition("_")[0])
    return table if lease is None else lease.title.said("zh")


def _judged(session: Session, plan: Plan) -> int:
    """How many tasks the one has decided that keep the other out."""
    asked = select(func.count()).select_from(Task).where(Task.state == "closed")
    return sum(
        session.scalar(asked.where(Task.closed_by_id == one, Task.avoided.contains(other))) or 0
        for one, other in ((plan.keep, plan.drop), (plan.drop, plan.keep))
    )


def _tell(session: Session, plan: Plan, drawn: Preview, by: Acting, now: datetime) -> None:
    zh = f"{by.name}将您的两条重复人员信息合并为一条，原属两条信息的岗位、待办和办理记录现都在您名下。"
    en = f"{by.name} has merged two entries of yours: posts, open tasks and records of both are yours now."
    if drawn.account == "closes":
        zh += "另一个账号已注销，请使用现在的账号登录。"
        en += " The other account is closed; please sign in with this one."
    text = Words(zh + "如有疑问，请联系管理员。", en + " If this is not right, tell an administrator.")
    title = Words("人员信息已合并", "Your entries were merged")
    notices.send(session, [plan.keep], title, text, now, kind=second_factors.SECURITY)
