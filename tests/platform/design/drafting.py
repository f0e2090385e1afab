"""Small drawings with small forms, checked as a designer's draft is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.platform.data import Base
from app.platform.design import checking
from app.platform.design.finding import Finding
from tests.empty_world import open_up
from tests.platform.engine.drawing import Drawing

open_up()
ENGINE = create_engine("sqlite://")
Base.metadata.create_all(ENGINE)
FILE = "processes/permits/test.bpmn"


def form(*fields: Mapping[str, Any], id: str = "permits/small", **more: Any) -> bytes:
    """A form file."""
    made = [{"label": one["name"], "label.en": one["name"], **one} for one in fields]
    return json.dumps({"id": id, "title": "表", "title.en": "Form", "fields": made, **more}).encode()


def number(name: str, **more: Any) -> Mapping[str, Any]:
    return {"type": "number", "name": name, "variable": True, **more}


def choice(name: str, *codes: str, **more: Any) -> Mapping[str, Any]:
    choices = [{"code": code, "label": code, "label.en": code} for code in codes]
    return {"type": "choice", "name": name, "variable": True, "choices": choices, **more}


def check(drawing: Drawing, *forms: bytes, **more: Any) -> list[Finding]:
    """All that is found; a form's file is called by its id."""
    files = {FILE: drawing.text().encode()}
    files |= {f"forms/{json.loads(one)['id']}.json": one for one in forms}
    with Session(ENGINE) as session:
        return checking.findings(session, drawing.process, files, **more)


def codes(found: Sequence[Finding], *wanted: str) -> list[tuple[str, str | None]]:
    """Code and element of what was found; of `wanted` codes only, where some are given."""
    return [(one.code, one.element) for one in found if not wanted or one.code in wanted]


def branching(*conditions: str, default: bool = True, steps: str = "edit", first: str = "ask") -> Drawing:
    """Ask the form, then part ways on conditions, each to its own end; the last way is the default."""
    drawing = Drawing(title='"x"', number="T{year}{serial:04}").start().task(first, form="permits/small")
    drawing = drawing.xor("parted", default="otherwise" if default else None).line("begin", first, "parted")
    for at, condition in enumerate(conditions):
        drawing = drawing.end(f"end{at}").flow("parted", f"end{at}", condition, id=f"way{at}")
    return drawing.end("end").flow("parted", "end", id="otherwise")
