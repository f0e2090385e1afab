"""What a reader asks of a list: filters, order, page; read from the address, where all of it lives."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.platform.identity import regions
from app.platform.identity.messages import Refusal
from app.platform.lists.definition import PAGE_SIZES, Choices, Filter, List
from app.platform.lists.narrowing import Period, Range, region_tree, regions_below
from app.platform.registry import Acting

LONGEST = 100
AMOUNT = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,6})?", re.ASCII)
BETWEEN = "."  # several codes in one parameter
MANY = 20  # codes looked for that are not offered


@dataclass(frozen=True, slots=True)
class Asked:
    """A reader's question. `values` are ready for `Filter.where`; `typed` is what the bar shows again.

    `lost` are the filters that were asked for something there is not (any more): they narrow nothing.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Choices] = field(default_factory=dict)
    sort: str = ""
    page: int = 1
    size: int = 10
    usual: int = PAGE_SIZES[0]
    lost: tuple[str, ...] = ()

    @property
    def address(self) -> dict[str, str]:
        """The same question as address parameters, without the page."""
        kept = {**self.typed}
        if self.sort:
            kept["sort"] = self.sort
        if self.size != self.usual:
            kept["size"] = str(self.size)
        return kept


@dataclass
class Known:
    """What one page has looked up for its filters already, so that several questions ask it once.

    `choices` are kept with what was chosen above them; `resolved` holds what filters have made of a code, by the
    filter's key and the code.
    """

    choices: dict[tuple[Filter, str], Choices] = field(default_factory=dict)
    resolved: dict[tuple[str, str], Any] = field(default_factory=dict)


def read(
    listing: List,
    session: Session,
    acting: Acting,
    sent: Mapping[str, str],
    known: Known | None = None,
    *,
    trusting: bool = False,
    offering: bool = True,
) -> Asked:
    """Read `sent` (address parameters) as a question to `lists`. What makes no sense is passed over.

    `trusting`: what was read before and kept: codes are not looked for among the choices, which costs nothing.
    `offering`: whether the choices are to be shown; if not, they are looked up only where one of them is asked for.
    """
    reading = _Reading(listing, session, acting, sent, known or Known(), trusting, offering)
    for asked in listing.filters:
        reading.take(asked)
    sort = sent.get("sort", "")
    return Asked(
        reading.values,
        reading.typed,
        reading.choices,
        sort if sort.removeprefix("-") in listing.sortable else "",
        _number(sent.get("page"), 1),
        size if (size := _number(sent.get("size"), listing.size)) in PAGE_SIZES else listing.size,
        listing.size,
        tuple(reading.lost),
    )


@dataclass
class _Reading:
    listing: List
    session: Session
    acting: Acting
    sent: Mapping[str, str]
    known: Known
    trusting: bool
    offering: bool
    values: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    choices: dict[str, Choices] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    def take(self, asked: Filter) -> None:
        """Read one filter."""
        if asked.kind == "period":
            self._period(asked)
        elif asked.kind == "range":
            self._range(asked)
        elif asked.kind == "text":
            self._text(asked)
        else:
            if not self.trusting and (self.offering or self._codes(asked)):
                self.choices[asked.key] = self._offered(asked)
            self._choice(asked) if asked.kind != "several" else self._several(asked)
        if asked.resolve is not None and asked.key in self.values:
            self.values[asked.key] = self._resolved(asked, self.values[asked.key])

    def _offered(self, asked: Filter) -> Choices:
        above = self.typed.get(asked.under, "")
        kept = self.known.choices
        if (asked, above) not in kept:
            if asked.under and asked.choices is not None:
                found = asked.choices(self.session, self.acting, above)
            elif asked.choices is not None:
                found = asked.choices(self.session, self.acting)
            elif asked.kind == "tree":
                found = region_tree(self.session, self.acting, self.sent.get(asked.key, ""))
            else:
                found = regions_below(self.session, self.acting) if asked.kind == "region" else ()
            kept[asked, above] = found
        return self._with_asked(asked, kept[asked, above])

    def _with_asked(self, asked: Filter, offered: Choices) -> Choices:
        """What is offered, and what was asked for, where it is a thing of which there is none just now."""
        code = self.sent.get(asked.key, "")
        if (
            asked.named is None
            or asked.kind == "several"
            or not code
            or any(code == one for one, _ in offered)
        ):
            return offered
        words = asked.named(self.session, self.acting, code)
        return offered if words is None else (*offered, (code, words))

    def _codes(self, asked: Filter) -> set[str]:
        """What is asked for: of one choice the code itself, of several those of every box that a form sends."""
        if asked.kind != "several":
            return {self.sent.get(asked.key, asked.default)} - {""}
        every = getattr(self.sent, "getlist", None)
        texts: Sequence[str] = every(asked.key) if every else [self.sent.get(asked.key, "")]
        return {code for text in texts for code in text.split(BETWEEN) if code}

    def _is_offered(self, asked: Filter, code: str) -> bool:
        return self.trusting or any(code == one for one, _ in self.choices[asked.key])

    def _choice(self, asked: Filter) -> None:
        code = self.sent.get(asked.key, asked.default)
        if code and self._is_offered(asked, code):
            value = self._path(asked, code) if asked.kind in ("region", "tree") else code
            if value is not None:
                self.values[asked.key], self.typed[asked.key] = value, code
        elif asked.default:
            self.typed[asked.key] = ""
        elif code:
            self.lost.append(asked.key)

    def _several(self, asked: Filter) -> None:
        if not (codes := self._codes(asked)):
            return
        if asked.named is not None and not self.trusting:
            known = {code for code, _ in self.choices[asked.key]}
            late = {
                code: asked.named(self.session, self.acting, code) for code in sorted(codes - known)[:MANY]
            }
            more = tuple((code, words) for code, words in late.items() if words is not None)
            self.choices[asked.key] = (*self.choices[asked.key], *more)
        offered = sorted(codes) if self.trusting else [code for code, _ in self.choices[asked.key]]
        wanted = [code for code in offered if code in codes]
        if wanted:
            self.values[asked.key] = tuple(wanted)
            self.typed[asked.key] = BETWEEN.join(wanted)
        if codes - set(wanted):
            self.lost.append(asked.key)

    def _path(self, asked: Filter, code: str) -> str | None:
        kept = self.known.resolved
        if (asked.key, code) not in kept:
            try:
                kept[asked.key, code] = regions.path_of(self.session, code)
            except Refusal:  # only of a question that was kept: what was offered is there
                kept[asked.key, code] = None
        path: str | None = kept[asked.key, code]
        return path

    def _resolved(self, asked: Filter, value: Any) -> Any:
        kept, code = self.known.resolved, str(value)
        if (asked.key, code) not in kept:
            assert asked.resolve is not None
            kept[asked.key, code] = asked.resolve(self.session, self.acting, value)
        return kept[asked.key, code]

    def _text(self, asked: Filter) -> None:
        if text := self.sent.get(asked.key, "").replace("\0", "").strip()[:LONGEST]:
            self.values[asked.key] = self.typed[asked.key] = text

    def _period(self, asked: Filter) -> None:
        ends = {end: _day(self.sent.get(f"{asked.key}_{end}", "")) for end in ("from", "to")}
        if any(ends.values()):
            self.values[asked.key] = Period(ends["from"], ends["to"])
            self.typed.update({f"{asked.key}_{end}": day.isoformat() for end, day in ends.items() if day})

    def _range(self, asked: Filter) -> None:
        typed = {end: self.sent.get(f"{asked.key}_{end}", "").strip() for end in ("from", "to")}
        ends = {end: _amount(text) for end, text in typed.items()}
        if any(amount is not None for amount in ends.values()):
            self.values[asked.key] = Range(ends["from"], ends["to"])
            self.typed.update({f"{asked.key}_{end}": typed[end] for end in ends if ends[end] is not None})


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None


def _amount(text: str) -> float | None:
    return float(text) if AMOUNT.fullmatch(text) else None


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and 0 < len(text) < 7 else otherwise
