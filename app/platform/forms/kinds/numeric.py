"""Field types with an order: number and date."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, ClassVar

from app.platform.forms.complaints import Wrong
from app.platform.forms.given import Given
from app.platform.forms.kinds.base import OneText

if TYPE_CHECKING:
    from app.platform.forms.definition import Field

NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?")
WRITTEN_DATE = re.compile(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))")
ISO_DATE = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
BOUND = re.compile(r"today(?:([+-][0-9]{1,5})d)?")


class Number(OneText):
    """A number, whole unless `decimals` says more; at most 15 digits, so that JSON keeps it exactly."""

    key = "number"
    settings: ClassVar[Mapping[str, Any]] = {
        "min": {"type": "number"},
        "max": {"type": "number"},
        "decimals": {"type": "integer", "minimum": 0, "maximum": 6},
        "unit": {"type": "string", "minLength": 1, "maxLength": 10},
        "unit.en": {"type": "string", "minLength": 1, "maxLength": 20},
    }
    codes = frozenset({"required", "control", "number", "integer", "decimals", "too_small", "too_large"})
    variable = "number"
    ordinary_width = True

    def judge(self, one: Field, text: str, given: Given) -> int | float:
        """Read the digits (1,234 and spaces are understood) and check the bounds."""
        plain = re.sub(r"[\s,]", "", text)
        if not NUMBER.fullmatch(plain) or len(re.sub(r"\D", "", plain)) > 15:
            raise Wrong("number")
        try:
            value = Decimal(plain).normalize()
        except InvalidOperation as error:
            raise Wrong("number") from error
        decimals = int(one.settings.get("decimals", 0))
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > decimals:
            raise Wrong("decimals", decimals=decimals) if decimals else Wrong("integer")
        for setting, code, outside in (("min", "too_small", -1), ("max", "too_large", 1)):
            bound = one.settings.get(setting)
            if bound is not None and value.compare(Decimal(str(bound))) == outside:
                raise Wrong(code, **{setting: f"{bound}"})
        return int(value) if value == value.to_integral_value() else float(value)

    def said(self, one: Field, value: Any, given: Given, language: str) -> str:
        """Number and unit."""
        if value is None:
            return ""
        unit = one.settings.get("unit", "")
        if language.startswith("en"):
            unit = one.settings.get("unit.en", unit)
        return f"{value} {unit}".strip()

    def faults(self, one: Field) -> Iterator[tuple[str, str]]:
        """The least may not be above the most."""
        if one.settings.get("min", 0) > one.settings.get("max", float("inf")):
            yield "min", "bounds"


class Date(OneText):
    """A day, stored as YYYY-MM-DD. `min` and `max` are days, or today, today-30d, today+7d."""

    key = "date"
    settings: ClassVar[Mapping[str, Any]] = {
        "min": {"$ref": "#/$defs/day"},
        "max": {"$ref": "#/$defs/day"},
    }
    codes = frozenset({"required", "control", "date", "too_early", "too_late", "mismatch"})
    variable = "date"
    ordinary_width = True

    def judge(self, one: Field, text: str, given: Given) -> str:
        """Read a day as pickers send it and as people write it (2024/5/6, 2024年5月6日, 20240506)."""
        found = WRITTEN_DATE.fullmatch(text.replace(" ", ""))
        if not found:
            raise Wrong("date")
        year, *rest = [int(part) for part in found.groups() if part]
        try:
            day = date(year, *rest)
        except ValueError as error:
            raise Wrong("date") from error
        least, most = self.bounds(one, given)
        if day < least:
            raise Wrong("too_early", min=least.isoformat())
        if day > most:
            raise Wrong("too_late", max=most.isoformat())
        return day.isoformat()

    def bounds(self, one: Field, given: Given) -> tuple[date, date]:
        """Return the first and the last day allowed."""
        return (
            _bound(one.settings.get("min", "1850-01-01"), given.today),
            _bound(one.settings.get("max", "2199-12-31"), given.today),
        )

    def offers(self, one: Field, raw: Sequence[str], given: Given, language: str) -> Mapping[str, str]:
        """The bounds for the picker, and in `picks` whether it can show the text."""
        least, most = self.bounds(one, given)
        text = raw[0] if raw else ""
        picks = not text or ISO_DATE.fullmatch(text) is not None
        return {"min": least.isoformat(), "max": most.isoformat(), "picks": "yes" if picks else ""}

    def faults(self, one: Field) -> Iterator[tuple[str, str]]:
        """Bounds must be days that exist."""
        for setting in ("min", "max"):
            try:
                _bound(one.settings.get(setting, "today"), date(2024, 2, 29))
            except (ValueError, OverflowError):
                yield setting, "date"


def _bound(text: str, today: date) -> date:
    relative = BOUND.fullmatch(text)
    return today + timedelta(days=int(relative[1] or 0)) if relative else date.fromisoformat(text)
