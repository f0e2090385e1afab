"""What a form is handed when it is read (choices, regions, units, people, files, checks), in the name of its writer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from app.platform.engine import UserTask
from app.platform.forms import Compared, FileFacts, Given
from app.platform.identity import choosable, regions
from app.platform.registry import Acting, Call, Words, house
from app.platform.runtime import binding, versions
from app.platform.settings import dictionaries

if TYPE_CHECKING:
    from app.platform.runtime.views import TaskView


def given(
    session: Session,
    values: Mapping[str, Any],
    file: Callable[[str], FileFacts | None],
    *,
    by: Acting,
    now: datetime,
    instance: str = "",
    process: str = "",
    element: str = "",
    variables: Mapping[str, Any] | None = None,
    starter: str = "",
    outcome: str | None = None,
) -> Given:
    """Everything `forms.read` may ask for, answered by the house's hooks and tables."""
    call = Call(session, now, by, instance, process, element, variables or {}, starter or by.person)

    def choices(name: str) -> list[tuple[str, Words]]:
        return list(house.choices[name](call)) if "/" in name else dictionaries.offered(name)

    def check(name: str, sent: Mapping[str, Any]) -> Words | None:
        complaint: Words | None = house.checks[name](call, sent)
        return complaint

    def scan(template: str, files: Sequence[str]) -> Compared | None:
        compared: Compared | None = None
        if house.compare_scans is not None and instance:
            compared = house.compare_scans(call, template, files)
        return compared

    return Given(
        values=dict(values),
        now=now,
        choices=choices,
        region=lambda code: regions.get(session, code),
        children=lambda parent: regions.children(session, parent),
        file=file,
        label=dictionaries.label,
        check=check,
        scan=scan,
        units=lambda text: choosable.units(session, text),
        unit=lambda id_: choosable.unit(session, id_),
        people=lambda text, role: choosable.holders(session, text, role, now),
        holder=lambda id_, role: choosable.holder(session, id_, role),
        person=by.person,
        outcome=outcome,
    )


def at_task(
    session: Session,
    view: TaskView,
    file: Callable[[str], FileFacts | None],
    by: Acting,
    now: datetime,
    outcome: str | None = None,
) -> Given:
    """The same for the form of a task as somebody sees it."""
    return given(
        session,
        view.values,
        file,
        by=by,
        now=now,
        instance=view.instance,
        process=view.process,
        element=view.element,
        variables=view.variables,
        starter=view.starter,
        outcome=outcome or None,
    )


def summary(call: Call, program: versions.Program, task: UserTask) -> list[dict[str, str]] | None:
    """The fields a diagram shows of a task in the inbox row: label in both languages, value masked as on lists.

    `value_en` is there where the value reads otherwise in English, as a choice does.
    """
    form = program.forms.get(task.form or "")
    if not task.summary or form is None:
        return None
    values = binding.load(call, form)
    handed = _handed(call, values)
    shown = []
    for name in task.summary:
        one = form.fields[name]
        value = values.get(name)
        is_empty = value in (None, "", [])
        zh, en = ("" if is_empty else one.kind.shown(one, value, handed, at) for at in ("zh", "en"))
        shown.append(
            {"zh": one.label.zh, "en": one.label.en, "value": zh, **({"value_en": en} if en != zh else {})}
        )
    return shown


def _handed(call: Call, values: Mapping[str, Any]) -> Given:
    return given(
        call.session,
        values,
        lambda _: None,
        by=call.by,
        now=call.now,
        instance=call.instance,
        process=call.process,
        element=call.element,
        variables=call.variables,
        starter=call.starter,
    )
