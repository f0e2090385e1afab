"""Carrying a running instance over to another version: every token keeps its place, or nothing moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.platform.engine.codec import parts, seal, unpack
from app.platform.engine.definition import Definition
from app.platform.engine.machine import ACTIVE, COMPLETED, Joining, Token
from app.platform.engine.run import Caller, Run
from app.platform.engine.step import Step, settle, show


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an instance cannot be carried over: at which element of the old version, and a code.

    Codes: `gone` (the element is not there any more), `other_kind`, `other_scope`, `join` (a branch that has
    arrived leads elsewhere now), `guarded` (what stood in for another task is not there), `process`.
    """

    element: str
    code: str


def migrate(
    old: Definition,
    new: Definition,
    state: bytes,
    mapping: Mapping[str, str],
    call: Caller,
    now: datetime,
) -> Step | tuple[Obstacle, ...]:
    """Carry a state of `old` over to `new`; elements keep their id unless `mapping` (old -> new) says otherwise.

    Waiting tokens stay open under their visits; only events that came newly to an edge or a scope, or have left
    it, appear as opened and closed. Raises `Corrupt` for a damaged state.
    """
    before = unpack(old, state)
    process, last_visit, variables, rows = parts(state)
    if new.process != process:
        return (Obstacle(process, "process"),)
    carried, obstacles = _carry(before, new, rows, mapping)
    if obstacles:
        return tuple(obstacles)
    run = unpack(new, seal(process, last_visit, variables, carried))
    run.call, run.now = call, now
    closed = [show(before, token) for token in before.waiting_tokens() if _has_left(old, new, token, mapping)]
    _guard_anew(run)
    return settle(run, tuple(closed))


def _carry(
    before: Run, new: Definition, rows: list[list[Any]], mapping: Mapping[str, str]
) -> tuple[list[list[Any]], list[Obstacle]]:
    stations = new.plan.task_specs
    obstacles: list[Obstacle] = []
    kept: dict[int, int] = {-1: -1}
    carried: list[list[Any]] = []
    tokens = _in_order(before)
    for number, (row, token) in enumerate(zip(rows, tokens, strict=True)):
        name = _renamed(row[1], mapping)
        if token.host is not None and not _still_guards(before, new, token, mapping):
            continue  # an event that has left the edge: nobody waits for it any more
        obstacle = _obstacle(token, name, stations, mapping)
        if obstacle is not None and token._state == COMPLETED and row[0] != -1:
            kept[number] = kept[row[0]]  # only where something came from: it hangs on what came before
            continue
        if obstacle is not None:
            obstacles.append(Obstacle(token.element, obstacle))
            continue
        kept[number] = len(carried)
        moved = [kept.get(row[0], 0), name, *row[2:]]
        if len(moved) > 6:
            host, own, back = moved[6]
            moved[6] = [host, own, back and [_renamed(each, mapping) for each in back]]
        carried.append(moved)
    for row in carried:
        if len(row) > 6 and row[6][0] is not None:
            row[6] = [kept[row[6][0]], *row[6][1:]]
    return carried, obstacles


def _in_order(run: Run) -> list[Token]:
    """The tokens as their rows are written."""
    found, todo = [], [run.task_tree]
    while todo:
        token = todo.pop()
        found.append(token)
        todo += [run.tasks[child] for child in reversed(token._children)]
    return found


def _renamed(name: str, mapping: Mapping[str, str]) -> str:
    """A station's name with every element on its way under its new id."""
    found = []
    for step in name.split("/"):
        element, colon, rest = step.partition(":")
        found.append(mapping.get(element, element) + colon + rest)
    return "/".join(found)


def _obstacle(token: Token, name: str, stations: Mapping[str, Any], mapping: Mapping[str, str]) -> str | None:
    if name not in stations:
        return "gone"
    station, was = stations[name], token.task_spec
    if station.kind != was.kind or station.is_scope is not was.is_scope or type(station) is not type(was):
        return "other_kind"
    if (station.within or "") != _renamed(was.within or "", mapping):
        return "other_scope"
    if isinstance(station, Joining) and token._parent is not None and token.visit == 0:
        arrived_from = _renamed(token.parent.task_spec.name, mapping)
        if len(station._inputs) > 1 and arrived_from not in station._inputs and token._state != COMPLETED:
            return "join"
    if token.back and any(_renamed(each, mapping) not in stations for each in token.back):
        return "guarded"
    return None


def _still_guards(before: Run, new: Definition, token: Token, mapping: Mapping[str, str]) -> bool:
    """Whether the new version has the event on the same edge, or in the same scope."""
    host = before.tasks[token.host]  # type: ignore[index]
    stations = new.plan.task_specs
    name, at = _renamed(token.task_spec.name, mapping), _renamed(host.task_spec.name, mapping)
    if name not in stations or at not in stations:
        return False
    beside = new.plan.starts_beside(None if host is before.task_tree else at)
    return any(station.name == name for station in [*stations[at].boundaries, *beside])


def _has_left(old: Definition, new: Definition, token: Token, mapping: Mapping[str, str]) -> bool:
    return token.host is not None and not _still_guards(token.workflow, new, token, mapping)


def _guard_anew(run: Run) -> None:
    """Arm events that are new on the edge of a waiting activity, or in an open scope."""
    for host in list(run.tasks.values()):
        active = host.task_spec.is_scope and host._state == ACTIVE
        if host.host is not None or not (active or host.visit or host is run.task_tree):
            continue
        armed = {t.task_spec.name for t in run.tasks.values() if t.host == host.id}
        if host is not run.task_tree:
            run.arm(host, [each for each in host.task_spec.boundaries if each.name not in armed])
        if active or host is run.task_tree:
            scope = None if host is run.task_tree else host.task_spec.name
            beside = [each for each in run.spec.starts_beside(scope) if each.name not in armed]
            run.arm(host, beside, inside=True)
