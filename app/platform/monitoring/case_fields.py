"""What forms ask, as columns of a process's list: which fields may stand there, and what its cases say in them.

Nothing is shown that an instance's page does not show whoever looks after it, and nothing that is sensitive without
its mask: a list and its workbook go further than a page.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.platform.engine import Faulty
from app.platform.forms import Field, masking
from app.platform.monitoring import entries
from app.platform.records.fields import Listed, is_listed, stored
from app.platform.records.wording import Names
from app.platform.registry import Acting, Call, Words, house
from app.platform.runtime import versions
from app.platform.runtime.entities import Entry, Instance
from app.platform.runtime.errors import Unknown, Unpublishable
from app.platform.runtime.versions import Program

UNREADABLE = (Faulty, Unknown, Unpublishable)
Place = tuple[str, str]  # a form's id and the name of a field


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a process's forms that may be columns, in the order they are asked; and its other variables."""

    listed: tuple[Listed, ...] = ()
    variables: tuple[str, ...] = ()


def of(program: Program) -> Fields:
    """Those of a version: of the start's form, then of its steps'."""
    found: list[Listed] = []
    names: set[str] = set()
    for form in _asked(program):
        for name in _shown(program, form):
            key = name if name not in names else f"{form.rpartition('/')[2]}__{name}"
            names.add(key)
            found.append(Listed(key, program.forms[form], program.forms[form].fields[name]))
    return Fields(tuple(found), variables(program))


def variables(program: Program) -> tuple[str, ...]:
    """The declared variables that no field of a form sets and that name no row of a system."""
    set_by_forms = {name for form in program.forms.values() for name in form.variables}
    return tuple(sorted(program.definition.variables - set_by_forms))


def _asked(program: Program) -> list[str]:
    """The forms it asks, each once."""
    every = [program.definition.form, *(task.form for task in program.definition.tasks.values())]
    return [form for form in dict.fromkeys(every) if form and form in program.forms]


def _shown(program: Program, form: str) -> Iterator[str]:
    """The fields of a form that may stand in a list: they show at a step that asks it, and they fit a cell.

    A hook is asked for its choices without a matter only where a matter begins, so elsewhere its codes have no words.
    """
    for one in entries.step_form(program, form).visible:
        has_words = "hook" not in one.settings or form == program.definition.form
        if (one.mask is not None or is_listed(one)) and has_words:
            yield one.name


@dataclass(frozen=True)
class Reader:
    """Who reads, and when: choices are asked for in his name."""

    session: Session
    person: str
    now: datetime
    process: str


@dataclass(frozen=True)
class Said:
    """What some cases say in their fields: nothing is read before a column asks; then one statement for all of them.

    Regions, units and people that are named take one more of each kind there is.
    """

    reader: Reader
    fields: Fields
    instances: Collection[str]
    _choices: dict[str, Sequence[tuple[str, Words]]] = field(default_factory=dict)
    _versions: dict[str, Mapping[Place, Field]] = field(default_factory=dict)

    def of_field(self, instance: str, one: Listed) -> Any:
        """What a cell says: a number, a day, a text, or words in both languages; None for nothing.

        It counts as the matter's own version has it: what that hides at every step, or masks, stays so.
        """
        found = self._read.get(instance)
        if found is None:
            return None
        own = self._own(found.version, (one.form, one.field.name))
        value = found.values.get(one.form, {}).get(one.field.name)
        if own is None or value in (None, "", []) or own.kind.key != one.field.kind.key:
            return None
        mask = own.mask or one.field.mask
        if mask is not None:
            return masking.masked(str(value), mask)
        return self._names.cell(replace(one, field=own), list(stored(value))) if is_listed(own) else None

    def of_variable(self, instance: str, name: str) -> Any:
        """The value of a variable."""
        found = self._read.get(instance)
        value = found.variables.get(name) if found else None
        return value if value is None or isinstance(value, bool | int | float) else str(value)

    @cached_property
    def _read(self) -> Mapping[str, _Case]:
        """The cases with the latest entry of each form; of what people typed and was forgotten there is nothing."""
        found: dict[str, _Case] = {}
        for row in self.reader.session.execute(_latest(self.instances, self._forms)):
            case = found.setdefault(row.id, _Case(row.version_id, row.variables))
            if row.form is not None:
                case.values[row.form] = row.typed
        return found

    @property
    def _forms(self) -> list[str]:
        return sorted({one.form for one in self.fields.listed})

    @cached_property
    def _names(self) -> Names:
        """Regions, units and people by their codes and ids, and the words of what is chosen."""
        plain = [one for one in self.fields.listed if one.field.mask is None]
        values = [
            {
                (one.form, one.field.name): list(stored(case.values.get(one.form, {}).get(one.field.name)))
                for one in plain
            }
            for case in self._read.values()
        ]
        names = Names(self.reader.session, plain, values)
        dictionaries = names.given.choices
        names.given = replace(names.given, choices=lambda name: self._offered(name, dictionaries))
        return names

    def _offered(
        self, name: str, dictionaries: Callable[[str], Sequence[tuple[str, Words]]]
    ) -> Sequence[tuple[str, Words]]:
        if "/" not in name:
            return dictionaries(name)
        if name not in self._choices:
            reader = self.reader
            by = Acting(reader.person, "", "")
            call = Call(reader.session, reader.now, by, "", reader.process, "", {}, reader.person)
            self._choices[name] = list(house.choices[name](call))
        return self._choices[name]

    def _own(self, version: str, place: Place) -> Field | None:
        """A field as a version has it; None where it has none, or shows it at no step."""
        if version not in self._versions:
            self._versions[version] = _visible(self.reader.session, version)
        return self._versions[version].get(place)


@dataclass(frozen=True, slots=True)
class _Case:
    version: str
    variables: Mapping[str, Any]
    values: dict[str, Mapping[str, Any]] = field(default_factory=dict)


def _visible(session: Session, version: str) -> Mapping[Place, Field]:
    try:
        program = versions.program(session, version)
    except UNREADABLE:
        return {}
    return {
        (form, name): program.forms[form].fields[name]
        for form in _asked(program)
        for name in _shown(program, form)
    }


def _latest(instances: Collection[str], forms: Collection[str]) -> Any:
    """The cases with the latest entry of each of these forms."""
    place = func.row_number().over(
        partition_by=(Entry.instance_id, Entry.form), order_by=(Entry.at.desc(), Entry.id.desc())
    )
    newest = (
        select(Entry.instance_id, Entry.form, Entry.values.label("typed"), place.label("place"))
        .where(Entry.instance_id.in_(instances), Entry.form.in_(forms))
        .subquery()
    )
    return (
        select(Instance.id, Instance.version_id, Instance.variables, newest.c.form, newest.c.typed)
        .outerjoin(newest, and_(newest.c.instance_id == Instance.id, newest.c.place == 1))
        .where(Instance.id.in_(instances), Instance.record_key.is_not(None))
    )
