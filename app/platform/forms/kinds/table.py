"""The repeating table: rows of one set of fields. Values are lists of objects, column → value, in order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from app.platform.forms.complaints import Cell, Wrong, WrongCells
from app.platform.forms.deriving import derive
from app.platform.forms.given import Given
from app.platform.forms.kinds.base import MANY, Kind
from app.platform.forms.kinds.uploads import REMOVE
from app.platform.forms.typed import presentable
from app.platform.registry import Words

if TYPE_CHECKING:
    from app.platform.forms.definition import Field

ADD = "_add"
"""Name of the buttons that add a row; their value is the field's name."""
LONGEST = 100_000  # characters of one row's texts
MOST_ROWS = 200
EMPTY: tuple[Any, ...] = (None, "", [])

Row = Mapping[str, Any]


class Table(Kind):
    """Rows of the fields in `columns`, from `min_rows` (once anything is entered) to `max_rows`.

    No two rows may have the same answer in the column named by `key`. Rows left wholly empty do not count.
    The page names its rows' keys as `name` and sends each cell as `name.<row key>.<column>`; the raw text of a row
    is JSON, column → texts, and programs may send that instead.
    """

    key = "table"
    settings: ClassVar[Mapping[str, Any]] = {
        "columns": {"type": "array", "items": {"$ref": "#/$defs/column"}, "minItems": 1, "maxItems": 20},
        "min_rows": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
        "max_rows": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
        "key": {"$ref": "#/$defs/name"},
    }
    needs = ("columns",)
    nests = "columns"
    codes = frozenset({"required", "too_few_rows", "too_many_rows", "repeated"})
    wide = True
    wide_to_read = True

    def empty(self) -> Any:
        """No rows."""
        return []

    def columns(self, one: Field) -> tuple[Field, ...]:
        """The fields of a row, in order."""
        return tuple(one.settings["columns"])

    def least(self, one: Field) -> int:
        """How many rows there are at least, once there are any."""
        return int(one.settings.get("min_rows", 1))

    def most(self, one: Field) -> int:
        """How many rows there may be."""
        return int(one.settings.get("max_rows", MOST_ROWS))

    def collect(self, one: Field, sent: Mapping[str, Sequence[str]]) -> list[str]:
        """A text per row, without those whose 删除 was pressed, and an empty one more where 添加 was."""
        removed = set(sent.get(REMOVE, ()))
        columns = self.columns(one)
        rows = []
        for row in list(sent.get(one.name, ()))[:MANY]:
            if row.startswith("{"):
                rows.append(packed(columns, _unpacked(row)))
            elif row.isascii() and row.isdigit() and f"{one.name}:{row}" not in removed:
                start = f"{one.name}.{row}"
                cells = {each.name: list(sent.get(f"{start}.{each.name}", ()))[:MANY] for each in columns}
                rows.append(packed(columns, cells))
        if one.name in sent.get(ADD, ()) and len(rows) < self.most(one):
            rows += ["{}"] * (2 if not rows else 1)  # the page had drawn one empty row by itself
        return rows

    def rows(self, one: Field, raw: Sequence[str]) -> list[dict[str, list[str]]]:
        """The texts of each row, column → texts; columns left empty are not named."""
        known = {each.name for each in self.columns(one)}
        return [
            {name: texts for name, texts in _unpacked(row).items() if name in known and any(texts)}
            for row in raw
        ]

    def parse(self, one: Field, raw: Sequence[str], given: Given) -> list[dict[str, Any]]:
        """Read every cell. Raises `WrongCells` with all that are wrong."""
        given = asked_once(given)
        columns = self.columns(one)
        wrong: list[Cell] = []
        rows: list[tuple[int, dict[str, Any]]] = []
        for number, texts in enumerate(self.rows(one, raw), 1):
            if not any(text.strip() for each in texts.values() for text in each):
                continue
            values, faults = _row(columns, texts, given)
            rows.append((number, values))
            wrong += [Cell(number, each, faults[each.name]) for each in columns if each.name in faults]
        if len(rows) > self.most(one):
            raise Wrong("too_many_rows", max=self.most(one), count=len(rows))
        wrong += self._repeated(one, rows)
        if wrong:
            raise WrongCells(sorted(wrong, key=lambda cell: cell.row))
        if 0 < len(rows) < self.least(one):
            raise Wrong("too_few_rows", min=self.least(one), count=len(rows))
        return [values for _, values in rows]

    def raw(self, one: Field, value: Any, given: Given) -> list[str]:
        """A text per row."""
        given = asked_once(given)
        columns = self.columns(one)
        return [
            packed(columns, {each.name: each.kind.raw(each, row.get(each.name), given) for each in columns})
            for row in value or ()
        ]

    def said(self, one: Field, value: Any, given: Given, language: str) -> str:
        """The first column, up to three rows of it, as one line of a list has room for."""
        first, rows = self.columns(one)[0], value or ()
        words = [first.kind.shown(first, row.get(first.name), given, language) for row in rows[:3]]
        if language.startswith("en"):
            return "; ".join(words) + (f" … ({len(rows)} rows)" if len(rows) > 3 else "")
        return "、".join(words) + (f"等{len(rows)}行" if len(rows) > 3 else "")

    def hides(self, one: Field) -> bool:
        """Whether any column has a mask."""
        return any(each.kind.hides(each) for each in self.columns(one))

    def veiled(self, one: Field, value: Any) -> Any:
        """The rows with their masks on."""
        columns = self.columns(one)
        return [
            {each.name: each.kind.veiled(each, row.get(each.name, each.kind.empty())) for each in columns}
            for row in value or ()
        ]

    def faults(self, one: Field) -> Iterator[tuple[str, str]]:
        """Bounds in order; the key is a column."""
        if self.least(one) > self.most(one):
            yield "min_rows", "bounds"
        if "key" in one.settings and one.settings["key"] not in {each.name for each in self.columns(one)}:
            yield "key", "not_a_column"

    def _repeated(self, one: Field, rows: Sequence[tuple[int, Row]]) -> Iterator[Cell]:
        key = next((each for each in self.columns(one) if each.name == one.settings.get("key")), None)
        if key is None:
            return
        first: dict[str, int] = {}
        for number, values in rows:
            value = values[key.name]
            if value in EMPTY:
                continue
            earlier = first.setdefault(json.dumps(value), number)
            if earlier != number:
                yield Cell(number, key, Wrong("repeated", row=earlier))


def _row(
    columns: Sequence[Field], texts: Mapping[str, list[str]], given: Given
) -> tuple[dict[str, Any], dict[str, Wrong]]:
    """Read one row; what is wrong is said by column."""
    values: dict[str, Any] = {}
    faults: dict[str, Wrong] = {}
    for each in columns:
        values[each.name] = each.kind.empty()
        try:
            values[each.name] = each.kind.parse(each, texts.get(each.name, ()), given)
        except Wrong as fault:
            faults[each.name] = fault
    wrong, derived = derive(columns, values, given)
    faults.update(wrong)
    values.update(derived)
    for each in columns:
        if each.required and values[each.name] in EMPTY and each.name not in faults:
            faults[each.name] = Wrong("required", how=each.kind.how)
    return values, faults


def packed(columns: Sequence[Field], texts: Mapping[str, Sequence[str]]) -> str:
    """A row's texts as one text; columns left empty are left out."""
    kept = {
        each.name: [presentable(text) for text in texts[each.name]]
        for each in columns
        if any(texts.get(each.name, ()))
    }
    return json.dumps(kept, ensure_ascii=False)


def _unpacked(text: str) -> dict[str, list[str]]:
    """A row's texts out of one text; what is not of that shape is left out."""
    try:
        found = json.loads(text) if len(text) <= LONGEST else {}
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        name: texts
        for name, texts in found.items()
        if isinstance(texts, list) and all(isinstance(each, str) for each in texts)
    }


def asked_once(given: Given) -> Given:
    """The same house, whose lists are asked once however many rows want them."""
    known: dict[str, Sequence[tuple[str, Words]]] = {}

    def choices(name: str) -> Sequence[tuple[str, Words]]:
        if name not in known:
            known[name] = given.choices(name)
        return known[name]

    return replace(given, choices=choices)
