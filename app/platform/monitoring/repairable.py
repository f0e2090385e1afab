"""What can be repaired in an instance as it stands: tokens and where each may go, tasks, errors and variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.identity import roles
from app.platform.identity.places import within
from app.platform.monitoring import outlook
from app.platform.monitoring.outlook import Asked
from app.platform.registry import Acting, Words
from app.platform.runtime import diagram, versions
from app.platform.runtime.entities import Incident, Instance, Process, Task
from app.platform.runtime.errors import CannotMove, Forbidden, Unknown, Unpublishable
from app.platform.runtime.incidents import BROKEN

OWN = Words(
    "这件事项由您本人发起，请由其他管理员处理。",
    "You have started this matter: another administrator has to do it.",
)


@dataclass(frozen=True, slots=True)
class Target:
    """An element a token may be put at."""

    element: str
    name: Words
    kind: str


@dataclass(frozen=True, slots=True)
class Place:
    """A token: where it waits and for what, where it may go, and where not and why; why it may not be taken away."""

    at: str
    element: str
    name: Words
    kind: str
    targets: tuple[Target, ...]
    refused: tuple[tuple[Words, tuple[Target, ...]], ...]
    keeps: Words | None


@dataclass(frozen=True, slots=True)
class Addition:
    """Room for one token more at `target`, beside the token `at`; `own`: the items of the instances that one is in."""

    at: str
    target: Target
    kind: str
    beside: Words
    own: tuple[str, ...]
    takes_item: bool


@dataclass(frozen=True, slots=True)
class Repairable:
    """An instance as the repair page shows it. `broken`: why its drawing cannot be read; it has no tokens then."""

    id: str
    title: str
    number: str | None
    process: str
    process_name: Words
    state: str
    starter: str
    stage: Words | None
    revision: int
    seen: int
    places: tuple[Place, ...]
    additions: tuple[Addition, ...]
    full: tuple[tuple[Words, tuple[Target, ...]], ...]  # where none may be added, by why
    tasks: tuple[tuple[str, Asked], ...]
    incidents: tuple[tuple[str, str, str], ...]  # id, element, detail
    variables: Mapping[str, Any]
    names: Mapping[str, Words]
    broken: str = ""
    spot: tuple[int, int] | None = None


def find(session: Session, instance: str, by: Acting, now: datetime) -> Repairable:
    """The instance, for whoever may repair it. Raises `Unknown` outside his reach, `Forbidden` for his own."""
    row = session.execute(
        select(
            Instance.id,
            Instance.title,
            Instance.number,
            Instance.process,
            Instance.state,
            Instance.starter_id,
            Instance.stage_zh,
            Instance.stage_en,
            Instance.revision,
            Instance.history_length,
            Instance.tokens,
            Instance.variables,
            Instance.version_id,
            Process.name_zh,
            Process.name_en,
        )
        .join(Process, Process.key == Instance.process)
        .where(Instance.id == instance, within(Instance.place, roles.reach_of(by, roles.MANAGE)))
    ).one_or_none()
    if row is None:
        raise Unknown(instance)
    if row.starter_id == by.person:
        raise Forbidden("instance.manage", OWN)
    places: tuple[Place, ...] = ()
    additions: tuple[Addition, ...] = ()
    full: tuple[tuple[Words, tuple[Target, ...]], ...] = ()
    names: Mapping[str, Words] = {}
    declared: dict[str, Any] = {}
    broken, spot = "", None
    try:
        program = versions.program(session, row.version_id)
        definition = program.definition
        names = program.names
        declared = {name: row.variables.get(name) for name in sorted(definition.variables)}
        if row.state in ("running", "suspended"):
            live = _standing_first(engine.tokens(definition, row.tokens))
            places = tuple(_place(definition, names, row.tokens, one) for one in live)
            additions, full = _rooms(definition, names, row.tokens)
            spot = diagram.spot(program, live[0].element) if live else None
    except (Unpublishable, *BROKEN) as error:
        broken = str(error)
    open_tasks = session.execute(
        select(Task.id, Task.element, Task.visit).where(Task.instance_id == instance, Task.state == "open")
    )
    ids = {(task.element, task.visit): task.id for task in open_tasks}
    asked = outlook.tasks_of(session, instance, now)
    incidents = session.execute(
        select(Incident.id, Incident.element, Incident.detail)
        .where(Incident.instance_id == instance, Incident.closed_at.is_(None))
        .order_by(Incident.opened_at, Incident.id)
    )
    return Repairable(
        id=row.id,
        title=row.title,
        number=row.number,
        process=row.process,
        process_name=Words(row.name_zh, row.name_en),
        state=row.state,
        starter=row.starter_id,
        stage=None if row.stage_zh is None else Words(row.stage_zh, row.stage_en or row.stage_zh),
        revision=row.revision,
        seen=row.history_length,
        places=places,
        additions=additions,
        full=full,
        tasks=tuple((ids[one.element, one.visit], one) for one in asked),
        incidents=tuple((one.id, one.element or "", one.detail) for one in incidents),
        variables=declared,
        names=names,
        broken=broken,
        spot=spot,
    )


def _standing_first(live: Sequence[engine.Token]) -> list[engine.Token]:
    """Where it stands, people before all else; then what guards a step, by which that is moved as a whole.

    What listens for an event sub-process of the process itself is no place, and moves nothing.
    """
    shown = [one for one in live if not one.guards or one.host is not None]
    return sorted(shown, key=lambda one: (one.guards, one.kind != "user"))


def _place(
    definition: engine.Definition, names: Mapping[str, Words], state: bytes, token: engine.Token
) -> Place:
    targets: list[Target] = []
    refused: dict[str, list[Target]] = {}
    for element, code in engine.places(definition, state, token.element, token.visit).items():
        drawn = definition.elements[element]
        if drawn.kind in ("startEvent", "boundaryEvent"):
            continue
        target = Target(element, names[element], drawn.kind)
        if code is None:
            targets.append(target)
        else:
            refused.setdefault(code, []).append(target)
    keeps = engine.removable(definition, state, token.element, token.visit)
    return Place(
        at=f"{token.element}#{token.visit}",
        element=token.element,
        name=names[token.element],
        kind=token.kind,
        targets=tuple(targets),
        refused=tuple((CannotMove("", code).words, tuple(some)) for code, some in refused.items()),
        keeps=None if keeps is None else CannotMove("", keeps).words,
    )


def _rooms(
    definition: engine.Definition, names: Mapping[str, Words], state: bytes
) -> tuple[tuple[Addition, ...], tuple[tuple[Words, tuple[Target, ...]], ...]]:
    """Where a token may be added, and where none may, by why; starts, which nothing leads to, are not spoken of."""

    def target(element: str) -> Target:
        drawn = definition.elements[element]
        around = definition.parents.get(element) if drawn.kind == "startEvent" else None
        is_around = around is not None and not drawn.name.zh
        return Target(element, names[around if is_around and around else element], drawn.kind)

    tokens = {(token.element, token.visit): token for token in engine.tokens(definition, state)}
    rooms, refused = engine.rooms(definition, state)
    full: dict[str, list[Target]] = {}
    for element, code in refused.items():
        if definition.elements[element].kind != "startEvent":
            full.setdefault(code, []).append(target(element))
    additions = tuple(
        Addition(
            at=f"{element}#{visit}",
            target=target(room.element),
            kind=room.kind,
            beside=names[element],
            own=tuple(
                str(value) for name, value in tokens[element, visit].own.items() if name != "loop_index"
            ),
            takes_item=room.takes_item,
        )
        for room in rooms
        for element, visit in [room.beside]
    )
    return additions, tuple((CannotMove("", code).words, tuple(some)) for code, some in full.items())
