"""Transfer (转办): a task, or one's seat at it, given away for good to somebody who can sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.registry import Acting
from app.platform.runtime import letters, naming, receipts, signing, stepping
from app.platform.runtime.history import Happening


def transfer(
    session: Session,
    task: str,
    to: str,
    revision: int,
    by: Acting,
    now: datetime,
    comment: str = "",
    key: str | None = None,
) -> None:
    """Give a task to the person `to`; recorded. He needs no post for it.

    Raises `Unknown`, `Forbidden`, `TaskTaken`, `InstanceChanged`, `BadPerson`, `MissingOpinion`, `KeyReused`.
    """
    once = (key, receipts.body_of("transfer", task, to, comment))
    with transaction(session):
        asked = naming.ask(session, task, "transfer", revision, by, now, comment, once=once)
        if asked is None:
            return
        people = naming.named(asked, [to])
        naming.overcome(asked)
        said = naming.body(asked, comment, people)
        asked.held.pen.write(Happening("transferred", asked.row.element, task, by.person, body=said))
        if asked.row.seats == "one":
            _whole(asked, to)
        else:
            _seat(asked, to, people[to])
        naming.finish(asked, once)


def _whole(asked: naming.Asked, to: str) -> None:
    if to in (asked.row.assignee_id, asked.row.claimed_by_id, asked.standing and asked.standing.person):
        raise naming.bad("oneself" if to == asked.held.by.person else "holds")
    naming.store(asked, assignee_id=to, claimed_by_id=None, claimed_at=None)
    letters.arrive(asked.held, {**asked.row._mapping, "is_returned": False}, [to])
    stepping.save(asked.held)


def _seat(asked: naming.Asked, to: str, name: str) -> None:
    bench = asked.bench
    turn = [seat for seat in bench.left if seat.state == "open"]
    if asked.standing is None and len(turn) != 1:
        raise naming.bad("which")
    seat = asked.standing.seat if asked.standing is not None else turn[0]
    if bench.has(to):
        raise naming.bad("already")
    bench.add(
        to,
        name,
        seat.position,
        is_personal=True,
        added_by=seat.added_by_id,
        delegated_by=seat.delegated_by_id,
        seat=seat.seat_id,
    )
    bench.close([seat], "transferred", asked.held.by.person, asked.held)
    naming.store(asked)
    signing.go_round(asked.held, asked.row, bench)
