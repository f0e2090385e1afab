"""Field types with an order: number, money, date, date and time, period."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, ClassVar

from app.platform.forms.capitals import in_capitals
from app.platform.forms.complaints import Wrong
from app.platform.forms.given import Given
from app.platform.forms.kinds.base import Kind, OneText

if TYPE_CHECKING:
    from app.platform.forms.definition import Field

NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
MOST_DIGITS = 15
WRITTEN_DATE = re.compile(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))")
ISO_DATE = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
WRITTEN_TIME = re.compile(
    r"(.{8,12}?)(?:T| +|(?<=日))([0-9]{1,2})(?::([0-9]{2})(?::[0-9]{2})?|[时点](?:([0-9]{1,2})分?)?)"
)
ISO_TIME = re.compile(ISO_DATE.pattern + r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]")
ENDS = ("from", "to")
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
    NOISE: ClassVar[re.Pattern[str]] = re.compile(r"[\s,]")

    def decimals(self, one: Field) -> int:
        """How many decimals there may be."""
        return int(one.settings.get("decimals", 0))

    def judge(self, one: Field, text: str, given: Given) -> int | float:
        """Read the digits (1,234 and spaces are understood) and check the bounds."""
        plain = self.NOISE.sub("", text)
        if not NUMBER.fullmatch(plain):
            raise Wrong("number")
        if len(re.sub(r"\D", "", plain)) > MOST_DIGITS:
            self._bound(one, Decimal(plain))  # what is allowed tells more than how long it may be
            raise Wrong("number", how="long", max=MOST_DIGITS)
        try:
            value = Decimal(plain).normalize()
        except InvalidOperation as error:
            raise Wrong("number") from error
        decimals = self.decimals(one)
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > decimals:
            raise Wrong("decimals", decimals=decimals) if decimals else Wrong("integer")
        self._bound(one, value)
        return int(value) if value == value.to_integral_value() else float(value)

    def _bound(self, one: Field, value: Decimal) -> None:
        for setting, code, outside in (("min", "too_small", -1), ("max", "too_large", 1)):
            bound = one.settings.get(setting)
            if bound is not None and value.compare(Decimal(str(bound))) == outside:
                raise Wrong(code, **{setting: f"{bound}"})

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


class Money(Number):
    """A sum in yuan with two decimals; with `capital` its reader sees it in capital numerals too.

    The value is a number of at most 15 digits, which JSON keeps exactly, so that conditions can weigh it;
    `Decimal(str(value))` is the sum itself.
    """

    key = "money"
    settings: ClassVar[Mapping[str, Any]] = {
        "min": {"type": "number"},
        "max": {"type": "number"},
        "capital": {"type": "boolean"},
    }
    NOISE = re.compile(r"[\s,¥元]|人民币")

    def decimals(self, one: Field) -> int:
        """分."""
        return 2

    def raw(self, one: Field, value: Any, given: Given) -> list[str]:
        """With both decimals."""
        return [] if value is None else [f"{Decimal(str(value)):.2f}"]

    def said(self, one: Field, value: Any, given: Given, language: str) -> str:
        """1,234.50 元（壹仟贰佰叁拾肆元伍角整）."""
        if value is None:
            return ""
        yuan = Decimal(str(value))
        words = f"{yuan:,.2f}"
        if language.startswith("en"):
            return f"CNY {words}"
        return f"{words} 元" + (f"（{in_capitals(yuan)}）" if one.settings.get("capital") else "")


class Date(OneText):
    """A day, stored as YYYY-MM-DD. `min` and `max` are days, or today, today-30d, today+7d."""

    key = "date"
    settings: ClassVar[Mapping[str, Any]] = {
        "min": {"$ref": "#/$defs/day"},
        "max": {"$ref": "#/$defs/day"},
    }
    codes = frozenset({"required", "control", "date", "too_early", "too_late", "mismatch"})
    variable: ClassVar[str | None] = "date"
    ordinary_width = True

    def judge(self, one: Field, text: str, given: Given) -> str:
        """Read a day as pickers send it and as people write it (2024/5/6, 2024年5月6日, 20240506)."""
        day = _day(text)
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


class DateTime(Date):
    """A day and a time of day in China, stored as YYYY-MM-DDTHH:MM. `min` and `max` are days, as of a date."""

    key = "date_time"
    codes = frozenset({"required", "control", "date", "date_time", "too_early", "too_late"})
    variable = None

    def judge(self, one: Field, text: str, given: Given) -> str:
        """Read what pickers send and what people write (2024/5/6 14:30, 2024年5月6日14时30分)."""
        found = WRITTEN_TIME.fullmatch(text.strip())
        if not found:
            raise Wrong("date_time")
        hour, minute = int(found[2]), int(found[3] or found[4] or 0)
        if hour > 23 or minute > 59:
            raise Wrong("date_time")
        return f"{super().judge(one, found[1], given)}T{hour:02}:{minute:02}"

    def said(self, one: Field, value: Any, given: Given, language: str) -> str:
        """With a space between day and time."""
        return str(value or "").replace("T", " ")

    def offers(self, one: Field, raw: Sequence[str], given: Given, language: str) -> Mapping[str, str]:
        """The bounds for the picker, and in `picks` whether it can show the text."""
        least, most = self.bounds(one, given)
        text = raw[0] if raw else ""
        picks = not text or ISO_TIME.fullmatch(text) is not None
        return {"min": f"{least}T00:00", "max": f"{most}T23:59", "picks": "yes" if picks else ""}


class Period(Kind):
    """From one day to another, both included, at most `most_days` long. The value is `{"from": day, "to": day}`.

    The page sends `name.from` and `name.to`; programs may send both days as `name`.
    """

    key = "period"
    settings: ClassVar[Mapping[str, Any]] = {
        **Date.settings,
        "most_days": {"type": "integer", "minimum": 1, "maximum": 36525},
    }
    codes = frozenset(
        {"required", "control", "date", "too_early", "too_late", "half", "reversed", "too_long"}
    )
    wide = True

    def collect(self, one: Field, sent: Mapping[str, Sequence[str]]) -> list[str]:
        """Both days, or what a draft or a program says of them."""
        ends = [next(iter(sent.get(f"{one.name}.{end}", ())), "") for end in ENDS]
        kept = ends if any(ends) else list(sent.get(one.name, ()))[:2]
        return kept if any(kept) else []

    def parse(self, one: Field, raw: Sequence[str], given: Given) -> dict[str, str] | None:
        """Both days or none; the first no later than the second."""
        days = [_DAY.parse(one, [text], given) for text in raw]
        if not any(days):
            return None
        if len(days) != 2 or not all(days):
            raise Wrong("half")
        first, last = days
        if first > last:
            raise Wrong("reversed")
        length = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
        most = one.settings.get("most_days", length)
        if length > most:
            raise Wrong("too_long", how="days", max=most, length=length)
        return {"from": first, "to": last}

    def raw(self, one: Field, value: Any, given: Given) -> list[str]:
        """Both days."""
        return [] if value is None else [value["from"], value["to"]]

    def said(self, one: Field, value: Any, given: Given, language: str) -> str:
        """2024-05-06 至 2024-05-09."""
        if value is None:
            return ""
        return f"{value['from']} {'to' if language.startswith('en') else '至'} {value['to']}"

    def offers(self, one: Field, raw: Sequence[str], given: Given, language: str) -> Mapping[str, Any]:
        """What a date offers, and the two texts by end."""
        texts = [*raw, "", ""][:2]
        ends = [
            {"end": end, "text": text, **_DAY.offers(one, [text], given, language)}
            for end, text in zip(ENDS, texts, strict=True)
        ]
        return {"ends": ends}

    def faults(self, one: Field) -> Iterator[tuple[str, str]]:
        """Bounds must be days that exist."""
        yield from _DAY.faults(one)


_DAY = Date()


def _day(text: str) -> date:
    """A day however it is written. Raises `Wrong("date")`."""
    found = WRITTEN_DATE.fullmatch(text.replace(" ", ""))
    if not found:
        raise Wrong("date")
    year, *rest = [int(part) for part in found.groups() if part]
    try:
        return date(year, *rest)
    except ValueError as error:
        raise Wrong("date") from error


def _bound(text: str, today: date) -> date:
    relative = BOUND.fullmatch(text)
    return today + timedelta(days=int(relative[1] or 0)) if relative else date.fromisoformat(text)
