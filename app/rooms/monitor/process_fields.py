"""The columns of a process's list that its forms and variables make; whoever wants them chooses them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.platform.lists import Column
from app.platform.monitoring import case_fields
from app.platform.monitoring.case_fields import Fields, Reader, Said
from app.platform.records.fields import SORTS, Listed
from app.platform.registry import Words
from app.platform.runtime import versions

Row = Mapping[str, Any]
YES, NO = Words("是", "Yes"), Words("否", "No")


def of(session: Session, version: str | None, *, is_recorded: bool) -> Fields:
    """The fields of a version; of a chain that is recorded (whose fields are columns already) the variables alone."""
    if version is None:
        return Fields()
    try:
        program = versions.program(session, version)
    except case_fields.UNREADABLE:
        return Fields()
    return Fields((), case_fields.variables(program)) if is_recorded else case_fields.of(program)


def columns(fields: Fields) -> Iterator[Column]:
    """A column for each field and variable, none of them shown at first. Their rows are those that `told` gives."""
    often = Counter(one.title for one in fields.listed)
    for one in fields.listed:
        sort = None if one.field.mask else SORTS[one.field.kind.key]
        kind: Any = {"number": "number", "day": "day"}.get(sort or "", "text")
        title = one.title if often[one.title] == 1 else _of_form(one)
        yield Column(f"f_{one.key}", title, value=_field(one), kind=kind, card="named", hidden_at_first=True)
    for name in fields.variables:
        title = Words(f"变量 {name}", f"Variable {name}")
        yield Column(f"v_{name}", title, value=_variable(name), card="named", hidden_at_first=True)


def told(session: Session, process: str, fields: Fields, rows: Sequence[Row]) -> list[Row]:
    """The rows with what their cases say; read only if one of the columns is wanted."""
    if not rows:
        return []
    reader = Reader(session, rows[0]["reader"], rows[0]["at"], process)
    said = Said(reader, fields, [row["id"] for row in rows])
    return [{**row, "said": said} for row in rows]


def _of_form(one: Listed) -> Words:
    """What a field is called where another form asks for something of the same name."""
    return Words(f"{one.title.zh}（{one.whole.title.zh}）", f"{one.title.en} ({one.whole.title.en})")


def _field(one: Listed) -> Callable[[Row], Any]:
    return lambda row: row["said"].of_field(row["id"], one)


def _variable(name: str) -> Callable[[Row], Any]:
    def value(row: Row) -> Any:
        found = row["said"].of_variable(row["id"], name)
        return (YES if found else NO) if isinstance(found, bool) else found

    return value
