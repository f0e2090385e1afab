"""What several signers' decisions come to, and who of them is on turn: arithmetic, with no session and no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil


@dataclass(frozen=True, slots=True)
class Vote:
    """One signer's decision."""

    outcome: str
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A seat as far as turns go. `returns_to`: the seat that waits for this one's advice (委托)."""

    id: str
    position: int
    is_decided: bool = False
    returns_to: str | None = None


def result(rule: str, votes: Sequence[Vote], undecided: int) -> str | None:
    """The outcome of the task by its rule, or None while it is open.

    `votes` in the order they were given; `undecided` signers are still to come. `any` (或签): the first decides.
    `all` (会签) and `sequence` (依次): the first negative one decides at once, else the last positive one when
    nobody is left. `share:0.6` (票签): the first outcome to reach that share of all seats; when none can any
    more, the first negative one, however late it comes, or the first of all where everybody has decided and none
    was negative. Raises `ValueError` for any other rule.
    """
    if not votes:
        return None
    if rule == "any":
        return votes[0].outcome
    refused = next((vote.outcome for vote in votes if vote.negative), None)
    if rule in ("all", "sequence"):
        return refused or (None if undecided else votes[-1].outcome)
    if not rule.startswith("share:"):
        raise ValueError(rule)
    needed = most_needed(rule, len(votes) + undecided)
    counts: Counter[str] = Counter()
    for vote in votes:
        counts[vote.outcome] += 1
        if counts[vote.outcome] >= needed:
            return vote.outcome
    if max(counts.values()) + undecided >= needed:
        return None
    return refused or (None if undecided else votes[0].outcome)


def most_needed(rule: str, seats: int) -> int:
    """How many equal decisions `share:0.6` asks of so many seats: 0.6 of 5 is 3, exactly."""
    return max(1, ceil(Fraction(rule.removeprefix("share:")) * seats))


def on_turn(rule: str, places: Iterable[Place]) -> frozenset[str]:
    """The undecided seats that may decide now.

    In a `sequence` those of the lowest position that is not done; else all. A seat whose advice is still to come
    is not on turn, and whoever advises sits where it sits.
    """
    left = [place for place in places if not place.is_decided]
    if rule == "sequence" and left:
        first = min(place.position for place in left)
        left = [place for place in left if place.position == first]
    asked = {place.returns_to for place in left}
    return frozenset(place.id for place in left if place.id not in asked)


def make_room(
    positions: Sequence[int], at: int, count: int, where: str
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Positions of the seats there are, and of `count` new ones put `before`, `after` or `parallel` to `at`."""
    if where == "parallel":
        return tuple(positions), (at,) * count
    first = at if where == "before" else at + 1
    moved = tuple(position + count if position >= first else position for position in positions)
    return moved, tuple(range(first, first + count))
