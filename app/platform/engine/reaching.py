"""What a state has in common with others in other places, and what still lies before it: for those who look ahead."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from app.platform.engine.codec import parts
from app.platform.engine.definition import Definition

_PASSED, _INSIDE = "c", "a"


@dataclass(frozen=True, slots=True)
class Shape:
    """Where the tokens of a state stand, without what they carry.

    Two states of one version with the same `mark` are carried over to another version alike, unless something
    happens on the way (a step with anything opened, closed, thrown or logged). `stations`: where anything stands that
    is not over, and whether it is a scope with something alive inside. `waits`: the elements that people, work or
    events are waited for at; guards (events on an edge or beside a scope) are not told.
    """

    mark: str
    stations: tuple[tuple[str, bool], ...]
    waits: tuple[str, ...]


def shape(state: bytes) -> Shape:
    """The shape of a state. Raises `Corrupt`."""
    process, _last_visit, _variables, rows = parts(state)
    told, stations, waits = [], set(), set()
    for row in rows:
        parent, name, letter, *more = row
        waiting = bool(more and more[0])
        host, own, back = more[3] if len(more) > 3 else (None, None, None)
        told.append([parent, name, letter, waiting, host, own is not None, back])
        if letter != _PASSED:
            stations.add((name, letter == _INSIDE))
            stations |= {(each, False) for each in back or ()}
        if waiting and host is None:
            waits.add(element(back[-1] if back else name))
    mark = hashlib.sha256(json.dumps([process, told]).encode()).hexdigest()
    return Shape(mark, tuple(sorted(stations)), tuple(sorted(waits)))


def element(station: str) -> str:
    """The BPMN id that a station stands for."""
    return station.rpartition("/")[2].partition(":")[0]


def ahead(definition: Definition, stations: Iterable[tuple[str, bool]]) -> frozenset[str]:
    """The elements that tokens at these stations stand at or can still come to: onward, inside, at edges, and around.

    Going back by a verb is not counted. A station is given with whether it has been begun already.
    """
    net = definition.plan
    specs = net.task_specs
    begun: set[str] = set()
    entered: set[str] = set()
    todo = [*stations, *((station.name, False) for station in net.starts_beside(None))]
    while todo:
        name, is_begun = todo.pop()
        if name not in specs or name in (begun if is_begun else entered):
            continue
        (begun if is_begun else entered).add(name)
        station = specs[name]
        onward = [*station._outputs, *(each.name for each in station.boundaries)]
        onward += [each.name for each in net.starts_beside(name)]
        body = getattr(station, "body", None)  # of a multi-instance: its next body may still begin
        entry = getattr(station, "entry", None)
        if station.is_scope:
            onward += [inner for inner in (body, None if is_begun else entry) if inner]
        todo += [(each, False) for each in onward]
        if station.within is not None:
            todo.append((station.within, True))
    return frozenset(element(name) for name in begun | entered if element(name))
