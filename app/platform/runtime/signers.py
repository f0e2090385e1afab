"""Adding and removing signers (加签, 减签): seats come and go, and the engine never hears of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Literal

from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.registry import Acting
from app.platform.runtime import incidents, items, naming, receipts, signing, tally
from app.platform.runtime.history import Happening


def signers(
    session: Session,
    task: str,
    add: Sequence[str],
    remove: Sequence[str],
    position: Literal["before", "after", "parallel"],
    revision: int,
    by: Acting,
    now: datetime,
    comment: str = "",
    key: str | None = None,
) -> None:
    """Let more persons sign a task, or fewer. `position`: where in a sequence, next to whoever acts.

    The first signer added to a task of one person makes it a sequence, in which he who holds it keeps a seat.
    Elsewhere all sign side by side, whatever `position` says. Whoever acts removes only signers who were added;
    an administrator removes any. A removal that leaves the others' decisions enough decides the task by its rule;
    one that would leave nobody is refused. Raises `Unknown`, `Forbidden`, `TaskTaken`, `InstanceChanged`,
    `BadPerson`, `MissingOpinion`, `KeyReused`, and what completing a task raises.
    """
    if position not in ("before", "after", "parallel"):
        raise ValueError(position)
    once = (key, receipts.body_of("signers", task, list(add), list(remove), position, comment))
    with incidents.reporting(session, by, now, task=task), transaction(session):
        asked = naming.ask(session, task, "signers", revision, by, now, comment, once=once)
        if asked is None:
            return
        if not add and not remove:
            raise naming.bad("nobody")
        naming.overcome(asked)
        if add:
            _add(asked, add, position, comment)
        if remove:
            _remove(asked, remove, comment)
        _settle(asked)
        naming.finish(asked, once)


def _add(asked: naming.Asked, add: Sequence[str], position: str, comment: str) -> None:
    people, bench, held = naming.named(asked, add), asked.bench, asked.held
    if len(bench.left) + len(people) > naming.MOST:
        raise naming.bad("many")
    anchor = naming.seat_a_single(asked) if bench.rule == "one" else _anchor(asked)
    if any(bench.has(person) for person in people):
        raise naming.bad("already")
    at = anchor.position if anchor is not None else 1
    where = position if bench.rule == "sequence" and anchor is not None else "parallel"
    moved, new = tally.make_room([seat.position for seat in bench.rows], at, len(people), where)
    for seat, there in zip(bench.rows, moved, strict=True):
        seat.position = there
    for (person, name), there in zip(people.items(), new, strict=True):
        bench.add(person, name, there, is_personal=True, added_by=held.by.person)
    said = naming.body(asked, comment, people, position=where)
    held.pen.write(Happening("added", asked.row.element, asked.row.id, held.by.person, body=said))


def _anchor(asked: naming.Asked) -> SimpleNamespace | None:
    """The seat that new ones are put next to: one's own, for an administrator that of whoever is on turn."""
    if asked.standing is not None:
        seat: SimpleNamespace = asked.standing.seat
        return seat
    return min(asked.bench.left, key=lambda seat: int(seat.position), default=None)


def _remove(asked: naming.Asked, remove: Sequence[str], comment: str) -> None:
    bench, held = asked.bench, asked.held
    gone = [_removable(asked, person) for person in dict.fromkeys(remove)]
    held.pen.write(
        Happening(
            "removed",
            asked.row.element,
            asked.row.id,
            held.by.person,
            body=naming.body(asked, comment, {seat.person_id: seat.name for seat in gone}),
        )
    )
    while gone:
        bench.close(gone, "removed", held.by.person, held)
        ids = {seat.id for seat in gone}
        gone = [seat for seat in bench.left if seat.seat_id in ids]  # their advisers go with them
    if not bench.decided() and not any(seat.seat_id is None for seat in bench.left):
        raise naming.bad("last")


def _removable(asked: naming.Asked, person: str) -> SimpleNamespace:
    seat = asked.bench.of(person)
    if seat is None or seat.state == "closed":
        raise naming.bad("not_seated")
    if seat.state == "decided":
        raise naming.bad("decided")
    if asked.standing is not None and seat.added_by_id is None:
        raise naming.bad("not_added")
    return seat


def _settle(asked: naming.Asked) -> None:
    """Decide the task if what is left comes to an outcome; else go on with whose turn it is."""
    bench, held, row = asked.bench, asked.held, asked.row
    result = bench.result(asked.drawn.outcomes)
    if result is not None:
        named = items.of_signers(held, row, asked.drawn, result)
        signing.decide(held, row, bench, asked.drawn, result, by_rule=True, by=held.by.person, named=named)
        return
    naming.store(asked, seats=bench.rule, claimed_by_id=None, claimed_at=None)
    signing.go_round(held, row, bench, looks=True)
