"""What people do to each other at one task, told plainly: no rows, no engine; of the house only its tally."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.platform.runtime import tally

NEGATIVE = "no"
"""The outcomes that end with it are negative."""


@dataclass(eq=False)
class Chair:
    """One signer's seat. `advises`: the seat whose holder has asked him; `added`: it may be taken away again."""

    person: str
    position: int
    added: bool = False
    advises: Chair | None = None
    outcome: str | None = None


@dataclass(eq=False)
class Desk:
    """A task as people see it. `eligible` by their posts, or one `assignee`; `chairs` where several sign."""

    rule: str
    eligible: tuple[str, ...]
    assignee: str | None = None
    holder: str | None = None
    chairs: list[Chair] = field(default_factory=list)
    votes: list[str] = field(default_factory=list)
    is_by_rule: bool = False

    def __post_init__(self) -> None:
        if self.rule != "one":
            places = range(1, len(self.eligible) + 1) if self.rule == "sequence" else [1] * len(self.eligible)
            self.chairs = [Chair(*each) for each in zip(self.eligible, places, strict=True)]

    @property
    def left(self) -> list[Chair]:
        """Those who have not decided yet."""
        return [chair for chair in self.chairs if chair.outcome is None]

    @property
    def turn(self) -> list[Chair]:
        """Those who may decide now."""
        left = self.left
        if self.rule == "sequence" and left:
            first = min(chair.position for chair in left)
            left = [chair for chair in left if chair.position == first]
        return [chair for chair in left if not any(other.advises is chair for other in left)]

    def actors(self) -> list[str]:
        """Who may decide now, by name."""
        if self.rule != "one":
            return sorted(chair.person for chair in self.turn)
        return [self.holder or self.assignee or ""] if self.holder or self.assignee else list(self.eligible)

    def has(self, person: str) -> bool:
        """Whether somebody signs already; advice that was given counts for nothing."""
        return any(
            chair.person == person and (chair.outcome is None or chair.advises is None)
            for chair in self.chairs
        )

    def stands(self) -> list[tuple[str, int, str]]:
        """Who sits where, and how it stands: as rows say it, those closed left out."""
        turn = self.turn
        return sorted(
            (chair.person, chair.position, chair.outcome or ("open" if chair in turn else "waiting"))
            for chair in self.chairs
        )

    def result(self) -> str | None:
        """What the decisions come to."""
        votes = [tally.Vote(vote, vote.endswith(NEGATIVE)) for vote in self.votes]
        return tally.result(self.rule, votes, sum(chair.advises is None for chair in self.left))

    def decide(self, person: str, outcome: str) -> str | None:
        """One decides; the outcome of the task, if it has one now."""
        if self.rule == "one":
            return outcome
        chair = next(chair for chair in self.turn if chair.person == person)
        chair.outcome = outcome
        if chair.advises is not None:
            return None
        self.votes.append(outcome)
        found = self.result()
        self.is_by_rule = found != outcome
        return found

    def sit_down(self, person: str) -> None:
        """He who holds a task of one person keeps a seat at it, now that there are several."""
        if self.rule == "one":
            self.rule, self.holder = "sequence", None
            self.chairs = [Chair(person, 1)]

    def add(self, actor: str, person: str, where: str) -> None:
        """One more signs."""
        self.sit_down(actor)
        at = next(chair.position for chair in self.turn if chair.person == actor)
        if self.rule == "sequence" and where != "parallel":
            first = at if where == "before" else at + 1
            for chair in self.chairs:
                chair.position += chair.position >= first
            at = first
        self.chairs.append(Chair(person, at, added=True))

    def may_remove(self, person: str) -> bool:
        """Whether enough are left without him, and those who advise him."""
        gone = self.gone(person)
        return bool(self.votes) or any(chair.advises is None for chair in self.left if chair not in gone)

    def gone(self, person: str) -> list[Chair]:
        """His seat, with those who advise him, and so on."""
        gone = [chair for chair in self.left if chair.person == person]
        for chair in gone:
            gone += [other for other in self.left if other.advises is chair]
        return gone

    def remove(self, person: str) -> str | None:
        """One signs no more; the outcome of the task, if that makes one."""
        gone = self.gone(person)
        self.chairs = [chair for chair in self.chairs if chair not in gone]
        self.is_by_rule = True
        return self.result()

    def transfer(self, actor: str, to: str) -> None:
        """One gives his place away."""
        if self.rule == "one":
            self.assignee, self.holder = to, None
            return
        chair = next(chair for chair in self.turn if chair.person == actor)
        chair.person = to

    def delegate(self, actor: str, to: str) -> None:
        """One asks another for advice, which comes back."""
        self.sit_down(actor)
        chair = next(chair for chair in self.turn if chair.person == actor)
        self.chairs.append(Chair(to, chair.position, added=True, advises=chair))
