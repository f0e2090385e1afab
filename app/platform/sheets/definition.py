"""What a sheet is: columns, who may fill it in, what makes two rows the same, and what a row becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from app.platform.data import Base
from app.platform.forms import kinds
from app.platform.forms.definition import Field
from app.platform.registry import Acting, Words

ColumnKind = Literal["text", "number", "integer", "date", "choice", "phone", "email", "id_number", "region"]
MOST = 100_000
CHUNK = 500
_AS = {"integer": "number", "choice": "text", "region": "text"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `choices` are codes with their words: a row's value is the code, of a region its code too.

    `settings` are those of the form field of this kind (`min`, `decimals`, `accepts`, `format` …); `longest`
    counts characters. `example` and `note` stand in the template.
    """

    key: str
    title: Words
    kind: ColumnKind = "text"
    required: bool = False
    longest: int = 100
    choices: tuple[tuple[str, Words], ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    example: str = ""
    note: Words | None = None
    asked: Field = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError(f"column {self.key}: choices belong to a choice")
        name = _AS.get(self.kind, self.kind)
        settings = {"maxlength": self.longest, **self.settings} if name == "text" else dict(self.settings)
        if self.kind == "number":
            settings.setdefault("decimals", 6)
        object.__setattr__(
            self,
            "asked",
            Field(self.key, kinds.KINDS[name], self.title, required=self.required, settings=settings),
        )


@dataclass(frozen=True, slots=True)
class Intake:
    """What a sheet's functions are handed: the open transaction, who imports, under which post, for which import.

    `place` and `role` are of the post chosen; `prepared` is what `prepare` returned.
    """

    session: Session
    now: datetime
    by: Acting
    record: str
    role: str
    place: str
    prepared: Any = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row that reads well: its number in the workbook, its values by column key (None where empty)."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bad:
    """What is wrong with a row, in words; `column` None when it concerns the row as a whole (C-24)."""

    row: int
    column: str | None
    words: Words


@dataclass(frozen=True, slots=True)
class Stored:
    """What came of a chunk: rows refused with their reasons, and how many rows are new in the system's table."""

    bad: Sequence[Bad] = ()
    created: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A workbook people fill in and send back.

    `same` names the columns that make a row the same row. `store(intake, rows) -> Stored` enters a chunk of rows,
    in one transaction and few statements: a row that is there already (by `same`) is changed or left, never
    doubled; what it writes carries `intake.record`. It runs again from the start of the chunk when the worker
    dies. `prepare(session, by, now)` reads what all rows need, once. `undo(intake)` takes an import back as a
    whole or raises `Refused` with why not; without it an import cannot be undone. `count(session, record)` tells
    the doctor how many rows carry the record. `fills` are the entities whose tables it fills. `then` is where one goes
    on with what was imported: words, and a path that is given `?import=<record>`. `tabs(acting)` are the pages it
    stands among, as of a list.
    """

    key: str
    title: Words
    columns: tuple[Column, ...]
    permission: str
    same: tuple[str, ...]
    store: Callable[[Intake, Sequence[Row]], Stored]
    prepare: Callable[[Session, Acting, datetime], Any] | None = None
    undo: Callable[[Intake], None] | None = None
    count: Callable[[Session, str], int] | None = None
    note: Words | None = None
    most: int = MOST
    fills: tuple[type[Base], ...] = ()
    then: tuple[Words, str] | None = None
    tabs: Callable[[Acting], Sequence[tuple[Words, str]]] | None = None

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        if len(set(keys)) != len(keys) or not self.same or not set(self.same) <= set(keys):
            raise ValueError(
                f"sheet {self.key}: columns have keys of their own, and `same` names some of them"
            )

    def column(self, key: str) -> Column:
        """The column of this key. Raises `KeyError`."""
        found = next((column for column in self.columns if column.key == key), None)
        if found is None:
            raise KeyError(key)
        return found
