"""What a reader asks of a list: filters, order, page; read from the address, where all of it lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.platform.identity import regions
from app.platform.lists.definition import PAGE_SIZES, Choices, Filter, List
from app.platform.lists.narrowing import Period, regions_below
from app.platform.registry import Acting

LONGEST = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A reader's question. `values` are ready for `Filter.where`; `typed` is what the bar shows again."""

    values: Mapping[str, Any] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Choices] = field(default_factory=dict)
    sort: str = ""
    page: int = 1
    size: int = 10

    @property
    def address(self) -> dict[str, str]:
        """The same question as address parameters, without the page."""
        kept = {**self.typed}
        if self.sort:
            kept["sort"] = self.sort
        if self.size != PAGE_SIZES[0]:
            kept["size"] = str(self.size)
        return kept


def read(listing: List, session: Session, acting: Acting, sent: Mapping[str, str]) -> Asked:
    """Read `sent` (address parameters) as a question to `lists`. What makes no sense is passed over."""
    values: dict[str, Any] = {}
    typed: dict[str, str] = {}
    choices: dict[str, Choices] = {}
    for asked in listing.filters:
        if asked.kind == "period":
            _read_period(asked, sent, values, typed)
        elif asked.kind == "text":
            _read_text(asked, sent, values, typed)
        else:
            choices[asked.key] = _offered(asked, session, acting)
            _read_choice(asked, sent, choices[asked.key], values, typed)
            if asked.kind == "region" and asked.key in values:
                values[asked.key] = regions.path_of(session, values[asked.key])
    sort = sent.get("sort", "")
    return Asked(
        values,
        typed,
        choices,
        sort if sort.removeprefix("-") in listing.sortable else "",
        _number(sent.get("page"), 1),
        size if (size := _number(sent.get("size"), listing.size)) in PAGE_SIZES else listing.size,
    )


def _offered(asked: Filter, session: Session, acting: Acting) -> Choices:
    if asked.choices is not None:
        return asked.choices(session, acting)
    return regions_below(session, acting) if asked.kind == "region" else ()


def _read_choice(
    asked: Filter, sent: Mapping[str, str], offered: Choices, values: dict[str, Any], typed: dict[str, str]
) -> None:
    code = sent.get(asked.key, asked.default)
    if any(code == known for known, _ in offered):
        values[asked.key] = code
        typed[asked.key] = code
    elif asked.default:
        typed[asked.key] = ""


def _read_text(asked: Filter, sent: Mapping[str, str], values: dict[str, Any], typed: dict[str, str]) -> None:
    if text := sent.get(asked.key, "").replace("\0", "").strip()[:LONGEST]:
        values[asked.key] = typed[asked.key] = text


def _read_period(
    asked: Filter, sent: Mapping[str, str], values: dict[str, Any], typed: dict[str, str]
) -> None:
    ends = {end: _day(sent.get(f"{asked.key}_{end}", "")) for end in ("from", "to")}
    if any(ends.values()):
        values[asked.key] = Period(ends["from"], ends["to"])
        typed.update({f"{asked.key}_{end}": day.isoformat() for end, day in ends.items() if day})


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and 0 < len(text) < 7 else otherwise
