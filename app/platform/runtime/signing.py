"""A decision on one of several seats: written down, and the task decided when the rule says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.platform.engine import Outcome, UserTask
from app.platform.runtime import closing, items, letters, seating, stepping
from app.platform.runtime.history import Happening
from app.platform.runtime.policy import Standing
from app.platform.runtime.seats import Bench


def sign(
    held: stepping.Held,
    row: Any,
    bench: Bench,
    drawn: UserTask,
    outcome: Outcome,
    standing: Standing,
    happening: Happening,
    variables: Mapping[str, Any],
    about: Mapping[str, str] | None = None,
) -> None:
    """Decide the seat of `standing`. `happening` is its row as a decision that decides the task.

    One that leaves the task open is `signed` in the history, an adviser's is `advised`; what is decided by the
    rule and not by this signer's own outcome gets a row of its own, which is nobody's. `about`: what this signer has
    named to be put right; the row that sends back says what all have named, for it is what its letter is made of.
    """
    seat, by = standing.seat, held.by.person
    bench.decide(seat.id, outcome.key, by, held, variables)
    result = bench.result(drawn.outcomes)
    kind = "advised" if seat.seat_id is not None else "decided" if result == outcome.key else "signed"
    if result is None or seat.seat_id is not None:
        held.pen.write(replace(happening, kind=kind))
        go_round(held, row, bench)
        return
    named = items.of_signers(held, row, drawn, result, about)
    if named and kind == "decided":
        happening = replace(happening, body={**(happening.body or {}), **named.told})
    held.pen.write(replace(happening, kind=kind))
    decide(held, row, bench, drawn, result, by_rule=kind != "decided", by=by, standing=standing, named=named)


def go_round(held: stepping.Held, row: Any, bench: Bench, *, looks: bool = False) -> None:
    """Leave the task open, and let the next ones come on turn. An incident where one of them has lost his right.

    `looks`: ask again of those on turn already, too.
    """
    come = bench.settle()
    bench.write(held.session)
    letters.arrive(held, row._mapping, [seat.person_id for seat in come], is_seat=True)
    if looks or any(not seat.is_personal for seat in come):
        eligible = {person for person, _ in seating.candidates(held, dict(row._mapping))}
        if not seating.is_answered(bench, eligible):
            stepping.open_incident(held, "nobody", row.element, row.name_zh)
    stepping.save(held)


def decide(
    held: stepping.Held,
    row: Any,
    bench: Bench,
    drawn: UserTask,
    result: str,
    *,
    by_rule: bool,
    by: str,
    standing: Standing | None = None,
    revision: int | None = None,
    named: items.Named | None = None,
) -> None:
    """Close the task with the outcome of its rule, and the seats that are no longer needed; let the engine go on.

    The variables are those of the last who decided; `named`: what any of them wants to have put right.
    """
    outcome = next(each for each in drawn.outcomes if each.key == result)
    bench.close(bench.left, "not_needed", by, held)
    bench.write(held.session)
    closing.close(held, row, row.revision if revision is None else revision, outcome, by, standing)
    if by_rule:
        closing.by_rule(held, row, outcome, bench.rule, named)
    variables = bench.decided()[-1].variables or {}
    closing.go_on(held, row, outcome, variables, named)
