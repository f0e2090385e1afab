"""One instance in motion, on SpiffWorkflow's tree: driving, pruning, and the fuses that stop what does not end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from app.platform.engine.errors import Faulty, Fuse
from app.platform.engine.machine import LIVE, READY, WAITING, Token
from app.platform.expressions import EvaluationFailed, Expression
from app.platform.registry import Words

if TYPE_CHECKING:
    from app.platform.engine.definition import Definition

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
