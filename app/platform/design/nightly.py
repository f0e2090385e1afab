"""The live versions are looked over for dead ends: all every night, and near a post as soon as it is given.

Whoever can give the posts hears of new ones.
"""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.platform import audit, jobs, notices
from app.platform.calendar import ZONE
from app.platform.data import new_id, transaction
from app.platform.design import deadends, reaching
from app.platform.design import ground as grounds
from app.platform.design.dead_end import DeadEnd
from app.platform.design.reaching import Ask, Looking
from app.platform.engine import Definition
from app.platform.identity import posts, roles
from app.platform.identity.entities import Account, HeldPost
from app.platform.identity.places import lies_below, within
from app.platform.identity.posts import live
from app.platform.notices import Kind, kinds
from app.platform.personnel import locating
from app.platform.registry import Acting, Words, house
from app.platform.runtime import versions
from app.platform.runtime.entities import Instance, Process
from app.platform.runtime.errors import Unpublishable

JOB: Final = "design/dead_ends"
NEAR: Final = "design/dead_ends_near"
PLACES: Final = 20
"""So many places where posts were given together are looked at each; of more, everything is."""
TOLD: Final = "dead_ends"
"""The sort of notice."""
FROM, UNTIL = 1, 6  # o'clock in Shanghai
MOST: Final = 20_000
"""So many dead ends are kept open at once; a house with more has them everywhere, and need not be told each."""
NAMED: Final = 8
KEPT: Final = timedelta(days=366)
"""So long what is over is kept."""
_log = logging.getLogger(__name__)
_table = DeadEnd.__table__

kinds.enter(
    Kind(
        TOLD,
        Words("环节无人办理预警", "Steps nobody can do"),
        Words(
            "每晚检查发现某个地区的办理环节没有人担任，由我授予岗位",
            "The nightly check finds a step that nobody can do somewhere, and I can give the post",
        ),
        frozenset({"email"}),
        never=frozenset({"sms"}),
    )
)

Key = tuple[str, str, str]
"""Process, element, place."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look has changed: ids of the dead ends it opened and closed; and how many are open now."""

    opened: tuple[str, ...]
    closed: tuple[str, ...]
    open: int


def sweep(session: Session, now: datetime) -> None:
    """Once a night have everything looked over; each hour close what is over, where anything is open (a chore)."""
    local = now.astimezone(ZONE)
    if FROM <= local.hour < UNTIL:
        jobs.enqueue(session, JOB, {}, now, key=f"dead-ends:{local.date()}")
    elif session.scalar(select(DeadEnd.id).where(DeadEnd.closed_at.is_(None)).limit(1)) is not None:
        look(session, None, now, opens=False)
    session.rollback()


@house.job(JOB)
def run(session: Session, arguments: Mapping[str, Any], now: datetime) -> None:
    """The night's look."""
    look(session, None, now)


@house.job(posts.GIVEN)
def hear(session: Session, arguments: Mapping[str, Any], now: datetime) -> None:
    """Have what a post that is given could end looked at once that is committed. Joins the transaction; one statement.

    `held`: pairs of role and place; `at`: from when on, if later.
    """
    held = arguments["held"]
    places = sorted({place for _, place in held})
    places = places if len(places) <= PLACES else [""]
    waits = select(DeadEnd.id).where(DeadEnd.closed_at.is_(None), within(DeadEnd.place, places)).limit(1)
    if held and session.scalar(waits) is not None:
        said = {"roles": sorted({role for role, _ in held}), "places": places}
        jobs.enqueue(session, NEAR, said, now, due=arguments["at"])


@house.job(NEAR)
def look_near(session: Session, arguments: Mapping[str, Any], now: datetime) -> None:
    """A post was given, or what a role is has changed."""
    close_near(session, arguments["roles"], arguments["places"], now)


def close_near(
    session: Session, roles_given: Collection[str], places: Collection[str], now: datetime
) -> tuple[str, ...]:
    """Close what is over at or below `places` in processes that name one of the roles; ids of what was closed."""
    where = (_table.c.closed_at.is_(None), within(_table.c.place, places))
    processes = set(session.scalars(select(_table.c.process).where(*where).distinct()))
    drawn = [one for one in _drawn(session, processes) if _roles(one) & set(roles_given)] if processes else []
    if not drawn:
        return ()
    found = dict(_dead_ends(session, drawn, now))
    session.rollback()
    with transaction(session):
        asked = select(_table.c.id, _table.c.process, _table.c.element, _table.c.place)
        near = asked.where(*where, _table.c.process.in_(sorted({one.process for one in drawn})))
        rows = session.execute(near.with_for_update()).all()
        closed = tuple(row.id for row in rows if (row.process, row.element, row.place) not in found)
        _close(session, closed, now)
    return closed


def look(session: Session, by: Acting | None, now: datetime, *, opens: bool = True) -> Looked:
    """Look all live versions over: open what is new, close what is over, tell of the new. `opens`: else only close.

    A constant number of statements, and one for each kind of subject and each thousand rows. `by`: who has asked for
    it, if somebody has.
    """
    found = dict(_dead_ends(session, _drawn(session), now))
    session.rollback()
    with transaction(session):
        rows = session.execute(
            select(_table.c.id, _table.c.process, _table.c.element, _table.c.place)
            .where(_table.c.closed_at.is_(None))
            .with_for_update()
        ).all()
        known: dict[Key, str] = {(row.process, row.element, row.place): row.id for row in rows}
        closed = tuple(known[key] for key in sorted(known.keys() - found.keys()))
        fresh = sorted(found.keys() - known.keys())[: max(0, MOST - len(known))] if opens else []
        new = [
            found[key] | {"id": new_id(), "since": now, "seen_at": now, "closed_at": None} for key in fresh
        ]
        _write(session, new, closed, now)
        if new:
            _tell(session, new, now)
        if by is not None:
            said = {"opened": len(new), "closed": len(closed)}
            audit.log(session, "design", "dead_ends.looked", by, now, said)
        session.execute(delete(DeadEnd).where(DeadEnd.closed_at < now - KEPT))
    return Looked(tuple(row["id"] for row in new), closed, len(known) - len(closed) + len(new))


def _write(session: Session, new: Sequence[dict[str, Any]], closed: Sequence[str], now: datetime) -> None:
    _close(session, closed, now)
    session.execute(update(DeadEnd).where(DeadEnd.closed_at.is_(None)).values(seen_at=now))
    if new:
        session.execute(insert(DeadEnd), new)


def _close(session: Session, over: Sequence[str], now: datetime) -> None:
    for start in range(0, len(over), 1_000):
        ended = over[start : start + 1_000]
        session.execute(update(DeadEnd).where(DeadEnd.id.in_(ended)).values(closed_at=now, seen_at=now))


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A live version with what its steps ask."""

    process: str
    definition: Definition
    asks: Sequence[Ask]


def _drawn(session: Session, processes: Collection[str] | None = None) -> list[_Drawn]:
    """Current versions and those with something running, of all processes or of those named."""
    return [
        _Drawn(one.process, one.definition, reaching.asks(one.definition, deadends.levels_of(one.forms)))
        for one in _programs(session)
        if processes is None or one.process in processes
    ]


def _roles(one: _Drawn) -> set[str]:
    """The roles that a chain asks, in whatever way, or that start it."""
    return deadends.roles_of(one.asks) | deadends.starts_of(one.definition)


def _dead_ends(
    session: Session, drawn: Sequence[_Drawn], now: datetime
) -> Iterator[tuple[Key, dict[str, Any]]]:
    """Every dead end there is today in the chains."""
    every = [ask for one in drawn for ask in one.asks]
    starts = {role for one in drawn for role in deadends.starts_of(one.definition)}
    twice = any(ask.keeps_starter_out for ask in every)
    ground = grounds.survey(session, deadends.roles_of(every), starts, now, twice=twice)
    subjects = deadends.offered(session, every)
    for one in drawn:
        looking = deadends.looking_at(ground, one.definition, one.asks, subjects)
        yield from _of_process(one.process, one.asks, looking)


def _of_process(process: str, asks: Sequence[Ask], looking: Looking) -> Iterator[tuple[Key, dict[str, Any]]]:
    for ask in asks:
        for gap in looking.reach(ask).without:
            key = (process, ask.element, gap.place)
            yield (
                key,
                {
                    "process": process,
                    "element": ask.element,
                    "place": gap.place,
                    "name_zh": ask.name.zh,
                    "name_en": ask.name.en,
                    "role": ask.role,
                    "reason": gap.reason,
                },
            )


def _programs(session: Session) -> list[versions.Program]:
    running = select(Instance.version_id).where(Instance.state == "running").distinct()
    asked = select(Process.current_id.label("id")).where(Process.current_id.is_not(None)).union(running)
    found = []
    for version in sorted(filter(None, session.scalars(asked))):
        try:
            found.append(versions.program(session, version))
        except Unpublishable:  # `flask check --versions` says so
            _log.warning("version %s cannot be read, so it was not looked over", version)
    return found


def _tell(session: Session, new: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """One letter for each who can give posts at one of the places at least, with all that is his."""
    giving = [key for key, role in house.roles.items() if roles.POSTS in role.permissions]
    giving_posts = session.execute(
        select(HeldPost.person_id, HeldPost.role, HeldPost.place)
        .join(Account, Account.person_id == HeldPost.person_id)
        .where(HeldPost.role.in_(giving), live(now), Account.is_disabled.is_(False))
        .order_by(HeldPost.person_id)
    ).all()
    reaches: dict[str, set[str]] = defaultdict(set)
    for post in giving_posts:
        reaches[post.person_id].add(roles.reached(house.roles[post.role], post.place))
    names = _names(session, {str(row["place"]) for row in new}) if reaches else {}
    told = []
    for person, reach in reaches.items():
        his = [row for row in new if any(lies_below(row["place"], place) for place in reach)]
        if his:
            told.append(_letter(person, his, names))
    if told:
        notices.post(session, told, now)


def _names(session: Session, places: Collection[str]) -> Mapping[str, Words]:
    found = locating.names(session, places) if len(places) <= 1_000 else {}
    return {
        place: grounds.EVERYWHERE if not place else Words(found[place].name, found[place].name)
        for place in places
        if not place or place in found
    }


def _letter(person: str, rows: Sequence[Mapping[str, Any]], names: Mapping[str, Words]) -> notices.Letter:
    said = [
        (f"{row['name_zh']}·{one.zh}", f"{row['name_en']} in {one.en}")
        for row in rows
        if (one := names.get(row["place"]))
    ][:NAMED]
    more = len(rows) > len(said)
    zh = "、".join(one for one, _ in said) + ("等" if more else "")
    en = ", ".join(one for _, one in said) + (" and others" if more else "")
    mark = hashlib.sha256(" ".join(sorted(row["id"] for row in rows)).encode()).hexdigest()[:24]
    return notices.Letter(
        (person,),
        Words(f"{len(rows)}处环节无人办理", f"Steps that nobody can do: {len(rows)}"),
        Words(
            f"每晚检查发现：{zh}，共{len(rows)}处没有人能办理。请授予岗位，以免事项到了那里无人办理。",
            f"The nightly check has found that nobody can do {en} ({len(rows)} in all). "
            "Please give the posts before a matter comes there.",
        ),
        TOLD,
        key=f"dead_ends:{mark}",
    )


def visible(reach: Collection[str]) -> Any:
    """The SQL of dead ends within a reach; those that are asked everywhere only to whom reaches everywhere."""
    return within(DeadEnd.place, reach)
