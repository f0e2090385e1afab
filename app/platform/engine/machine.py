"""SpiffWorkflow as this house runs it: lean tokens, one step of future at a time, joins that consume.

The library draws a task's whole future, copies data from task to task, logs every change of state and walks
its tree to find what to do. Here a token costs a few fields, its successors are drawn when it completes,
variables belong to the instance, and a join takes its arrivals out of the tree. So the size of the tree is
bounded by the number of live tokens, whatever an instance has been through.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine  # type: ignore[import-untyped]
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec  # type: ignore[import-untyped]
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin  # type: ignore[import-untyped]
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow  # type: ignore[import-untyped]
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec  # type: ignore[import-untyped]
from SpiffWorkflow.task import Task  # type: ignore[import-untyped]
from SpiffWorkflow.util.task import TaskState  # type: ignore[import-untyped]

from app.platform.engine.errors import Faulty, Fuse
from app.platform.expressions import EvaluationFailed, Expression
from app.platform.registry import Words

if TYPE_CHECKING:
    from app.platform.engine.definition import Definition

FUTURE: int = TaskState.FUTURE
WAITING: int = TaskState.WAITING
READY: int = TaskState.READY
COMPLETED: int = TaskState.COMPLETED
LIVE = FUTURE | WAITING | READY

MOST_STEPS = 1_000
MOST_SECONDS = 5
LONGEST_VALUE = 2_000

Scalar = str | int | float | bool | None
Caller = Callable[[str, str, Mapping[str, Any]], Mapping[str, Any] | None]


class Token(Task):  # type: ignore[misc]
    """A task of the tree without clock, log and copied data; `outcome` is what the last task decided."""

    def __init__(self, workflow: Run, task_spec: Station, parent: Token | None, state: int) -> None:
        workflow.last_id += 1
        self.id: int = workflow.last_id
        workflow.tasks[self.id] = self
        self.workflow = workflow
        self.task_spec = task_spec
        self._parent: int | None = None if parent is None else parent.id
        self._children: list[int] = []
        self._state = state
        self.triggered = False
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self.visit = 0
        self.outcome: str | None = None
        self.parameters: dict[str, Scalar] | None = None
        if parent is not None:
            parent._children.append(self.id)

    def _add_child(self, task_spec: Station, state: int = FUTURE) -> Token:
        return Token(self.workflow, task_spec, self, state)

    def _set_state(self, value: int) -> None:
        self._state = value

    def _inherit_data(self) -> None:
        self.outcome = self.parent.outcome


class Station(BpmnSpecMixin):  # type: ignore[misc]
    """A place of the net: the library's task spec, drawing one step of future and entering the log."""

    kind: ClassVar[Literal["user", "work"] | None] = None

    def __init__(self, net: Net, name: str, stage: Words | None = None, **given: Any) -> None:
        super().__init__(net, name, **given)
        self.stage = stage
        self.manual = self.kind is not None

    def test(self) -> None:
        """Checked at publication, once, instead of at every visit."""

    def _predict(self, token: Token, *_seen: Any, **_more: Any) -> None:
        """The library draws the whole future, which is exponential in serial parallel blocks; we do not."""

    def _predict_hook(self, token: Token) -> None:
        for station in self.outputs:
            token._add_child(station, FUTURE)

    def _on_ready_hook(self, token: Token) -> None:
        token.workflow.note("entered", self.bpmn_id)
        if self.kind is not None:
            token.workflow.open(token)

    def _run(self, token: Token) -> Any:
        self._predict_hook(token)
        return super()._run(token)

    def _on_complete_hook(self, token: Token) -> None:
        token.workflow.note("left", self.bpmn_id)


class Origin(Station):
    """Where every instance begins, before its start event."""

    def _connect_notify(self, station: Station) -> None:
        raise AssertionError("nothing leads before the beginning")  # pragma: no cover - the net is ours

    def _on_ready_hook(self, token: Token) -> None:
        """No element of the drawing."""

    _on_complete_hook = _on_ready_hook


class Joining(Station):
    """A station that may wait for several arrivals, and consumes all of them when it goes on."""

    def may_fire(self, token: Token, arrivals: list[Token]) -> bool:
        """Tell whether the tokens that have arrived suffice."""
        raise NotImplementedError  # pragma: no cover - every join has its own

    def _update_hook(self, token: Token) -> bool:
        run: Run = token.workflow
        others = [
            t for t in run.tasks.values() if t.task_spec is self and t._state == WAITING and t is not token
        ]
        if not self.may_fire(token, [token, *others]):
            if token._state != WAITING and self.stage is not None:
                run.stage = self.stage
            token._set_state(WAITING)
            return False
        for other in others:
            run.cut(other)
        if len(self._inputs) == 1:
            token._inherit_data()  # a split passes on what was decided; after a join no one outcome stands
        return True

    def _run_hook(self, token: Token) -> bool:
        return True


class Finish(Joining):
    """Where every end event leads: goes on when nothing else is alive, and ends the instance."""

    def may_fire(self, token: Token, arrivals: list[Token]) -> bool:
        """Wait for everyone."""
        return not any(t._state & LIVE and t.task_spec is not self for t in token.workflow.tasks.values())

    def _on_ready_hook(self, token: Token) -> None:
        """No element of the drawing."""

    def _on_complete_hook(self, token: Token) -> None:
        token.workflow.completed = True


class Condition:
    """The condition of a flow, as the library's gateways ask for it."""

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    def _matches(self, token: Token) -> bool:
        return bool(token.workflow.value(self.expression, token))


class Net(BpmnProcessSpec):  # type: ignore[misc]
    """The spec of a process: stations by element id, with an origin and a finish no element can be named."""

    def __init__(self, process: str) -> None:
        WorkflowSpec.__init__(self, name=process)
        self.start = Origin(self, ":origin")
        self.start.bpmn_id = None
        self.end = Finish(self, ":finish")
        self.end.bpmn_id = None
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.bpmn_start_events: list[Any] = []
        self.io_specification = None

    def nearer(self, join: str) -> dict[str, frozenset[str]]:
        """For each input of `join`: the stations from which it is reached without passing the join."""
        found: dict[str, frozenset[str]] = {}
        for start in set(self.task_specs[join]._inputs):
            seen, todo = {start}, [start]
            while todo:
                for before in self.task_specs[todo.pop()]._inputs:
                    if before not in seen and before != join:
                        seen.add(before)
                        todo.append(before)
            found[start] = frozenset(seen)
        return found


class NoScripts(PythonScriptEngine):  # type: ignore[misc]
    """Stands where the library would evaluate text as code: there is nothing here that does."""

    def __init__(self) -> None:
        self.environment = None

    def _refuse(self, *_given: Any, **_more: Any) -> Any:
        raise Faulty("", "no_scripts")

    evaluate = execute = call_service = _refuse


NO_SCRIPTS = NoScripts()


def scalar(element: str, name: str, value: Any) -> Scalar:
    """Return `value` if it may be a variable: a short text, a bounded number, true, false or nothing."""
    if value is None or value is True or value is False:
        return None if value is None else bool(value)
    if type(value) is str and len(value) <= LONGEST_VALUE:
        return value
    if type(value) in (int, float) and -1e15 <= value <= 1e15:
        return value  # type: ignore[no-any-return]
    raise Faulty(element, "not_a_scalar", {"name": name})


class Run(BpmnWorkflow):  # type: ignore[misc]
    """One instance in motion: its tree, its variables, and what this step has done so far."""

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
        self.ended: str | None = None
        self.stage: Words | None = None

    def note(self, kind: str, element: str) -> None:
        """Enter an element into the log of this step."""
        self.log.append((kind, element))

    def open(self, token: Token) -> None:
        """Give a token that waits for people or work its visit number."""
        self.last_visit += 1
        token.visit = self.last_visit
        self.opened.append(token)
        self.stage = token.task_spec.stage or self.stage

    def value(self, expression: Expression, token: Token) -> Any:
        """Compute an expression where `token` stands; a variable not yet set is nothing."""
        given: dict[str, Any] = {name: self.variables.get(name) for name in expression.names}
        if "outcome" in given:
            given["outcome"] = token.outcome
        assert self.now is not None
        try:
            return expression.evaluate(given, self.now)
        except EvaluationFailed as error:
            element = token.task_spec.bpmn_id
            raise Faulty(element, error.code, {**error.parameters, "text": expression.text}) from error

    def keep(self, element: str, values: Mapping[str, Any]) -> None:
        """Set variables of the instance."""
        for name, value in values.items():
            self.variables[name] = scalar(element, name, value)

    def begin(self) -> None:
        """Put the first token at the origin."""
        self.task_tree = Token(self, self.spec.start, None, READY)

    def drive(self) -> None:
        """Run whatever needs no one, until only people, work and joins are waited for."""
        while not self.completed:
            ready = [t for t in self.tasks.values() if t._state == READY and not t.task_spec.manual]
            if not ready:
                return
            for token in ready:
                self.steps += 1
                if self.steps > MOST_STEPS:
                    raise Fuse("steps", MOST_STEPS)
                if time.monotonic() > self.deadline:
                    raise Fuse("seconds", MOST_SECONDS)
                token.run()

    def cut(self, token: Token) -> None:
        """Take a childless token out of the tree."""
        self.tasks[token._parent]._children.remove(token.id)  # type: ignore[index]
        del self.tasks[token.id]

    def _task_completed_notify(self, token: Token) -> None:
        for join, waiting in {t.task_spec: t for t in self.tasks.values() if t._state == WAITING}.items():
            join._update(waiting)  # the latest arrival speaks for all that wait there

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

    def waiting_tokens(self) -> Iterable[Token]:
        """The tokens that wait for people or work, oldest visit first."""
        return sorted((t for t in self.tasks.values() if t.visit), key=lambda t: t.visit)
