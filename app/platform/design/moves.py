"""What is done in a rehearsal, move by move: read from what a page or a file of tests says, and written again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from app.platform.registry import Words

Kind = Literal["start", "do", "claim", "skip", "message", "answer", "verb"]
MOST: Final = 200
LONGEST_TEXT: Final = 20_000
_WHO: Final = re.compile(
    r"(?P<role>[a-z0-9_.]+)(?:@(?P<place>\w*))?(?:#(?P<subject>[\w*-]+))?(?:/(?P<number>\d))?", re.ASCII
)
_PERSON: Final = re.compile(r"person:(?P<person>\w{1,40})", re.ASCII)
_PERIOD: Final = re.compile(r"P\d{1,3}(?:D|WD|W|M)|PT\d{1,4}[HM]", re.ASCII)


class BadMove(ValueError):
    """A move, or a test, that cannot be read; `words` say what is wrong with it."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.zh)
        self.words = words


@dataclass(frozen=True, slots=True)
class Who:
    """Who makes a move: a role held at a place (a region's code or a unit's id) for a subject, or a person by id.

    Empty: whoever really gets the task. `number` tells two of the same role and place apart.
    """

    role: str = ""
    place: str = ""
    subject: str = "*"
    number: int = 1
    person: str = ""

    @classmethod
    def read(cls, text: str) -> Who:
        """Read `role@place#subject/number`, `person:<id>` or nothing. Raises `BadMove`."""
        if not text:
            return cls()
        if found := _PERSON.fullmatch(text):
            return cls(person=found["person"])
        parts = _WHO.fullmatch(text)
        if parts is None:
            raise BadMove(Words(f"看不懂由谁办理：{text[:60]}", f"Who is “{text[:60]}”?"))
        return cls(parts["role"], parts["place"] or "", parts["subject"] or "*", int(parts["number"] or 1))

    def __str__(self) -> str:
        if self.person:
            return f"person:{self.person}"
        text = self.role + (f"@{self.place}" if self.place else "")
        text += f"#{self.subject}" if self.subject != "*" else ""
        return text + (f"/{self.number}" if self.number > 1 else "")


@dataclass(frozen=True, slots=True)
class Move:
    """One move. `data`: what is typed into the form, field → texts, `{"choose": n}` or `{"sample": name}`.

    start: begin (`element`: at that start event, `variables`: handed in; `process`: another one, as it is published) ·
    do: decide the open task at `element` with `outcome` and `comment` · claim: take it · skip: let time pass, `period`
    or to the next deadline · message: let what waits at `element` have its message with `variables` · answer: say what
    the work at `element` returns (`variables`), or that it fails with `error` · verb: what is done on a page of the
    system's own, `verb` with `variables`. `nth`: which of several open at one element.
    """

    kind: Kind
    who: Who = Who()
    element: str = ""
    outcome: str = ""
    comment: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    period: str = ""
    error: str = ""
    nth: int = 1
    process: str = ""
    verb: str = ""

    @classmethod
    def read(cls, said: Any) -> Move:
        """Read a move as JSON says it. Raises `BadMove`."""
        if not isinstance(said, Mapping) or said.get("move") not in get_args(Kind):
            raise BadMove(Words(f"看不懂这一步：{str(said)[:60]}", f"Not a move: {str(said)[:60]}"))
        unknown = set(said) - set(NAMES) - {"move"}
        if unknown:
            named = "、".join(sorted(map(str, unknown)))[:60]
            raise BadMove(Words(f"这一步有看不懂的内容：{named}", f"Unknown in a move: {named}"))
        texts = {
            name: str(said.get(name) or "")[:LONGEST_TEXT]
            for name in ("element", "outcome", "comment", "error", "process", "verb")
        }
        period = str(said.get("for") or "")
        if period and not _PERIOD.fullmatch(period):
            raise BadMove(Words(f"看不懂跳过多久：{period[:20]}", f"How long is “{period[:20]}”?"))
        return cls(
            said["move"],
            Who.read(str(said.get("as") or "")),
            data=_mapping(said.get("data")),
            variables=_mapping(said.get("variables")),
            period=period,
            nth=max(1, int(said.get("nth") or 1)),
            **texts,
        )

    def written(self) -> dict[str, Any]:
        """The move as JSON says it; what is empty is left out."""
        said: dict[str, Any] = {
            "move": self.kind,
            "process": self.process,
            "verb": self.verb,
            "element": self.element,
            "as": str(self.who),
            "outcome": self.outcome,
            "comment": self.comment,
            "data": dict(self.data),
            "variables": dict(self.variables),
            "for": self.period,
            "error": self.error,
            "nth": self.nth if self.nth > 1 else None,
        }
        return {name: value for name, value in said.items() if value not in ("", None, {})}


NAMES: Final = (
    "process", "verb", "element", "as", "outcome", "comment", "data", "variables", "for", "error", "nth",
)  # fmt: skip


def read(said: Any) -> tuple[Move, ...]:
    """Read a list of moves. Raises `BadMove`, also where there are too many."""
    if not isinstance(said, list) or len(said) > MOST:
        raise BadMove(Words(f"最多 {MOST} 步", f"At most {MOST} moves"))
    return tuple(Move.read(one) for one in said)


def _mapping(said: Any) -> dict[str, Any]:
    if said is None:
        return {}
    if not isinstance(said, Mapping):
        raise BadMove(Words(f"看不懂填写的内容：{str(said)[:60]}", f"Not fields: {str(said)[:60]}"))
    return {str(name): value for name, value in said.items()}
