"""Which fields of forms a list may show, and how their values are kept: never what is sensitive or masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.platform.forms import Field, Form
from app.platform.records.entities import LONGEST
from app.platform.registry import Words

Sort = Literal["text", "number", "day", "moment", "period", "choice", "yes", "region", "unit", "person"]

SORTS: Mapping[str, Sort] = {
    "text": "text",
    "credit_code": "text",
    "number": "number",
    "money": "number",
    "computed": "number",
    "date": "day",
    "date_time": "moment",
    "period": "period",
    "choice": "choice",
    "yes_no": "yes",
    "region": "region",
    "organisation": "unit",
    "person": "person",
}
"""The types of fields that are recorded. Phones, e-mails and ID numbers are personal; files and tables are no cells."""

MANY = 50  # answers recorded of one field
Stored = tuple[str | None, float | None]


@dataclass(frozen=True, slots=True)
class Listed:
    """A field as lists know it. `key` tells it from the others of its process.

    `whole` is the form that asks it; `is_retired`: only earlier versions do.
    """

    key: str
    whole: Form
    field: Field
    is_retired: bool = False

    @property
    def form(self) -> str:
        """The id of its form."""
        return self.whole.id

    @property
    def sort(self) -> Sort:
        """How it is filtered and shown."""
        return SORTS[self.field.kind.key]

    @property
    def title(self) -> Words:
        """Its label, with the unit of a number."""
        label, settings = self.field.label, self.field.settings
        unit = settings.get("unit", "元" if self.field.kind.key == "money" else "")
        english = settings.get("unit.en", "CNY" if self.field.kind.key == "money" else unit)
        zh, en = label.zh, label.en or label.zh
        if unit:
            zh, en = f"{zh}（{unit}）", f"{en} ({english})"
        return Words(f"{zh}（旧版）", f"{en} (earlier)") if self.is_retired else Words(zh, en)

    @property
    def decimals(self) -> int:
        """How many decimals a number has."""
        return 2 if self.field.kind.key == "money" else int(self.field.settings.get("decimals", 0))


def is_listed(one: Field) -> bool:
    """Whether a field may stand in a list: it is nobody's secret, and it fits a cell."""
    return one.kind.key in SORTS and not one.sensitive and one.mask is None


def listed(current: Sequence[Form], earlier: Iterable[Form] = ()) -> tuple[Listed, ...]:
    """The fields of a process's free forms in their order, then those that only `earlier` versions (latest first) ask.

    A field that means something else by now (another type) is only what it is now.
    """
    found: dict[tuple[str, str], Listed] = {}
    names: set[str] = set()
    now_there = {(form.id, name) for form in current for name in form.fields}
    for form, is_retired in [*((one, False) for one in current), *((one, True) for one in earlier)]:
        for one in form.fields.values() if form.entity is None else ():
            place = (form.id, one.name)
            if place in found or not is_listed(one) or (is_retired and place in now_there):
                continue
            key = one.name if one.name not in names else f"{form.id.rpartition('/')[2]}__{one.name}"
            names.add(key)
            found[place] = Listed(key, form, one, is_retired)
    return tuple(found.values())


def stored(value: Any) -> Iterator[Stored]:
    """A field's value (JSON) as rows hold it, by position: its texts, or its number; nothing where it is empty."""
    if isinstance(value, bool):
        yield ("yes" if value else "no"), None
    elif isinstance(value, int | float):
        yield None, float(value)
    elif isinstance(value, str):
        if value:
            yield value[:LONGEST], None
    elif isinstance(value, Mapping):
        if value.get("from"):
            yield str(value["from"]), None
            yield str(value.get("to", value["from"])), None
    elif isinstance(value, list | tuple):
        for each in value[:MANY]:
            yield str(each)[:LONGEST], None


def restored(sort: Sort, is_many: bool, rows: Sequence[Stored]) -> Any:
    """The value (JSON) that `stored` has made rows of."""
    if not rows:
        return [] if is_many else None
    text, number = rows[0]
    if is_many:
        return [each for each, _ in rows]
    if sort == "period" and len(rows) > 1:
        return {"from": text, "to": rows[1][0]}
    if sort == "yes" and text in ("yes", "no"):
        return text == "yes"
    if number is not None:
        return int(number) if number.is_integer() else number
    return text
