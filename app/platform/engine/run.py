"""One instance in motion, on the library's tree: driving, scopes, guards, and fuses against what does not end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from app.platform.engine.errors import Faulty, Fuse
from app.platform.engine.machine import COMPLETED, FUTURE, LIVE, READY, WAITING, Scope, Side, Station, Token
from app.platform.expressions import EvaluationFailed, Expression
from app.platform.registry import Words

if TYPE_CHECKING:
    from app.platform.engine.definition import Definition
    from app.platform.engine.net import Net

MOST_STEPS = 1_000
MOST_SECONDS = 5
LONGEST_VALUE = 2_000

Scalar = str | int | float | bool | None
Caller = Callable[[str, str, Mapping[str, Any]], Mapping[str, Any] | None]


class NoScripts(PythonScriptEngine):  # type: ignore[misc]
    """Stands where the library would evaluate text as code: there is nothing here that does."""

    def __init__(self) -> None:
        self.environment = None

    def _refuse(self, *_given: Any, **_more: Any) -> Any:
        raise Faulty("", "no_scripts")

    evaluate = execute = call_service = _refuse


NO_SCRIPTS = NoScripts()


@dataclass(frozen=True, slots=True)
class Thrown:
    """A message or signal that goes out: to whoever waits for `name` with the same `correlation`."""

    kind: Literal["message", "signal"]
    name: str
    correlation: Scalar
    data: Mapping[str, Scalar]
    deliver: Literal["after", "together"]
    element: str


def scalar(element: str, name: str, value: Any) -> Scalar:
    """Return `value` if it may be a variable: a short text, a bounded number, true, false or nothing."""
    if value is None or value is True or value is False:
        return None if value is None else bool(value)
    if type(value) is str and len(value) <= LONGEST_VALUE:
        return value
    if type(value) in (int, float) and -1e15 <= value <= 1e15:
        return value  # type: ignore[no-any-return]
    raise Faulty(element, "not_a_scalar", {"name": name})


def _is_beside(token: Token) -> bool:
    return token.task_spec.is_scope and token.task_spec.is_beside


class Run(BpmnWorkflow):  # type: ignore[misc]
    """One instance in motion: its tree, its variables, and what this step has done so far."""

    spec: Net
    task_tree: Token
    tasks: dict[int, Token]

    def __init__(
        self, definition: Definition, variables: dict[str, Scalar], call: Caller | None, now: datetime | None
    ) -> None:
        super().__init__(definition.plan, script_engine=NO_SCRIPTS, deserializing=True)
        self.definition = definition
        self.variables = variables
        self.call = call
        self.now = now
        self.last_id = 0
        self.last_visit = 0
        self.steps = 0
        self.deadline = time.monotonic() + MOST_SECONDS
        self.log: list[tuple[str, str]] = []
        self.opened: list[Token] = []
        self.closed: list[Token] = []
        self.thrown: list[Thrown] = []
        self.ended: str | None = None
        self.last_end: str | None = None
        self.stage: Words | None = None

    # ── what stations report ──────────────────────────────────────────────────────────────────────────────────

    def note(self, kind: str, element: str) -> None:
        """Enter an element into the log of this step."""
        self.log.append((kind, element))

    def open(self, token: Token) -> None:
        """Give a token that waits for people, work or an event its visit number."""
        self.last_visit += 1
        token.visit = self.last_visit
        self.opened.append(token)
        if token.host is None:
            asked = self.spec.task_specs[token.back[-1]] if token.back else token.task_spec
            self.stage = asked.stage or self.stage

    def value(self, expression: Expression, token: Token, free: Mapping[str, Any] | None = None) -> Any:
        """Compute an expression where `token` stands; a variable not yet set is nothing."""
        given: dict[str, Any] = {name: self.variables.get(name) for name in expression.names}
        if self.spec.has_own:
            given |= {name: value for name, value in self.own(token).items() if name in given}
        if "outcome" in given:
            given["outcome"] = token.outcome
        if free:
            given |= free
        assert self.now is not None
        try:
            return expression.evaluate(given, self.now)
        except EvaluationFailed as error:
            raise Faulty(
                token.task_spec.bpmn_id, error.code, {**error.parameters, "text": expression.text}
            ) from error

    def own(self, token: Token) -> dict[str, Scalar]:
        """The variables of the multi-instance bodies a token stands in, inner before outer."""
        found: dict[str, Scalar] = {}
        at: Token | None = token
        while at is not None:
            found = {**at.own, **found} if at.own else found
            at = at.scope
        return found

    def keep(self, element: str, values: Mapping[str, Any], token: Token | None = None) -> None:
        """Set variables of the instance, or of the body `token` stands in where they are its own."""
        for name, value in values.items():
            self._holder(name, token)[name] = scalar(element, name, value)

    def _holder(self, name: str, token: Token | None) -> dict[str, Scalar]:
        at = token if self.spec.has_own else None
        while at is not None:
            if at.own is not None and name in at.task_spec.keeps:
                return at.own
            at = at.scope
        return self.variables

    # ── driving ───────────────────────────────────────────────────────────────────────────────────────────────

    def begin(self, start: str) -> None:
        """Put the first token at the start event `start`."""
        self.task_tree = Token(self, self.spec.start, None, COMPLETED)
        self.arm(self.task_tree, self.spec.starts_beside(None), inside=True)
        self.put(self.task_tree, start)

    def put(self, parent: Token, station: str) -> Token:
        """Put a fresh token at a station, below `parent`."""
        token = Token(self, self.spec.task_specs[station], parent, FUTURE)
        token.task_spec._update(token)
        return token

    def ask(self, element: str, action: str, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Call a hook. The time it takes is not the step's: the fuse is for diagrams that do not end."""
        assert self.call is not None
        began = time.monotonic()
        try:
            return self.call(element, action, given)
        finally:
            self.deadline += time.monotonic() - began

    def drive(self) -> None:
        """Run whatever needs no one, until only people, work, events and joins are waited for."""
        while not self.completed:
            ready = [t for t in self.tasks.values() if t._state == READY and not t.task_spec.manual]
            if not ready:
                return
            for token in ready:
                if token.id not in self.tasks or self.completed:
                    continue  # what ran before it has ended the scope it stood in
                self.steps += 1
                if self.steps > MOST_STEPS:
                    raise Fuse("steps", MOST_STEPS)
                if time.monotonic() > self.deadline:
                    raise Fuse("seconds", MOST_SECONDS)
                token.run()

    def _task_completed_notify(self, token: Token) -> None:
        waiting = {(t.task_spec, t.scope): t for t in self.tasks.values() if t._state == WAITING}
        for (join, _scope), arrival in waiting.items():
            if arrival.id in self.tasks and arrival._state == WAITING:
                join._update(arrival)  # the latest arrival speaks for all that wait there

    # ── scopes and guards ─────────────────────────────────────────────────────────────────────────────────────

    def is_alive(self, scope: Token | None, finish: Station) -> bool:
        """Whether a token other than those at the finish is alive in a scope; guards do not count."""
        return any(
            t._state & LIVE and t.host is None and t.scope is scope and t.task_spec is not finish
            for t in self.tasks.values()
        )

    def finish(self, scope: Token | None) -> None:
        """End a scope, or the instance: whatever is left in it goes, and the scope's token goes on."""
        if scope is None:
            for child in list(self.task_tree._children):
                self.cut(self.tasks[child])
            self.completed = True
            return
        for child in list(scope._children):
            self.cut(self.tasks[child])
        scope.task_spec.leave(scope)

    def look_again(self, scope: Token | None) -> None:
        """After something has vanished from a scope: end it, if that was the last."""
        finish = self.spec.task_specs[":finish" if scope is None else scope.task_spec.inner_finish]
        if self.is_alive(scope, finish):
            return
        arrived = [t for t in self.tasks.values() if t.task_spec is finish and t.scope is scope]
        if not arrived:
            self.ended = self.last_end if scope is None else self.ended
            self.finish(scope)
        elif arrived[-1]._state == WAITING:
            finish._update(arrived[-1])

    def arm(self, host: Token, events: Iterable[Station], inside: bool = False) -> None:
        """Let events stand guard over `host`: beside it (boundary events) or `inside` it (starts of a scope)."""
        for station in events:
            if station.kind is None:
                continue  # errors are looked for when they are raised
            token = Token(self, station, host if inside else host.parent, FUTURE)
            token.host = host.id
            station._update(token)
            token.outcome = None

    def disarm(self, host: Token, but: Token | None = None) -> None:
        """Take the guards of a token away."""
        for token in [t for t in self.tasks.values() if t.host == host.id and t is not but]:
            self.cut(token)

    def cut(self, token: Token) -> None:
        """Take a token out of the tree with all that lies below it and all that stands guard over it."""
        self.tasks[token._parent]._children.remove(token.id)  # type: ignore[index]
        gone, todo = {token.id}, [token]
        while todo:
            at = todo.pop()
            gone.add(at.id)
            todo += [self.tasks[child] for child in at._children]
            del self.tasks[at.id]
            self._close(at)
        for guard in [t for t in self.tasks.values() if t.host in gone]:
            if guard.id in self.tasks:
                self.cut(guard)

    def _close(self, token: Token) -> None:
        if not token.visit:
            return
        if token in self.opened:
            self.opened.remove(token)
        else:
            self.closed.append(token)

    def raise_error(self, token: Token, code: str, *, own: bool) -> bool:
        """Find who catches an error outwards from `token` (`own`: on its own edge, too); tell whether anyone did."""
        at: Token | None = token
        while at is not None:
            edge = at.task_spec.boundaries if own or at is not token else ()
            caught = next((event for event in edge if event.catches(code)), None)
            if caught is not None:
                self._take_edge(at, caught)
                return True
            scope = at.scope
            starts = self.spec.starts_beside(None if scope is None else scope.task_spec.name)
            beside = next((event for event in starts if event.catches(code)), None)
            if beside is not None and not _is_beside(at):  # it does not catch what it raises itself
                self.begin_beside(scope, beside)
                return True
            at = scope
        return False

    def terminate(self, token: Token) -> None:
        """End the process or sub-process a token stands in, side flows and event sub-processes not counted."""
        scope = token.scope
        while scope is not None and isinstance(scope.task_spec, Side):
            scope = scope.scope
        if scope is None:
            self.ended = token.task_spec.bpmn_id
        self.finish(scope)

    def _take_edge(self, host: Token, boundary: Station) -> None:
        parent = host.parent
        self.cut(host)
        self.put(parent, boundary.name).outcome = None

    def begin_beside(self, scope: Token | None, start: Station, guard: Token | None = None) -> None:
        """Start an event sub-process: what interrupts ends everything else in the scope first."""
        root = self.task_tree if scope is None else scope
        if start.interrupting:
            for child in list(root._children):
                if child in self.tasks:
                    self.cut(self.tasks[child])
        elif guard is not None:
            again = guard.task_spec.kind != "timer"
            self.cut(guard)
            if again:
                self.arm(root, [start], inside=True)
        side = Token(self, self.spec.task_specs[str(start.within)], root, READY)
        side.task_spec.open_at(side, start)

    # ── what is kept ──────────────────────────────────────────────────────────────────────────────────────────

    def prune(self) -> None:
        """Keep the live tokens, their parents, and the ancestors that part them; forget the rest."""
        tasks, root = self.tasks, self.task_tree
        live = [t for t in tasks.values() if t._state & LIVE]
        held = {root.id} | {t.id for t in live} | {t._parent for t in live}
        keep = {root.id}
        for token in live:
            at: Token | None = token
            while at is not None and at.id not in keep:
                keep.add(at.id)
                at = tasks.get(at._parent)  # type: ignore[arg-type]
        self.tasks = tasks = {i: t for i, t in tasks.items() if i in keep}
        for token in list(tasks.values()):
            token._children = [child for child in token._children if child in tasks]
        for token in list(tasks.values()):
            if token.id in held or len(token._children) != 1:
                continue
            child, parent = tasks[token._children[0]], tasks[token._parent]  # type: ignore[index]
            parent._children[parent._children.index(token.id)] = child.id
            child._parent = parent.id
            del tasks[token.id]

    def waiting_tokens(self) -> Iterator[Token]:
        """The tokens that wait for people, work or events, oldest visit first."""
        return iter(sorted((t for t in self.tasks.values() if t.visit), key=lambda t: t.visit))


__all__ = ["NO_SCRIPTS", "Caller", "Run", "Scalar", "Scope", "Thrown", "scalar"]
