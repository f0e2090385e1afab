"""What a form is handed by the house: stored values, the moment, choices, regions, files and checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any, Protocol

from app.platform.forms.complaints import Wrong
from app.platform.registry import Words

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


class RegionFacts(Protocol):
    """What a form must know of a region; `identity.regions` answers with such facts."""

    @property
    def code(self) -> str:
        """GB/T 2260 code."""

    @property
    def name(self) -> str:
        """Its own name."""

    @property
    def level(self) -> str:
        """province, city or district."""

    @property
    def path(self) -> str:
        """Codes from the province down, each followed by `/`."""

    @property
    def full_name(self) -> str:
        """Names from the province down."""


class FileFacts(Protocol):
    """What a form must know of a stored file; `documents` answers with such facts."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def name(self) -> str:
        """Its name, as uploaded."""

    @property
    def type(self) -> str:
        """Media type by content."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def width(self) -> int | None:
        """Pixels, of a picture."""

    @property
    def height(self) -> int | None:
        """Pixels, of a picture."""

    @property
    def grey(self) -> bool:
        """Whether a picture has no colours."""

    @property
    def owner(self) -> str | None:
        """The person who uploaded it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How scans compare with what was printed: why they are refused, or what the record keeps of them."""

    fault: Wrong | None
    facts: Mapping[str, Any] = field(default_factory=dict)


class NamedFacts(Protocol):
    """What a form must know of a unit or a person that can be chosen; `identity.choosable` answers with such facts."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def detail(self) -> str:
        """What tells it from others of the same name: its region, his post."""


def _none_found(*_: str) -> Sequence[NamedFacts]:
    return ()


def _no_choices(name: str) -> Sequence[tuple[str, Words]]:
    return ()


def _nothing(*_: Any) -> None:
    return None


def _no_regions(parent: str | None) -> Sequence[RegionFacts]:
    return ()


@dataclass(frozen=True, slots=True)
class Given:
    """What reading and showing a form may ask for. Only `values` and `now` are always needed.

    `choices` is asked for a dictionary by its name and for a hook by `<system>/<name>`; `label` names a code
    that is no longer offered; `children(None)` are the provinces; `outcome` is the button pressed, which
    conditions may read; `scan(template, file ids)` compares scans with the print they are of.
    `units(text)` and `people(text, role)` find those whose name has that text, those who hold the role now;
    `unit(id)` and `holder(id, role)` know one, closed and retired ones too.
    """

    values: Mapping[str, Any]
    now: datetime
    choices: Callable[[str], Sequence[tuple[str, Words]]] = _no_choices
    region: Callable[[str], RegionFacts | None] = _nothing
    children: Callable[[str | None], Sequence[RegionFacts]] = _no_regions
    file: Callable[[str], FileFacts | None] = _nothing
    check: Callable[[str, Mapping[str, Any]], Words | None] = _nothing
    label: Callable[[str, str], Words | None] = _nothing
    scan: Callable[[str, Sequence[str]], Compared | None] = _nothing
    units: Callable[[str], Sequence[NamedFacts]] = _none_found
    unit: Callable[[str], NamedFacts | None] = _nothing
    people: Callable[[str, str], Sequence[NamedFacts]] = _none_found
    holder: Callable[[str, str], NamedFacts | None] = _nothing
    person: str = ""
    outcome: str | None = None

    @property
    def today(self) -> date:
        """The day in China."""
        return self.now.astimezone(CHINA).date()
