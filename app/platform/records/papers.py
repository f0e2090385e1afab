"""An instance on paper (办理单): its forms as its reader sees them, what was decided; or its process's own template.

A template that the property `print` names (`forms/<system>/<name>.html` in the bundle) is filled with the same data:
`process`, `about` (its title), `matter` (its number), `starter`, `unit`, `started_on`, `ended_on`, `stage`, `forms`
(title, lines), `values` (each field in words, by its name), `steps` (who decided what, and the opinion),
`printed_by`, `printed_at`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import TemplateError
from sqlalchemy.orm import Session

from app.platform.documents import press, printing, templates
from app.platform.documents.files import facts
from app.platform.documents.settings import settings
from app.platform.engine import Element
from app.platform.forms import Field, Given
from app.platform.forms.kinds.table import Table, asked_once
from app.platform.forms.kinds.uploads import File
from app.platform.registry import Acting, Words
from app.platform.runtime import asides, asking, history, submissions, versions
from app.platform.runtime import places as runtime_places
from app.platform.runtime.entities import Instance
from app.platform.runtime.submissions import LastEntry
from app.platform.runtime.views import InstanceView

GENERIC: Final = "platform/record"
LOCAL: Final = ZoneInfo("Asia/Shanghai")
KINDS: Final[Mapping[str, Words]] = {
    "started": Words("发起", "Started"),
    "decided": Words("办理", "Decided"),
    "signed": Words("签署", "Signed"),
    "advised": Words("提出意见", "Advised"),
    "returned": Words("退回", "Sent back"),
    "withdrawn": Words("撤回", "Taken back"),
    "cancelled": Words("撤销", "Cancelled"),
    "ended": Words("办结", "Completed"),
}
LONG: Final = 300  # characters of an answer that a cell takes
SYSTEM: Final = Words("系统", "System")


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF, and what it is called."""

    name: str
    content: bytes


def of(session: Session, view: InstanceView, by: Acting, now: datetime) -> Paper:
    """Print an instance as `by` may see it; who sees another's masked numbers in full leaves a row in the audit.

    Nothing of it is kept: it says what holds at `now`. Not to be called in a verb. Raises `RenderFailed`.
    """
    program = versions.of_instance(session, view.id)
    entries = submissions.last_entries(session, view, by)
    data = said(session, view, program, entries, by, now)
    for one in entries:
        if one.in_full:
            submissions.reveal(session, view.id, view.starter, one.form, one.values, by, now)
    own = program.definition.print
    named = own if own and f"forms/{own}.html" in program.files else GENERIC
    shelf = templates.Shelf(program.version, program.files)
    content = _set(shelf, named, {**data, "number": view.number or view.id})
    return Paper(f"{view.title}.pdf", content)


def _set(shelf: templates.Shelf, template: str, data: Mapping[str, Any]) -> bytes:
    """Set the pages, tighter where a cell would be higher than a page."""
    place = settings()
    for tight in range(printing.TIGHTEST + 1):
        try:
            html = templates.fill(place, shelf, template, {**data, "tight": tight})
            return place.press.typeset(html, place.templates).pdf
        except press.RenderFailed as failed:
            if failed.code != "failed" or tight == printing.TIGHTEST:
                raise
        except TemplateError as error:  # a designer's template that asks for what there is not
            raise press.RenderFailed("failed", (str(error)[:300],)) from error
    raise AssertionError("unreachable")


def said(
    session: Session,
    view: InstanceView,
    program: versions.Program,
    entries: Sequence[LastEntry],
    by: Acting,
    now: datetime,
) -> dict[str, Any]:
    """What the paper says, all of it text."""
    row = session.get_one(Instance, view.id)
    unit = runtime_places.offices_of(session, [row.place]).get(row.place, "") if row.place else ""
    given = asking.given(
        session,
        {},
        lambda file: facts(session, file),
        by=by,
        now=now,
        instance=view.id,
        process=view.process,
        starter=view.starter,
        variables=view.variables,
    )
    lines = [list(_lines(one, given)) for one in entries]
    forms = [
        {"title": one.form.form.title.zh, "lines": each, "blocks": _blocks(each)}
        for one, each in zip(entries, lines, strict=True)
    ]
    return {
        "process": view.process_name.zh,
        "about": view.title,
        "matter": view.number or "",
        "starter": view.starter_name,
        "unit": unit,
        "started_on": _day(view.started_at),
        "ended_on": _day(view.ended_at) if view.ended_at else "",
        "stage": view.stage.zh if view.stage else "",
        "forms": forms,
        "values": {line["name"]: line["value"] for each in lines for line in each},
        "steps": _steps(session, view, program.definition.elements, by),
        "printed_by": by.name,
        "printed_at": f"{now.astimezone(LOCAL):%Y-%m-%d %H:%M}",
    }


def _lines(entry: LastEntry, given: Given) -> Iterator[dict[str, Any]]:
    """The questions that were answered: label and answer; of a table its rows."""
    for one in entry.form.visible:
        value = entry.values.get(one.name)
        if value in (None, "", [], ()):
            continue
        line: dict[str, Any] = {
            "name": one.name,
            "label": one.label.zh,
            "value": "",
            "columns": [],
            "rows": [],
        }
        if isinstance(one.kind, Table):
            columns, once = one.kind.columns(one), asked_once(given)
            line["columns"] = [each.label.zh for each in columns]
            line["rows"] = [
                [_shown(each, each_row.get(each.name), once, entry.in_full) for each in columns]
                for each_row in value
            ]
        elif isinstance(one.kind, File):
            line["value"] = "；".join(found.name for file in value if (found := given.file(file)))
        else:
            line["value"] = _shown(one, value, given, entry.in_full)
        yield line


def _blocks(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines that stand in one grid, and those that are too long for a cell, which cannot go over a page."""
    grouped = groupby(
        lines, key=lambda line: "long" if line["columns"] or len(line["value"]) > LONG else "short"
    )
    return [{"kind": kind, "lines": list(found)} for kind, found in grouped]


def _shown(one: Field, value: Any, given: Given, in_full: bool) -> str:
    return "" if value in (None, "", []) else one.kind.shown(one, value, given, "zh", in_full=in_full)


def _steps(
    session: Session, view: InstanceView, elements: Mapping[str, Element], by: Acting
) -> list[dict[str, str]]:
    """What people did with it: the step, who, what came of it, the opinion and the moment."""
    told = asides.happened(session, view.id, history.of(session, view.id), view.starter, by)
    return [
        {
            "step": row.name_zh or _drawn(elements, row) or KINDS[row.kind].zh,
            "who": SYSTEM.zh
            if row.kind == "ended"
            else row.by_name or str(row.body.get("name") or SYSTEM.zh),
            "outcome": str(row.body.get("zh") or KINDS[row.kind].zh),
            "comment": str(row.body.get("comment") or row.body.get("reason") or ""),
            "at": f"{row.at.astimezone(LOCAL):%Y-%m-%d %H:%M}",
        }
        for row in told
        if row.kind in KINDS
    ]


def _drawn(elements: Mapping[str, Element], row: history.HistoryRow) -> str:
    element = elements.get(row.element or "")
    return element.name.zh if element is not None and row.kind != "ended" else ""


def _day(at: datetime) -> str:
    return at.astimezone(LOCAL).date().isoformat()
