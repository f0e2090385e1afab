"""SpiffWorkflow as this house runs it: lean tokens, one step of future at a time, joins that consume.

The library draws a task's whole future, copies data from task to task, logs every change of state and walks
its tree to find what to do. Here a token costs a few fields, its successors are drawn when it completes,
variables belong to the instance, and a join takes its arrivals out of the tree. So the size of the tree is
bounded by the number of live tokens, whatever an instance has been through.

A sub-process is no workflow of its own: its token stays where it is, active, and what happens inside lies
below it in the same tree. The same holds for a called process, for each body of a multi-instance, for an
event sub-process, and for the side flow of a boundary event that interrupts nothing: all of them are scopes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.platform.expressions import Expression
from app.platform.registry import Words

if TYPE_CHECKING:
    from app.platform.engine.net import Net
    from app.platform.engine.run import Run, Scalar

FUTURE: int = TaskState.FUTURE
WAITING: int = TaskState.WAITING
READY: int = TaskState.READY
ACTIVE: int = TaskState.STARTED  # a scope with something alive in it
COMPLETED: int = TaskState.COMPLETED
LIVE = FUTURE | WAITING | READY | ACTIVE

Waits = Literal["user", "work", "timer", "message", "signal"]


class Token(Task):  # type: ignore[misc]
    """A task of the tree without clock, log and copied data; `outcome` is what the last task decided.

    `host`: the token it stands guard over, for armed boundary events and starts of event sub-processes.
    `own`: the variables of a multi-instance's body. `back`: the tasks a token stands in for, last one first due.
    """

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
        self.scope: Token | None = None
        self.host: int | None = None
        self.own: dict[str, Scalar] | None = None
        self.back: list[str] | None = None
        if parent is not None:
            parent._children.append(self.id)
            self.scope = parent if parent._state == ACTIVE else parent.scope

    def _add_child(self, task_spec: Station, state: int = FUTURE) -> Token:
        return Token(self.workflow, task_spec, self, state)

    def _set_state(self, value: int) -> None:
        self._state = value

    def _inherit_data(self) -> None:
        self.outcome = self.parent.outcome

    @property
    def element(self) -> str:
        """The BPMN id of what it asks for: where it stands, or the task it stands in for."""
        return str((self.back[-1] if self.back else self.task_spec.name).rpartition("/")[2].partition(":")[0])


class Station(BpmnSpecMixin):  # type: ignore[misc]
    """A place of the net: the library's task spec, drawing one step of future and entering the log.

    `name` is the element's id, under the call activities it is reached through; `within` the name of the scope
    it lies in. `boundaries` are the events on its edge, `interrupting` says of such an event what it does.
    """

    kind: Waits | None = None
    is_scope: ClassVar[bool] = False
    keeps: frozenset[str] = frozenset()

    def __init__(self, net: Net, name: str, stage: Words | None = None, **given: Any) -> None:
        super().__init__(net, net.prefix + name, **given)
        self.bpmn_id: str = name.partition(":")[0]
        self.stage = stage
        self.manual = self.kind is not None
        self.within: str | None = net.within
        self.finish: str = net.finish
        self.boundaries: list[Station] = []
        self.interrupting = True

    def test(self) -> None:
        """Checked at publication, once, instead of at every visit."""

    def catches(self, _code: str) -> bool:
        """Tell whether this is a boundary or start event that takes an error of this code."""
        return False

    def _predict(self, token: Token, *_seen: Any, **_more: Any) -> None:
        """The library draws the whole future, which is exponential in serial parallel blocks; we do not."""

    def _predict_hook(self, token: Token) -> None:
        for station in self.outputs:
            token._add_child(station, FUTURE)

    def _on_ready_hook(self, token: Token) -> None:
        run: Run = token.workflow
        if token.host is None:
            run.note("entered", self.bpmn_id)
        if self.kind is not None:
            run.open(token)
        if self.boundaries and token.host is None:
            run.arm(token, self.boundaries)

    def _run(self, token: Token) -> Any:
        self._predict_hook(token)
        return super()._run(token)

    def _on_complete_hook(self, token: Token) -> None:
        if self.boundaries:
            token.workflow.disarm(token)
        token.workflow.note("left", self.bpmn_id)


class Joining(Station):
    """A station that may wait for several arrivals, and consumes all of them when it goes on."""

    def may_fire(self, token: Token, arrivals: list[Token]) -> bool:
        """Tell whether the tokens that have arrived suffice."""
        raise NotImplementedError  # pragma: no cover - every join has its own

    def _update_hook(self, token: Token) -> bool:
        run: Run = token.workflow
        others = [
            t
            for t in run.tasks.values()
            if t.task_spec is self and t._state == WAITING and t is not token and t.scope is token.scope
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
    """Where every end of a scope leads: goes on when nothing else is alive in it, and ends the scope."""

    def may_fire(self, token: Token, arrivals: list[Token]) -> bool:
        """Wait for everyone."""
        return not token.workflow.is_alive(token.scope, self)

    def _on_ready_hook(self, token: Token) -> None:
        """No element of the drawing."""

    def _on_complete_hook(self, token: Token) -> None:
        run: Run = token.workflow
        run.last_end = token.parent.task_spec.bpmn_id
        if token.scope is None:
            run.ended = run.ended or run.last_end
        run.finish(token.scope)


class Scope(Station):
    """A station whose token stays active while something is alive below it."""

    is_scope = True
    entry: str | None = None  # the station it begins with
    inner_finish: str = ""
    is_beside = False

    def _run(self, token: Token) -> Any:
        return super(Station, self)._run(token)

    def _run_hook(self, token: Token) -> Any:
        token._set_state(ACTIVE)
        if self.begin(token):
            return None
        token._set_state(COMPLETED)  # what follows lies beside it, not in it
        self._predict_hook(token)
        return True

    def begin(self, token: Token) -> bool:
        """Put the first token inside, and arm what may start beside it; tells whether there is anything inside."""
        run: Run = token.workflow
        assert self.entry is not None
        run.arm(token, run.spec.starts_beside(self.name), inside=True)
        run.put(token, self.entry)
        return True

    def leave(self, token: Token) -> None:
        """Everything inside is done: go on."""
        token._set_state(COMPLETED)
        self._predict_hook(token)
        token.complete()


class Side(Scope):
    """A scope that nothing follows: a side flow, or (`is_beside`) an event sub-process. It vanishes when done."""

    def open_at(self, token: Token, event: Station) -> None:
        """Begin with what follows `event`, which has happened."""
        run: Run = token.workflow
        token._set_state(ACTIVE)
        run.note("entered", event.bpmn_id)
        run.note("left", event.bpmn_id)
        run.arm(token, run.spec.starts_beside(self.name), inside=True)
        for name in event._outputs:
            run.put(token, name)

    def leave(self, token: Token) -> None:
        """Take it out, and see whether that was the last thing alive around it."""
        run: Run = token.workflow
        scope = token.scope
        run.note("left", self.bpmn_id)
        run.cut(token)
        run.look_again(scope)


class Condition:
    """The condition of a flow, as the library's gateways ask for it."""

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    def _matches(self, token: Token) -> bool:
        return bool(token.workflow.value(self.expression, token))
