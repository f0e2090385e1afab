"""SpiffWorkflow as this house runs it: lean tokens, one step of future at a time, joins that consume.

The library draws a task's whole future, copies data from task to task, logs every change of state and walks
its tree to find what to do. Here a token costs a few fields, its successors are drawn when it completes,
variables belong to the instance, and a join takes its arrivals out of the tree. So the size of the tree is
bounded by the number of live tokens, whatever an instance has been through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.platform.expressions import Expression
from app.platform.registry import Words

if TYPE_CHECKING:
    from app.platform.engine.run import Run, Scalar

FUTURE: int = TaskState.FUTURE
WAITING: int = TaskState.WAITING
READY: int = TaskState.READY
COMPLETED: int = TaskState.COMPLETED
LIVE = FUTURE | WAITING | READY


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
