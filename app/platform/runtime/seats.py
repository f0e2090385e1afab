"""The seats of a task that several sign: read under lock, changed in memory, and written at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.platform.data import new_id
from app.platform.engine import Outcome
from app.platform.identity.entities import Person
from app.platform.runtime import tally
from app.platform.runtime.entities import Seat, Task

if TYPE_CHECKING:
    from app.platform.runtime.stepping import Held

SEAT = Seat.__table__
LEFT = ("open", "waiting")
FIND = (
    select(SEAT, Person.name)
    .outerjoin(Person, Person.id == SEAT.c.person_id)
    .where(SEAT.c.task_id == bindparam("task"))
    .order_by(SEAT.c.position, Person.name, SEAT.c.id)
)
CHANGING = (
    "position", "state", "outcome", "decided_at", "decided_by_id", "decided_as", "variables", "closed_at",
    "closed_by_id", "closed_reason",
)  # fmt: skip
INSERT = insert(SEAT)  # type: ignore[arg-type]
UPDATE = (
    update(SEAT)  # type: ignore[arg-type]
    .where(SEAT.c.id == bindparam("_id"))
    .values({name: bindparam(name) for name in CHANGING})
)
CLOSE_OF_GONE = (
    update(SEAT)  # type: ignore[arg-type]
    .where(
        SEAT.c.instance_id == bindparam("_instance"),
        SEAT.c.state.in_(LEFT),
        SEAT.c.task_id.in_(
            select(Task.id).where(Task.instance_id == bindparam("_instance"), Task.state != "open")
        ),
    )
    .values(
        state="closed",
        closed_at=bindparam("_at"),
        closed_by_id=bindparam("_by"),
        closed_reason=bindparam("_reason"),
    )
)


@dataclass
class Bench:
    """The seats of one task as a verb changes them. `rows` have the columns of a seat, and `name`."""

    task: str
    instance: str
    rule: str
    rows: list[SimpleNamespace] = field(default_factory=list)
    before: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def left(self) -> list[SimpleNamespace]:
        """Seats that have not decided yet, those of advisers among them."""
        return [seat for seat in self.rows if seat.state in LEFT]

    def of(self, person: str) -> SimpleNamespace | None:
        """A person's seat: the undecided one, else the last he had."""
        his = [seat for seat in self.rows if seat.person_id == person]
        return next((seat for seat in his if seat.state in LEFT), his[-1] if his else None)

    def has(self, person: str) -> bool:
        """Whether a person signs: still to decide, or decided, unless it was only advice."""
        return any(
            seat.person_id == person
            and (seat.state in LEFT or (seat.state == "decided" and not seat.seat_id))
            for seat in self.rows
        )

    def decide(
        self, seat: str, outcome: str, by: str, held: Held, variables: Mapping[str, Any] | None
    ) -> None:
        """Write a decision on a seat; its row in the history comes next."""
        row = next(each for each in self.rows if each.id == seat)
        row.state, row.outcome, row.decided_at, row.decided_by_id = "decided", outcome, held.now, by
        row.decided_as, row.variables = held.pen.length + 1, dict(variables) if variables else None

    def add(
        self, person: str, name: str, position: int, *, is_personal: bool, **more: Any
    ) -> SimpleNamespace:
        """Put a new seat; it waits until `settle` says whose turn it is."""
        row = SimpleNamespace(
            id=new_id(),
            task_id=self.task,
            instance_id=self.instance,
            person_id=person,
            name=name,
            position=position,
            state="waiting",
            is_personal=is_personal,
            added_by_id=more.get("added_by"),
            delegated_by_id=more.get("delegated_by"),
            seat_id=more.get("seat"),
            **dict.fromkeys(CHANGING[2:]),
        )
        self.rows.append(row)
        return row

    def close(self, rows: Iterable[SimpleNamespace], reason: str, by: str | None, held: Held) -> None:
        """Close seats undecided: they say why, and through whom."""
        for row in rows:
            row.state, row.closed_reason, row.closed_at, row.closed_by_id = "closed", reason, held.now, by

    def result(self, outcomes: Sequence[Outcome]) -> str | None:
        """What the decisions come to by the rule; an adviser's counts for nothing."""
        negative = {outcome.key: outcome.negative for outcome in outcomes}
        decided = self.decided()
        votes = [tally.Vote(seat.outcome, negative.get(seat.outcome, False)) for seat in decided]
        return tally.result(self.rule, votes, sum(seat.seat_id is None for seat in self.left))

    def decided(self) -> list[SimpleNamespace]:
        """The seats that have decided, in the order of their decisions; no advisers."""
        found = [seat for seat in self.rows if seat.state == "decided" and seat.seat_id is None]
        return sorted(found, key=lambda seat: int(seat.decided_as))

    def settle(self) -> list[SimpleNamespace]:
        """Say whose turn it is. Returns the seats that have come on turn."""
        left = self.left
        turn = tally.on_turn(self.rule, [tally.Place(s.id, s.position, False, s.seat_id) for s in left])
        come = [seat for seat in left if seat.id in turn and seat.state == "waiting"]
        for seat in left:
            seat.state = "open" if seat.id in turn else "waiting"
        return come

    def write(self, session: Session) -> None:
        """Store what changed: two statements at most, whatever the number of seats."""
        new = [seat for seat in self.rows if seat.id not in self.before]
        changed = [s for s in self.rows if s.id in self.before and self.before[s.id] != _state(s)]
        if new:
            session.execute(INSERT, [_columns(seat) for seat in new])
        if changed:
            session.execute(
                UPDATE, [{"_id": s.id, **dict(zip(CHANGING, _state(s), strict=True))} for s in changed]
            )
        self.before = {seat.id: _state(seat) for seat in self.rows}


def _state(seat: SimpleNamespace) -> tuple[Any, ...]:
    return tuple(getattr(seat, name) for name in CHANGING)


def _columns(seat: SimpleNamespace) -> dict[str, Any]:
    return {name: value for name, value in vars(seat).items() if name != "name"}


def bench(session: Session, task: Any) -> Bench:
    """The seats of a task row; none for a task that one person decides. At most one statement."""
    found = Bench(task.id, task.instance_id, task.seats)
    if task.seats != "one":
        rows = session.execute(FIND, {"task": task.id})
        found.rows = [SimpleNamespace(**row._mapping) for row in rows]
        found.before = {seat.id: _state(seat) for seat in found.rows}
    return found


def of(session: Session, tasks: Iterable[Any]) -> dict[str, list[Any]]:
    """The seats of several task rows, by task. At most one statement."""
    seated = [task.id for task in tasks if task.seats != "one"]
    found: dict[str, list[Any]] = {task: [] for task in seated}
    if seated:
        for row in session.execute(select(SEAT).where(SEAT.c.task_id.in_(seated)).order_by(SEAT.c.position)):
            found[row.task_id].append(row)
    return found


def close_of(held: Held, reason: str) -> None:
    """Close the undecided seats of the instance's tasks that are open no more: their token is gone. One statement."""
    held.session.execute(
        CLOSE_OF_GONE,
        {"_instance": held.id, "_at": held.now, "_by": held.by.person, "_reason": reason},
    )
