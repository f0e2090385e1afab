"""The list below a process's diagram: one for each process, its business fields among the columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, literal, or_, select, true, union_all
from sqlalchemy.orm import Session

from app.platform import calendar, settings
from app.platform.data import Moment
from app.platform.engine import Definition, Faulty
from app.platform.identity import roles
from app.platform.identity.places import within
from app.platform.lists import Act, Column, Filter, List, Rows, catalogue, during
from app.platform.lists import tally as lists_tally
from app.platform.monitoring import process_waits, wording
from app.platform.monitoring.case_fields import Fields
from app.platform.records import chains, registers
from app.platform.records import wording as field_words
from app.platform.registry import Acting, Words
from app.platform.runtime import versions
from app.platform.runtime.entities import History, Incident, Instance, Process, Task, Version
from app.platform.runtime.errors import Unknown, Unpublishable
from app.rooms.monitor import lists, process_fields
from app.rooms.monitor.lists import instances
from app.rooms.monitor.lists import rows as of_rows

PREFIX: Final = "process-"
LIVE: Final = "live"
DOT: Final = "~"  # for the dot of an element's id, which parts several codes in an address
ELEMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}", re.ASCII)
FEW = 2_000  # open tasks that are looked for before their instances
EARLIER = 20  # versions in which the name of a step is looked for
TROUBLES: Final[Mapping[str, Words]] = {
    "overdue": Words("超期", "Overdue"),
    "incident": Words("异常", "Incidents"),
    "stuck": Words("卡住", "Stuck"),
}
EMPTY = Words("管辖范围内还没有这个流程的事项。", "There is no case of this process in your area yet.")


class _Known:
    """The lists as they were last read, by process, each with what it was made of; replaced as a whole."""

    made: Mapping[str, tuple[tuple[Any, ...], List]] = {}


def attach() -> None:
    """Enter the room's lists, served at `/monitor/lists/<key>`; those of processes stand on the pages of these."""
    catalogue.enter(lists.ROOM, (*lists.LISTS, *every()))


@settings.on_change
def read(session: Session) -> None:
    """Read which processes there are, and make the lists of those that are new or have changed."""
    asked = select(Process.key, Process.name_zh, Process.name_en, Process.current_id).order_by(Process.key)
    before, made = _Known.made, {}
    for row in session.execute(asked).all():
        chain = chains.get(row.key)
        of = (*row, chain)
        kept = before.get(row.key)
        if kept is None or kept[0] != of:
            fields = process_fields.of(session, row.current_id, is_recorded=chain is not None)
            kept = of, _of(row.key, Words(row.name_zh, row.name_en), chain, fields)
        made[row.key] = kept
    _Known.made = made
    attach()


def every() -> Collection[List]:
    """The lists there are."""
    return [listing for _of_it, listing in _Known.made.values()]


def get(process: str) -> List | None:
    """The list of a process."""
    kept = _Known.made.get(process)
    return kept[1] if kept else None


def code_of(element: str) -> str:
    """How an address names an element."""
    return element.replace(".", DOT)


def names_of(session: Session, process: str, elements: Collection[str]) -> dict[str, Words]:
    """What steps are called in the latest version that has each; those that no recent one has are not among them."""
    found: dict[str, Words] = {}
    if not elements:
        return found
    asked = (
        select(Version.id).where(Version.process == process).order_by(Version.number.desc()).limit(EARLIER)
    )
    for version in session.scalars(asked).all():
        program = _program(session, version)
        known = program.names if program else {}
        found = {one: known[one] for one in elements if one in known} | found
        if len(found) == len(elements):
            break
    return found


def _program(session: Session, version: str | None) -> versions.Program | None:
    """A version, None where it cannot be read any more."""
    if version is None:
        return None
    try:
        return versions.program(session, version)
    except (Faulty, Unpublishable, Unknown):
        return None


def _of(process: str, name: Words, chain: chains.Chain | None, fields: Fields) -> List:
    return List(
        key=f"{PREFIX}{process}",
        title=Words(f"{name.zh} 事项", f"{name.en}: cases"),
        columns=(
            *COLUMNS,
            *(registers.field_columns(chain, {}, 0) if chain else ()),
            *process_fields.columns(fields),
        ),
        query=_query(process, chain),
        order=(Instance.started_at.desc(), Instance.id.desc()),
        filters=_filters(process),
        permission=roles.MANAGE,
        row="id",
        link=of_rows.link,
        size=20,
        more=lambda session, rows: process_fields.told(session, process, fields, _told(session, chain, rows)),
        exact=500,
        empty=EMPTY,
        jointly=lambda session, values, now: _standing(session, process, values, now),
        home=f"/monitor/processes/{process}",
        acts=(Act(lists.IN_BULK, f"/monitor/bulk/of/{PREFIX}{process}"),),
    )


def _query(process: str, chain: chains.Chain | None) -> Callable[[Session, Acting, datetime], Rows]:
    def query(_session: Session, acting: Acting, now: datetime) -> Rows:
        asked = of_rows.joined(
            select(
                *(Instance.id, Instance.ended_at, Instance.history_length, *of_rows.OF_INSTANCE),
                *(literal(now, Moment).label("at"), literal(acting.person).label("reader")),
                *((registers.sees(chain, acting),) if chain else ()),
            ).select_from(Instance)
        )
        rows: Rows = asked.where(Instance.process == process, within(Instance.place, lists.reach_of(acting)))
        return rows

    return query


def _told(
    session: Session, chain: chains.Chain | None, rows: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The rows with what is open of each, when it last changed, and its fields."""
    last = (
        select(History.instance_id, History.at)
        .join(Instance, and_(Instance.id == History.instance_id, Instance.history_length == History.seq))
        .where(Instance.id.in_([row["id"] for row in rows]))
    )
    changed = {row.instance_id: row.at for row in session.execute(last)}
    days = calendar.load(session)
    told = [
        {**row, "changed_at": changed.get(row["id"]), "days": days}
        for row in instances.with_steps(session, rows)
    ]
    if chain is None:
        return list(told)
    cells = field_words.told(session, chain.fields, rows)
    return [{**row, "record": cell["record"]} for row, cell in zip(told, cells, strict=True)]


def _stayed(row: Mapping[str, Any]) -> Words | None:
    """How long the step that has waited longest has waited."""
    if not row["tasks"]:
        return None
    return wording.spent(row["tasks"][0].opened_at, row["at"], row["days"])


def _state(row: Mapping[str, Any]) -> Any:
    return instances.STATES[row["state"]]


COLUMNS = (
    replace(of_rows.NUMBER, sort=None),  # no index has a process's numbers in order; they come as they began
    of_rows.TITLE,
    Column("starter", Words("申请人", "Applicant"), card="named"),
    of_rows.UNIT,
    of_rows.WHERE,
    Column("step", Words("当前步骤", "Step"), value=instances.steps),
    Column("holder", Words("持有人", "With"), value=instances.holders, card="named"),
    Column("stayed", Words("停留", "In step for"), value=_stayed, card="named"),
    Column("due", Words("到期", "Due"), value=instances.due, card="named"),
    Column("state", Words("状态", "State"), value=_state, card="mark"),
    Column("version", Words("版本", "Version"), value=lambda row: f"v{row['version']}", card="named"),
    Column(
        "started_at",
        Words("发起时间", "Started"),
        kind="moment",
        sort=Instance.started_at,
        card="none",
        hidden_at_first=True,
    ),
    Column("ended_at", Words("结束时间", "Ended"), kind="moment", card="none", hidden_at_first=True),
    Column("changed_at", Words("更新", "Changed"), kind="moment", card="named"),
)


def _filters(process: str) -> tuple[Filter, ...]:
    return (
        of_rows.SEARCH,
        Filter(
            "version",
            Words("版本", "Version"),
            "choice",
            lambda id_, _now: Instance.version_id == id_,
            lambda session, _acting: _versions(session, process),
            resolve=lambda session, _acting, number: _version_id(session, process, number),
        ),
        of_rows.REGION,
        Filter(
            "state",
            Words("状态", "State"),
            "choice",
            lambda code, _now: (
                Instance.state.in_(("running", "suspended")) if code == LIVE else Instance.state == code
            ),
            lambda _session, _acting: [
                (LIVE, Words("在办", "Open")),
                *((key, chip.words) for key, chip in instances.STATES.items()),
            ],
            default=LIVE,
        ),
        Filter(
            "trouble",
            Words("问题", "Trouble"),
            "choice",
            lambda _code, _now: true(),
            lambda _session, _acting: list(TROUBLES.items()),
        ),
        Filter(
            "element",
            Words("环节", "Step"),
            "several",
            lambda _codes, _now: true(),
            lambda session, _acting: _offered(session, process),
            named=lambda session, _acting, code: _named(session, process, code),
            resolve=lambda session, _acting, codes: _steps(session, process, codes),
            elsewhere=True,
        ),
        Filter(
            "started",
            Words("发起日期", "Started"),
            "period",
            lambda days, _now: during(Instance.started_at, days),
            elsewhere=True,
        ),
    )


def _versions(session: Session, process: str) -> list[tuple[str, Words]]:
    numbers = session.scalars(
        select(Version.number).where(Version.process == process).order_by(Version.number.desc()).limit(200)
    )
    return [(str(number), Words(f"v{number}", f"v{number}")) for number in numbers]


def _version_id(session: Session, process: str, number: str) -> str | None:
    return session.scalar(select(Version.id).where(Version.process == process, Version.number == int(number)))


def _offered(session: Session, process: str) -> list[tuple[str, Words]]:
    current = session.scalar(select(Process.current_id).where(Process.key == process))
    program = _program(session, current)
    return [(code_of(element), name) for element, name in program.names.items()] if program else []


def _named(session: Session, process: str, code: str) -> Words | None:
    element = code.replace(DOT, ".")
    if not ELEMENT.fullmatch(element):
        return None
    return names_of(session, process, [element]).get(element, Words(element, element))


@dataclass(frozen=True, slots=True)
class Steps:
    """Elements that are asked for: those that people answer, and those where an instance stands only when it failed.

    One that only an earlier version has is both. Apart, since the first alone are one index that may be walked either
    way; with incidents beside them it is not. `halting`: of the latter those where an instance may wait for something
    that is no task.
    """

    asking: tuple[str, ...]
    failing: tuple[str, ...]
    halting: process_waits.At = field(default_factory=dict)

    @property
    def every(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(dict.fromkeys((*self.asking, *self.failing)))


def standing_at(found: Any, steps: Steps) -> Any:
    """Of instances found (their id first), the open tasks at these steps: instance and task."""
    at = (Task.state == "open", Task.element.in_(steps.every))
    instances = found.with_only_columns(found.selected_columns[0]).order_by(None)
    return select(Task.instance_id, Task.id).where(Task.instance_id.in_(instances), *at)


def _steps(session: Session, process: str, codes: Sequence[str]) -> Steps:
    current = session.scalar(select(Process.current_id).where(Process.key == process))
    program = _program(session, current)
    definition = program.definition if program else None
    elements = [code.replace(DOT, ".") for code in codes]
    tasks = definition.tasks if definition else {}
    known = definition.elements if definition else {}
    return Steps(
        tuple(one for one in elements if one in tasks or one not in known),
        tuple(one for one in elements if one not in tasks),
        _halting(definition, elements),
    )


def _halting(definition: Definition | None, elements: Collection[str]) -> process_waits.At:
    """Where else than at tasks cases may wait, by what for; anything where an earlier version has had the element."""
    found: dict[process_waits.For, list[str]] = {}
    for one in elements:
        if definition is None or one not in definition.elements:
            kinds: Sequence[process_waits.For] = process_waits.EVERY
        else:
            kind = process_waits.waited_for(definition, one)
            kinds = () if kind is None else (kind,)
        for each in kinds:
            found.setdefault(each, []).append(one)
    return found


def _standing(
    session: Session, process: str, values: Mapping[str, Any], now: datetime
) -> ColumnElement[bool] | None:
    """That an instance stands at one of the steps asked for, and with the trouble asked for there."""
    steps: Steps | None = values.get("element")
    trouble = values.get("trouble")
    tasks: Any = None
    if trouble == "overdue" or (not trouble and steps and steps.asking):
        late = (Task.due_at < now, Task.paused_at.is_(None)) if trouble else ()
        at = (Task.element.in_(steps.every),) if steps else ()
        tasks = select(Task.instance_id).where(Task.state == "open", *late, *at)
    incidents: Any = None
    if trouble in ("incident", "stuck") or (not trouble and steps and steps.failing):
        kind = (Incident.kind == "nobody",) if trouble == "stuck" else ()
        at = (Incident.element.in_(steps.every),) if steps else ()
        incidents = select(Incident.instance_id).where(Incident.closed_at.is_(None), *kind, *at)
    if incidents is None:
        return None if tasks is None else _among_tasks(session, process, tasks)
    found = [incidents] if tasks is None else [tasks.where(Task.process == process), incidents]
    if steps and steps.halting and not trouble:
        return _among(session, [*found, *process_waits.instances(session, process, steps.halting)])
    return Instance.id.in_(union_all(*found) if len(found) > 1 else incidents)


def _among(session: Session, found: Sequence[Any]) -> ColumnElement[bool]:
    """That an instance is among those found; as for tasks, few are looked for first, among many each is asked."""
    together: Any = union_all(*found)
    if lists_tally(session, together, FEW + 1) <= FEW:
        return Instance.id.in_(together)
    return or_(*(_has_one(one.where(one.selected_columns[0] == Instance.id)) for one in found))


def _has_one(of_it: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = of_it.correlate(Instance).limit(1).scalar_subquery().is_not(None)
    return found


def _among_tasks(session: Session, process: str, tasks: Any) -> ColumnElement[bool]:
    """That an instance has one of these open tasks; few are looked for first, among many each instance is asked.

    The database would look for them first even if there are ten thousand and the reader's county has three cases.
    """
    of_it = tasks.where(Task.process == process)
    if lists_tally(session, of_it, FEW + 1) <= FEW:
        return Instance.id.in_(of_it)
    return _has_one(tasks.where(Task.instance_id == Instance.id))
