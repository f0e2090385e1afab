"""The filters of a register: of the instance (text, stage, outcome, region), and of each field by its type."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from app.platform.identity import places
from app.platform.identity.entities import Person, Region, Unit
from app.platform.lists import Filter, Period, between, contains, region_tree, within
from app.platform.lists.definition import Choices
from app.platform.records.entities import Value
from app.platform.records.fields import Listed
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Instance
from app.platform.settings import dictionaries

if TYPE_CHECKING:
    from app.platform.records.chains import Chain

ITSELF: Final = "="  # behind a region's code: itself, and the units in it, but not the regions below
NOWHERE: Final = "-"
RUNNING: Final = "-"  # no end reached: an element's id never looks like this
NO_STAGE: Final = "-"
ELEMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}", re.ASCII)
UNPLACED = Words("未划地区", "No region")
UNSTAGED = Words("未标状态", "No stage")
ENDS = {"cancelled": Words("撤销", "Cancelled"), "withdrawn": Words("撤回", "Withdrawn")}
NAMED: Final[Mapping[str, tuple[Any, Any]]] = {
    "region": (Region.code, Region.full_name),
    "unit": (Unit.id, Unit.name),
    "person": (Person.id, Person.name),
}
"""Sorts of fields that hold an id, and are looked for by what that is called."""
YES_NO = (("yes", Words("是", "Yes")), ("no", Words("否", "No")))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader asks of a field, and where he sees it: in what he has started himself (`own`), in what `others`
    have, else in what they have started below `managed`."""

    value: Any
    own: bool
    others: bool
    managed: tuple[str, ...]
    person: str

    @property
    def is_everywhere(self) -> bool:
        """Whether he sees it wherever it is."""
        return self.own and self.others


def of_instances(chain: Chain) -> tuple[Filter, ...]:
    """The filters that every register has."""
    return (
        Filter(
            "q",
            Words("标题、编号或发起人", "Title, number or starter"),
            "text",
            lambda text, now: or_(contains(text, Instance.title, Instance.number), _started_by(text)),
        ),
        Filter(
            "stage",
            Words("状态", "State"),
            "choice",
            lambda code, now: Instance.stage_zh.is_(None) if code == NO_STAGE else Instance.stage_zh == code,
            lambda session, acting: stages(chain),
            named=lambda session, acting, code: (
                UNSTAGED if code == NO_STAGE else Words(code[:100], code[:100])
            ),
        ),
        Filter(
            "outcome",
            Words("办理结果", "Outcome"),
            "choice",
            lambda code, now: Instance.ended.is_(None) if code == RUNNING else Instance.ended == code,
            lambda session, acting: outcomes(chain),
            named=lambda session, acting, code: outcome_named(chain, code),
        ),
        Filter(
            "region",
            Words("地区", "Region"),
            "choice",
            lambda path, now: in_region(path),
            lambda session, acting: _regions(session, acting),
            named=lambda session, acting, code: _region_named(session, code),
            resolve=lambda session, acting, code: _region_path(session, code),
        ),
    )


def stages(chain: Chain) -> Choices:
    """The stages its diagram declares, in its order."""
    found = {
        element.stage.zh: element.stage for element in chain.definition.elements.values() if element.stage
    }
    return list(found.items())


def outcomes(chain: Chain) -> Choices:
    """That it runs, and the ends of its diagram."""
    ends = [
        (element.id, outcome_named(chain, element.id) or element.name)
        for element in chain.definition.elements.values()
        if element.kind == "endEvent" and chain.definition.parents.get(element.id) is None
    ]
    return [(RUNNING, Words("办理中", "Running")), *ends, ("cancelled", ENDS["cancelled"])]


def outcome_named(chain: Chain, code: str) -> Words | None:
    """What an end is called: its stage, else its name; that of an earlier version by its id."""
    if code in ENDS:
        return ENDS[code]
    element = chain.definition.elements.get(code)
    if element is not None and (element.stage or element.name.zh):
        return element.stage or Words(element.name.zh, element.name.en or element.name.zh)
    return Words(code, code) if ELEMENT.fullmatch(code) else None


def _regions(session: Session, acting: Acting) -> Choices:
    return region_tree(session, acting)


def _region_named(session: Session, code: str) -> Words | None:
    if code == NOWHERE:
        return UNPLACED
    name = session.scalar(select(Region.full_name).where(Region.code == code.removesuffix(ITSELF)))
    if name is None:
        return None
    return Words(f"{name}（本级）", f"{name} (itself)") if code.endswith(ITSELF) else Words(name, name)


def _region_path(session: Session, code: str) -> str:
    if code == NOWHERE:
        return NOWHERE
    path = session.scalar(select(Region.path).where(Region.code == code.removesuffix(ITSELF)))
    return (path or "?") + (ITSELF if code.endswith(ITSELF) else "")


def in_region(path: str) -> ColumnElement[bool]:
    """Begun in a region (`path`) or below it; `path=` only in itself and its units, `-` nowhere."""
    if path == NOWHERE:
        return Instance.place == ""
    if path.endswith(ITSELF):
        itself = path.removesuffix(ITSELF)
        return or_(Instance.place == itself, places.below(Instance.place, f"{itself}u"))
    return within(Instance.place, path)


def _started_by(text: str) -> ColumnElement[bool]:
    return Instance.starter_id.in_(select(Person.id).where(contains(text, Person.name)))


KINDS: Final[Mapping[str, Any]] = {
    "choice": "choice",
    "yes": "choice",
    "number": "range",
    "day": "period",
    "moment": "period",
    "period": "period",
}
"""The kind of filter of each sort of field; of the others a part of a text."""


def of_field(chain: Chain, one: Listed) -> Filter:
    """The filter of a field: what is offered where it is chosen, a range of numbers or days, else a part of a text."""
    kind = KINDS.get(one.sort, "text")
    choices = (lambda session, acting: offered(one)) if kind == "choice" else None
    return Filter(
        f"f_{one.key}",
        one.title,
        kind,
        lambda seen, now: and_(holds(one, seen.value, Instance.id), visible(seen)),
        choices,
        named=(lambda session, acting, code: named(one, code)) if kind == "choice" else None,
        resolve=lambda session, acting, value: seen_by(chain, one, acting, value),
    )


def meets(one: Listed, value: Any, at: Any = Value) -> ColumnElement[bool]:
    """That a recorded value (a row of `at`) is what is asked."""
    if one.sort in ("choice", "yes"):
        return cast(ColumnElement[bool], at.text == value)
    if one.sort == "number":
        return between(at.number, value)
    if KINDS.get(one.sort) == "period":
        return _days(value, at)
    if one.sort in NAMED:
        key, name = NAMED[one.sort]
        return cast(ColumnElement[bool], at.text.in_(select(key).where(contains(value, name))))
    return and_(at.text.is_not(None), contains(value, at.text))


def is_one(one: Listed) -> bool:
    """Whether an instance has no more than one row of the field."""
    return one.sort != "period" and not one.field.settings.get("many")


def of(one: Listed, process: Any, at: Any = Value) -> ColumnElement[bool]:
    """That a row of `at` is of the field, in `process`."""
    return and_(at.process == process, at.form == one.form, at.field == one.field.name)


def seen_by(chain: Chain, one: Listed, acting: Acting, value: Any) -> Seen:
    """What `acting` asks of a field, with where he sees it."""
    others = one.key in chain.sees(acting)
    managed = () if others else chain.managed(acting)
    return Seen(value, one.key in chain.starter_sees, others, managed, acting.person)


def holds(one: Listed, value: Any, key: Any, process: Any = Instance.process) -> ColumnElement[bool]:
    """That the field of the instance whose id is `key` says what is asked."""
    if one.sort == "period" and isinstance(value, Period):
        return and_(
            _has(one, key, process, Value.position == 0, _days(Period(None, value.last))),
            _has(one, key, process, Value.position == 1, _days(Period(value.first, None))),
        )
    return _has(one, key, process, meets(one, value))


def visible(
    seen: Seen, starter: Any = Instance.starter_id, place: Any = Instance.place
) -> ColumnElement[bool]:
    """That the reader sees the field in an instance: nobody learns by filtering what he is not shown."""
    if seen.is_everywhere:
        return true()
    elsewhere = true() if seen.others else places.within(place, seen.managed)
    return or_(
        and_(starter == seen.person, true() if seen.own else false()), and_(starter != seen.person, elsewhere)
    )


def _has(one: Listed, key: Any, process: Any, *meeting: ColumnElement[bool]) -> ColumnElement[bool]:
    there = select(Value.instance_id).where(Value.instance_id == key, of(one, process), *meeting)
    return there.exists()


def _days(days: Period, at: Any = Value) -> ColumnElement[bool]:
    where: list[ColumnElement[bool]] = [at.text.is_not(None)]
    if days.first is not None:
        where.append(at.text >= days.first.isoformat())
    if days.last is not None:
        where.append(at.text < (days.last + timedelta(days=1)).isoformat())
    return and_(*where)


def offered(one: Listed) -> Choices:
    """What a choice offers now: its own list, or a dictionary's."""
    if one.sort == "yes":
        return YES_NO
    if "choices" in one.field.settings:
        return [
            (each["code"], Words(each["label"], each["label.en"] or each["label"]))
            for each in one.field.settings["choices"]
        ]
    source = str(one.field.settings.get("dictionary") or "")
    return dictionaries.offered(source) if source else ()


def named(one: Listed, code: str) -> Words | None:
    """A code that is not offered any more."""
    source = str(one.field.settings.get("dictionary") or "")
    known = dictionaries.label(source, code) if source else None
    return known or (Words(code, code) if ELEMENT.fullmatch(code) or code.isalnum() else None)


def codes(one: Listed, found: Sequence[str]) -> list[tuple[str, Words]]:
    """Codes that were chosen, in the order they are offered, then what is offered no more."""
    known = dict(offered(one))
    late = sorted(code for code in found if code not in known)
    return [
        *((code, known[code]) for code in known if code in found),
        *((code, named(one, code) or Words(code, code)) for code in late),
    ]
