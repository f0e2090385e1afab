"""What the lines of a repair say on a page, and how they are read from its form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.platform.identity import people
from app.platform.monitoring import repair_lines, stall_words
from app.platform.monitoring.repair_lines import Line
from app.platform.monitoring.repairable import Repairable
from app.platform.runtime import element_names
from app.rooms.web.acting import session
from app.rooms.web.language import said

TYPES = ("text", "number", "yes", "no", "none")


@dataclass(frozen=True, slots=True)
class Shown:
    """One pending line: as the form carries it, and in words."""

    json: str
    words: str


def lines_of(given: Sequence[str]) -> list[Line]:
    """The lines a form carries; what is none is left out."""
    found = []
    for text in given[: repair_lines.MOST]:
        try:
            found.append(repair_lines.read(json.loads(text)))
        except ValueError:
            continue
    return found


def shown(lines: Sequence[Line], at: Repairable) -> list[Shown]:
    """The lines in words, with the names of elements and people."""
    named = people.names(session(), {line.to for line in lines if line.kind == "assign"})
    steps = {task: said(asked.name) for task, asked in at.tasks}
    errors = {incident: element for incident, element, _detail in at.incidents}
    return [
        Shown(json.dumps(line.as_json(), ensure_ascii=False), _words(line, at, named, steps, errors))
        for line in lines
    ]


def _words(
    line: Line, at: Repairable, named: Mapping[str, str], steps: Mapping[str, str], errors: Mapping[str, str]
) -> str:
    def name(element: str) -> str:
        return said(element_names.quotable(at.names[element])) if element in at.names else element

    match line.kind:
        case "move":
            return _(
                "把停在“%(source)s”的一支移到“%(target)s”", source=name(line.token[0]), target=name(line.to)
            )
        case "add" if line.value:
            return _("再增加一项“%(target)s”（%(item)s）", target=name(line.to), item=line.value)
        case "add":
            return _("在“%(target)s”增加一支", target=name(line.to))
        case "drop":
            return _("取消停在“%(source)s”的一支", source=name(line.token[0]))
        case "retry":
            return _("重试“%(step)s”的出错处理", step=name(errors.get(line.at, "")) or at.title)
        case "assign":
            step, person = steps.get(line.at, ""), named.get(line.to, "")
            return _("把“%(step)s”交给%(person)s办理", step=step, person=person)
        case "set":
            return _("把变量 %(name)s 改为 %(value)s", name=line.at, value=value(line.value))
        case "fire" | "deliver" | "free" | "resume" | "migrate":
            return said(stall_words.MENDS[line.kind])
        case _other:
            return _("终止整件事项")


def value(one: Any) -> str:
    """A variable's value as people read it."""
    if one is None or one == "":
        return _("（空）")
    if isinstance(one, bool):
        return _("是") if one else _("否")
    return str(one)


def typed(kind: str, text: str) -> Any:
    """A value from its type and what was typed. Raises `ValueError`."""
    match kind:
        case "number":
            number = float(text)
            if number != number or abs(number) > 1e15:
                raise ValueError(text)
            return int(number) if number.is_integer() else number
        case "yes" | "no":
            return kind == "yes"
        case "none":
            return None
        case "text":
            return text
        case _other:
            raise ValueError(kind)
