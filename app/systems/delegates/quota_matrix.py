"""The quota matrix as it is typed: units × identities with their minimums, read cell by cell (EN-D2)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from app.systems.delegates.rules import (
    DELEGATE,
    IDENTITIES,
    MEMBER,
    MINIMUMS,
    WITH_MINIMUMS,
    Allotment,
    Quota,
    exceeded,
)

MOST: Final = 9_999
NO_NUMBER: Final = ("请填写 0 到 9999 的整数", "A whole number from 0 to 9999")
OVER_SEATS: Final = ("不能超过名额", "Cannot be more than the seats")
TOO_FEW_DELEGATES: Final = (
    "委员占用代表名额，代表名额不能少于委员名额",
    "A committee member takes a delegate seat: there cannot be fewer of these",
)
COLUMNS: Final = tuple(
    (identity, minimum)
    for identity in IDENTITIES
    for minimum in (None, *(MINIMUMS if identity in WITH_MINIMUMS else ()))
)
"""The columns of the matrix in the order of the page: an identity's seats, then its minimums."""


def cell(row: str, identity: str, minimum: str | None) -> str:
    """What the field of a cell is called."""
    return f"{row}.{identity}" if minimum is None else f"{row}.{identity}.{minimum}"


def read(typed: Mapping[str, str], row: str) -> tuple[Quota, dict[str, tuple[str, str]]]:
    """The quota of a row as typed, and what is wrong with its cells; an empty cell is 0."""
    numbers: dict[tuple[str, str | None], int] = {}
    wrong: dict[str, tuple[str, str]] = {}
    for identity, minimum in COLUMNS:
        number = _number(typed.get(cell(row, identity, minimum), ""))
        if number is None:
            wrong[cell(row, identity, minimum)] = NO_NUMBER
        else:
            numbers[identity, minimum] = number
    for identity, minimum in COLUMNS:
        seats, least = numbers.get((identity, None)), numbers.get((identity, minimum))
        if minimum is not None and seats is not None and least is not None and least > seats:
            wrong[cell(row, identity, minimum)] = OVER_SEATS
    members, delegates = numbers.get((MEMBER, None)), numbers.get((DELEGATE, None))
    if members is not None and delegates is not None and delegates < members:
        wrong[cell(row, DELEGATE, None)] = TOO_FEW_DELEGATES
    return _quota(numbers), wrong


def typed(quota: Quota, row: str) -> dict[str, str]:
    """A quota as its cells show it; nothing for a row that was never allotted anything."""
    return {name: str(number) for name, number in _cells(quota, row)}


def differences(before: Quota, after: Quota) -> dict[str, list[int]]:
    """The cells that are another number now: `member.women` to [before, after]."""
    old, new = dict(_cells(before, "")), dict(_cells(after, ""))
    return {
        name.removeprefix("."): [old.get(name, 0), number]
        for name, number in new.items()
        if old.get(name, 0) != number
    }


def overrun(before: Quota, after: Quota, there: Iterable[str]) -> list[str]:
    """The identities whose lowered seats are fewer than those taken already (2.8, answer 6)."""
    holders = list(there)
    lowered = [kind for kind in after if after[kind].seats < before.get(kind, Allotment(0)).seats]
    return [kind for kind, _limit in exceeded(after, (), holders) if kind in lowered]


def _cells(quota: Quota, row: str) -> Iterator[tuple[str, int]]:
    for identity, minimum in COLUMNS:
        if identity in quota:
            allotment = quota[identity]
            number = allotment.seats if minimum is None else allotment.minimums.get(minimum, 0)
            yield cell(row, identity, minimum), number


def _quota(numbers: Mapping[tuple[str, str | None], int]) -> dict[str, Allotment]:
    return {
        identity: Allotment(
            numbers.get((identity, None), 0),
            {minimum: numbers.get((identity, minimum), 0) for minimum in MINIMUMS}
            if identity in WITH_MINIMUMS
            else {},
        )
        for identity in IDENTITIES
    }


def _number(text: str) -> int | None:
    plain = unicodedata.normalize("NFKC", text).strip()  # digits as an input method writes them
    if not plain:
        return 0
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 6):
        return None
    number = int(plain)
    return number if number <= MOST else None
