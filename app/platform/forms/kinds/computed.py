"""The field type that nobody fills in: its value follows from the other answers, on the server, at each reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from app.platform.expressions import EvaluationFailed, Expression
from app.platform.forms.complaints import Wrong
from app.platform.forms.given import Given
from app.platform.forms.kinds.base import Kind

if TYPE_CHECKING:
    from app.platform.forms.definition import Field


class Computed(Kind):
    """The value of `expression`, or with `sum_of` (`table.column`) the sum of a table's column; numbers are
    rounded to `decimals`. Nothing where it cannot be worked out yet."""

    key = "computed"
    settings: ClassVar[Mapping[str, Any]] = {
        "expression": {"$ref": "#/$defs/expression"},
        "sum_of": {"type": "string", "pattern": "^[a-z][a-z0-9_]*\\.[a-z][a-z0-9_]*$"},
        "decimals": {"type": "integer", "minimum": 0, "maximum": 6},
        "unit": {"type": "string", "minLength": 1, "maxLength": 10},
        "unit.en": {"type": "string", "minLength": 1, "maxLength": 20},
    }
    conditions = ("expression",)
    derived = True
    variable = "number"

    def parse(self, one: Field, raw: Sequence[str], given: Given) -> Any:
        """Nobody sends it. Raises `Wrong`."""
        raise Wrong("not_yours")

    def compute(self, one: Field, values: Mapping[str, Any], given: Given) -> Any:
        """Return the value that follows from `values`: a number, a text, yes or no; None where there is none."""
        source: Expression | None = one.settings.get("expression")
        try:
            value: Any = self._sum(one, values) if source is None else source.evaluate(values, given.now)
        except EvaluationFailed:
            return None
        if type(value) in (int, float):
            return _rounded(value, int(one.settings.get("decimals", 0)))
        return value if isinstance(value, str | bool) else None

    def said(self, one: Field, value: Any, given: Given, language: str) -> str:
        """Number and unit; a text or yes and no as they are."""
        english = language.startswith("en")
        if isinstance(value, bool):
            return ("Yes" if value else "No") if english else ("是" if value else "否")
        if type(value) not in (int, float):
            return str(value or "")
        unit = one.settings.get("unit", "")
        unit = one.settings.get("unit.en", unit) if english else unit
        return f"{Decimal(str(value)):,.{int(one.settings.get('decimals', 0))}f} {unit}".strip()

    def reads(self, one: Field) -> frozenset[str]:
        """The fields it follows from."""
        if "expression" in one.settings:
            source: Expression | None = one.settings["expression"]
            return source.names if source else frozenset()
        return frozenset({str(one.settings.get("sum_of", "")).partition(".")[0]})

    def faults(self, one: Field) -> Iterator[tuple[str, str]]:
        """Exactly one source."""
        if ("expression" in one.settings) == ("sum_of" in one.settings):
            yield "expression", "one_origin"

    def _sum(self, one: Field, values: Mapping[str, Any]) -> float | int | None:
        table, _, column = str(one.settings["sum_of"]).partition(".")
        found = [row.get(column) for row in values.get(table) or ()]
        numbers = [Decimal(str(each)) for each in found if type(each) in (int, float)]
        return float(sum(numbers, Decimal(0))) if numbers else None


def _rounded(value: float, decimals: int) -> int | float:
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return int(exact) if exact == exact.to_integral_value() else float(exact)
