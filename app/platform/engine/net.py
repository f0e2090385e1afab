"""The running net of a process: stations by name, the scopes they lie in, and how one is reached from another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.specs.ExclusiveChoice import ExclusiveChoice
from SpiffWorkflow.specs.Join import Join
from SpiffWorkflow.specs.MultiChoice import MultiChoice
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from app.platform.engine.machine import Finish, Side, Station

DONE = "!"
"""Ends the name of a graph's node that stands for an activity completed, not only reached."""

EVENTS = ("timer", "message", "signal")
Holds = Callable[[Any, bool], bool | None]
Told = tuple[tuple[str, ...], tuple[str, ...], bool, tuple[str, ...], tuple[str, ...]]


class Origin(Station):
    """Where every instance begins, before its start event."""

    def _on_ready_hook(self, token: Any) -> None:
        """No element of the drawing."""

    _on_complete_hook = _on_ready_hook


class Net(BpmnProcessSpec):  # type: ignore[misc]
    """The spec of a process, called processes and sub-processes included, as one net.

    `prefix`, `within` and `finish` are where stations are being built: the calls on the way, the scope, its end.
    """

    task_specs: dict[str, Any]

    def __init__(self, process: str) -> None:
        WorkflowSpec.__init__(self, name=process)
        self.prefix = ""
        self.within: str | None = None
        self.finish = ":finish"
        self.start = Origin(self, ":origin")
        self.end = Finish(self, ":finish")
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.bpmn_start_events: list[Any] = []
        self.io_specification = None
        self.first: dict[str, str] = {}  # the start events of the process: element -> station
        self.entries: dict[str | None, list[str]] = {}  # the first stations of each scope
        self.besides: dict[str | None, list[Station]] = {}  # starts of the event sub-processes of each scope
        self.blocks: dict[str, tuple[tuple[str, str], ...]] = {}  # the open blocks each station lies in
        self.leaves: bool | None = None  # whether anything in it cannot simply be gone back past
        self.has_own = False  # whether any multi-instance keeps variables of its own

    def starts_beside(self, scope: str | None) -> list[Station]:
        """The events that may start an event sub-process of a scope."""
        return self.besides.get(scope, [])

    def before(self, name: str) -> list[str]:
        """The stations a token may come from; for a boundary event, what it guards."""
        return [*self.task_specs[name]._inputs, *self._guarded.get(name, ())]

    @cached_property
    def _guarded(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for station in self.task_specs.values():
            for boundary in station.boundaries:
                found.setdefault(boundary.name, []).append(station.name)
        return found

    def nearer(self, join: str) -> dict[str, frozenset[str]]:
        """For each input of `join`: the stations from which it is reached without passing the join."""
        found: dict[str, frozenset[str]] = {}
        for start in set(self.task_specs[join]._inputs):
            seen, todo = {start}, [start]
            while todo:
                for before in self.before(todo.pop()):
                    if before not in seen and before != join:
                        seen.add(before)
                        todo.append(before)
            found[start] = frozenset(seen)
        return found

    def people_after(self, element: str) -> list[str]:
        """The user tasks that may come next after `element`, whichever way is taken: into scopes, and out of them."""
        todo = [s for s in self.task_specs.values() if s.bpmn_id == element and not isinstance(s, Finish)]
        found: dict[str, None] = {}
        seen: set[str] = {station.name for station in todo}
        todo = [other for station in todo for other in self._onward(station)]
        while todo:
            station = todo.pop(0)
            if station.kind == "user":
                found[station.bpmn_id] = None
            elif station.name not in seen:
                seen.add(station.name)
                todo += self._inward(station) or self._onward(station)
        return list(found)

    def leads_on(self, element: str) -> bool:
        """Whether an event leads to a task or an end without passing what every way to it has passed."""
        begin = [s for s in self.task_specs.values() if s.bpmn_id == element and not isinstance(s, Finish)]
        return any(self._leads_on(station) for station in begin)

    def _leads_on(self, event: Station) -> bool:
        passed, seen, todo = self._passed(event), {event.name}, self._onward(event)
        while todo:
            station = todo.pop()
            if station.name in seen or passed & set(self._around(station)):
                continue
            if station.kind == "user" or (isinstance(station, Finish) and station.within is None):
                return True
            seen.add(station.name)
            todo += self._inward(station) or self._onward(station)
        return False

    def _passed(self, event: Station) -> frozenset[str]:
        """The stations that every way to an event has passed."""
        found, at = frozenset[str](), event
        while True:
            graph = self.graphs.get(at.within)
            found |= graph.dominators.get(at.name, frozenset()) - {at.name} if graph else frozenset()
            if at.within is None:
                return found
            at = self.task_specs[at.within]

    def _around(self, station: Station) -> Iterator[str]:
        """A station, and the scopes it lies in."""
        name: str | None = station.name
        while name is not None:
            yield name
            name = self.task_specs[name].within

    def coming_after(self, element: str, holds: Holds) -> Told:
        """What comes next after `element`, where conditions come to what `holds` says, as `engine.Coming` has it.

        `holds(condition, settled)`: True, False, or None where it cannot be told; `settled` says whether nothing on
        the way can have changed a variable.
        """
        people: dict[str, None] = {}
        ends: dict[str, None] = {}
        waits: dict[str, None] = {}
        then: dict[str, None] = {}
        sure, seen = True, set()
        begin = [s for s in self.task_specs.values() if s.bpmn_id == element and not isinstance(s, Finish)]
        todo = [(other, True, False) for station in begin for other in self._onward(station)]
        while todo:
            station, settled, waited = todo.pop(0)
            if station.kind == "user":
                (then if waited else people)[station.bpmn_id] = None
            elif (station.name, settled, waited) not in seen:
                seen.add((station.name, settled, waited))
                if isinstance(station, MultiChoice):
                    ways, known = self._chosen(station, holds, settled)
                    sure = sure and known
                    todo += [(way, settled, waited) for way in ways]
                    continue
                after = self._inward(station) or self._onward(station)
                if getattr(station, "is_rivalry", False):
                    after = self._usual(after)
                if station.kind in EVENTS or getattr(station, "is_rivalry", False):
                    waits |= {} if waited else {station.bpmn_id: None}
                    waited = True
                if any(isinstance(each, Finish) for each in after) and station.within is None:
                    (then if waited else ends)[station.bpmn_id] = None
                passes = isinstance(station, Join)  # a gateway changes nothing
                todo += [(each, settled and passes, waited) for each in after if not isinstance(each, Finish)]
                todo += [
                    (way, False, waited)
                    for each in after
                    if isinstance(each, Finish)
                    for way in self._onward(each)
                ]
        return tuple(people), tuple(ends), sure, tuple(waits), tuple(then)

    def _usual(self, rivals: list[Station]) -> list[Station]:
        """Of the events a gateway waits for those that lead on, and are no deadline; where none is, all of them."""
        onward = [one for one in rivals if self._leads_on(one)] or rivals
        return [one for one in onward if one.kind != "timer"] or onward

    def _chosen(self, station: Any, holds: Holds, settled: bool) -> tuple[list[Any], bool]:
        """The ways that a gateway with conditions may take, and whether that is certain."""
        ways, known, taken = [], True, False
        for condition, name in station.cond_task_specs:
            if condition is None:
                continue
            answer = holds(condition, settled)
            if answer is None:
                known = False
            if answer is not False:
                ways.append(self.task_specs[name])
            if answer and isinstance(station, ExclusiveChoice):
                taken = True
                break
            taken = taken or bool(answer)
        if not taken:
            plain = [name for condition, name in station.cond_task_specs if condition is None]
            ways += [self.task_specs[name] for name in plain]
        return ways, known

    def _onward(self, station: Any) -> list[Any]:
        """What follows a station; after the last of a scope, what follows the scope."""
        if station._outputs:
            return [self.task_specs[name] for name in station._outputs]
        owner = self.task_specs[station.within] if station.within is not None else None
        return [] if owner is None or isinstance(owner, Side) else self._onward(owner)

    def _inward(self, station: Any) -> list[Any]:
        """Where a scope begins."""
        body = getattr(station, "body", None) or getattr(station, "entry", None)
        return [self.task_specs[body]] if body is not None and station.is_scope else []

    @cached_property
    def graphs(self) -> dict[str | None, Graph]:
        """The graph of each scope."""
        return {scope: Graph(self, scope, entries) for scope, entries in self.entries.items()}


class Graph:
    """The stations of one scope and what follows what; `X!` is the node of X completed."""

    def __init__(self, net: Net, scope: str | None, entries: Iterable[str]) -> None:
        self.scope = scope
        self.after: dict[str, list[str]] = {"": list(entries)}
        todo = list(entries)
        while todo:
            name = todo.pop()
            if name in self.after:
                continue
            station = net.task_specs[name]
            self.after[name] = [name + DONE, *(each.name for each in station.boundaries)]
            self.after[name + DONE] = list(station._outputs) if _goes_on(station, scope) else []
            todo += self.after[name + DONE] + self.after[name][1:]
        self.before: dict[str, list[str]] = {name: [] for name in self.after}
        for name, others in self.after.items():
            for other in others:
                self.before[other].append(name)

    @cached_property
    def dominators(self) -> dict[str, frozenset[str]]:
        """For each node the nodes that every way to it passes, itself included."""
        order, seen, todo = [], {""}, [("", iter(self.after[""]))]
        while todo:
            name, others = todo[-1]
            following = next((other for other in others if other not in seen), None)
            if following is None:
                order.append(name)
                todo.pop()
            else:
                seen.add(following)
                todo.append((following, iter(self.after[following])))
        order.reverse()
        found: dict[str, frozenset[str]] = {"": frozenset({""})}
        changed = True
        while changed:
            changed = False
            for name in order[1:]:
                known = [found[other] for other in self.before[name] if other in found]
                new = frozenset.intersection(*known) | {name}
                if found.get(name) != new:
                    found[name], changed = new, True
        return found

    def between(self, first: str, last: str) -> set[str]:
        """The nodes on ways from `first` to `last` that do not come by `first` again."""
        forward = self._reached(self.after[first], self.after, first)
        return forward & self._reached([last], self.before, first)

    @staticmethod
    def _reached(start: Iterable[str], step: Mapping[str, list[str]], stop: str) -> set[str]:
        seen, todo = set(), [name for name in start if name != stop]
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += [other for other in step[name] if other != stop]
        return seen


def _goes_on(station: Station, scope: str | None) -> bool:
    """Whether what follows a station lies in the same scope: not so for an event that opens a side flow."""
    return station.interrupting or station.name == scope
