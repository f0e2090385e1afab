"""Who is asked when a task opens: recusal first, then what the diagram wants where nobody is left, then the seats."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.engine import UserTask
from app.platform.engine.properties import place as read_place
from app.platform.identity import places as paths
from app.platform.identity import posts
from app.platform.identity.entities import Account
from app.platform.runtime import places, recusal
from app.platform.runtime.entities import Instance, Task
from app.platform.runtime.history import Happening
from app.platform.runtime.seats import Bench, bench

if TYPE_CHECKING:
    from app.platform.runtime.stepping import Held

People = list[tuple[str, str]]
TASK, INSTANCE, ACCOUNT = Task.__table__, Instance.__table__, Account.__table__
SHUT = ACCOUNT.c.is_disabled.is_(True)
STARTER_SHUT = (  # read along with the lock: most tasks of a person are the starter's
    select(ACCOUNT.c.person_id)
    .where(ACCOUNT.c.person_id == INSTANCE.c.starter_id, SHUT)
    .exists()
    .label("starter_is_shut")
)
PASS_OVER = (
    update(TASK)  # type: ignore[arg-type]
    .where(TASK.c.id == bindparam("_id"), TASK.c.state == "open")
    .values(
        state="closed",
        closed_at=bindparam("_at"),
        outcome=bindparam("_outcome"),
        revision=TASK.c.revision + 1,
    )
)
MOST_SKIPPED = 50  # a circle of steps without people ends in an incident


@dataclass
class Seating:
    """What was found for the tasks that open: their seats, those with nobody, and those to be passed over."""

    benches: list[Bench] = field(default_factory=list)
    nobody: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    known: dict[tuple[Any, ...], People] = field(default_factory=dict)

    def write(self, session: Session) -> None:
        """Store all seats. One statement per task with seats."""
        for signers in self.benches:
            signers.write(session)


def settle(held: Held, rows: list[dict[str, Any]]) -> Seating:
    """Complete the rows of tasks about to open with who is asked, and find their seats.

    One statement per different role, place and subject, and for each task of a person who has not started it.
    """
    found = Seating()
    for row in rows:
        drawn = held.program.definition.tasks[row["element"]]
        row["seats"] = drawn.seats
        row.update(recusal.frozen(held.session, held.row, drawn, held.program.definition.starts))
        people = _candidates(held, found, row) or _others(held, found, row, drawn)
        if not people and drawn.nobody.startswith("skip:"):
            found.skipped.append((row, drawn.nobody.removeprefix("skip:")))
        elif not people:
            found.nobody.append(row)
        elif drawn.seats != "one":
            found.benches.append(seat(row, people, is_personal=row["assignee_id"] is not None))
    return found


def seat(row: dict[str, Any], people: People, *, is_personal: bool) -> Bench:
    """The seats of those who may answer a task now: side by side, or one after the other in a sequence."""
    signers = Bench(row["id"], row["instance_id"], row["seats"])
    for number, (person, name) in enumerate(people, 1):
        signers.add(person, name, number if signers.rule == "sequence" else 1, is_personal=is_personal)
    signers.settle()
    return signers


def anybody(held: Held, task: Any) -> bool:
    """Whether an open task has somebody who can answer it now; seats that were never filled are filled."""
    row = dict(task._mapping)
    people = candidates(held, row)
    if task.seats == "one":
        return bool(people)
    signers = bench(held.session, task)
    if not signers.left and people:
        known = {each.person_id for each in signers.rows}
        for number, (person, name) in enumerate([each for each in people if each[0] not in known], 1):
            position = number if signers.rule == "sequence" else 1
            signers.add(person, name, position, is_personal=task.assignee_id is not None)
        signers.settle()
        signers.write(held.session)
    turn = {each.person_id for each in signers.left if each.state == "open" and each.is_personal}
    shut = any(is_shut(held.session, person) for person in sorted(turn))
    return not shut and is_answered(signers, {person for person, _ in people})


def is_answered(signers: Bench, eligible: set[str]) -> bool:
    """Whether somebody is on turn at the seats, and each who is still has the right to decide."""
    turn = [each for each in signers.left if each.state == "open"]
    return bool(turn) and all(each.is_personal or each.person_id in eligible for each in turn)


def candidates(held: Held, row: dict[str, Any]) -> People:
    """Who may answer an open task today: (person, name), without those it avoids."""
    return _candidates(held, Seating(), row)


def _candidates(held: Held, found: Seating, row: dict[str, Any]) -> People:
    if row["assignee_id"] is not None:
        mine = [] if _cannot(held, row["assignee_id"]) else [(row["assignee_id"], "")]
        return recusal.left(held.session, row, mine, held.now) if recusal.asks(row) else mine
    if row["role"] is None:
        return []
    wanted = tuple(row[name] for name in ("role", "place", "subject", "avoided", "avoided_unit"))
    if wanted not in found.known:
        everybody = posts.holders(held.session, row["role"], row["place"], row["subject"], held.now)
        found.known[wanted] = recusal.left(held.session, row, everybody, held.now)
    return found.known[wanted]


def _others(held: Held, found: Seating, row: dict[str, Any], drawn: UserTask) -> People:
    """Whom the diagram wants instead where nobody is eligible; the row is readdressed to them."""
    policy, before = drawn.nobody, (row["role"], row["place"], row["assignee_id"])
    if policy == "up" and row["role"] is not None and row["assignee_id"] is None:
        for place in reversed(paths.above(row["place"])[1:-1]):
            row["place"] = place
            people = _candidates(held, found, row)
            if people:
                return people
    elif "@" in policy and not policy.startswith("skip:"):
        role, _, at = policy.partition("@")
        row["role"], row["assignee_id"] = role, None
        row["place"] = places.resolve(
            held.session, read_place(at), held.variables, held.row.place, row["element"]
        )
        people = _candidates(held, found, row)
        if people:
            return people
    row["role"], row["place"], row["assignee_id"] = before
    return []


def is_shut(session: Session, person: str) -> bool:
    """Whether somebody's account is disabled or closed: he can do nothing, so he does not count (C-08)."""
    return session.scalar(select(ACCOUNT.c.person_id).where(ACCOUNT.c.person_id == person, SHUT)) is not None


def _cannot(held: Held, person: str) -> bool:
    if person == held.row.starter_id:
        return bool(held.row.starter_is_shut)
    return person != held.by.person and is_shut(held.session, person)


def waits(held: Held, row: dict[str, Any]) -> bool:
    """Whether the token of a task just opened is still there: another one's step may have taken it back."""
    live = engine.tokens(held.program.definition, held.tokens)
    return (row["element"], row["visit"]) in {(token.element, token.visit) for token in live}


def pass_over(held: Held, row: dict[str, Any], outcome: str) -> bool:
    """Close a task that nobody can answer with `outcome`, as nobody's decision; False when they go in a circle."""
    held.skipped += 1
    if held.skipped > MOST_SKIPPED:
        return False
    drawn = held.program.definition.tasks[row["element"]]
    taken = next(each for each in drawn.outcomes if each.key == outcome)
    held.returned = taken.negative
    held.session.execute(PASS_OVER, {"_id": row["id"], "_at": held.now, "_outcome": outcome})
    if row["id"] in held.opened:
        held.opened.remove(row["id"])
    said = {"comment": "", "zh": taken.words.zh, "en": taken.words.en, "name": "", "skipped": True}
    held.pen.write(Happening("decided", row["element"], row["id"], outcome=outcome, body=said))
    return True
