"""The engine's step beside bare SpiffWorkflow, and after a thousand return loops beside one."""

from __future__ import annotations

import io

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from app.platform.engine import Definition, Step, complete
from tests.bench.harness import Row, against, alternate, plain, prepared
from tests.platform.engine.drawing import NOW, Drawing, Walk, never_called

PROCESS = "permits_bench"


def chain() -> Drawing:
    """Four steps, each review with a return: apply → district → city → final."""
    drawing = Drawing(PROCESS, form="permits/apply").start().task("apply", form="permits/apply").end()
    drawing.line("begin", "apply", "district")
    for step, after in (("district", "city"), ("city", "final"), ("final", "done")):
        decided = f"{step}_decided"
        drawing.task(step, outcomes="approve=同意|Approve; return=退回|Return!-")
        drawing.xor(decided, default=f"{step}_passed").flow(step, decided)
        drawing.flow(decided, "apply", 'outcome == "return"').flow(decided, after, id=f"{step}_passed")
    return drawing


def advanced(definition: Definition, loops: int) -> Step:
    """An instance at the district's review, returned `loops` times."""
    walk = Walk(definition, project="robots", district="130402").do("apply")
    for _ in range(loops):
        walk.do("district", "return").do("apply")
    return walk.step


def bare() -> BpmnWorkflow:
    """The same chain in the library as it comes, at the same place."""
    flow = BpmnWorkflow(_bare_spec(), {})
    flow.data.update(project="robots", district="130402")
    flow.do_engine_steps()
    _bare_step(flow)
    return flow


def _bare_spec(kept: list[object] = []) -> object:  # noqa: B006 - parsed once
    if not kept:
        parser = BpmnParser()
        parser.add_bpmn_io(io.BytesIO(chain().text().encode()))
        kept.append(parser.get_spec(PROCESS))
    return kept[0]


def _bare_step(flow: BpmnWorkflow) -> None:
    (task,) = flow.get_tasks(state=TaskState.READY, manual=True)
    task.data["outcome"] = "approve"
    task.run()
    flow.do_engine_steps()


def step_row() -> Row:
    """Restore, complete and pack a review, against `run` and `do_engine_steps` in memory."""
    definition = chain().load()
    state, token = (before := advanced(definition, 0)).state, before.opened[0]

    def subject() -> Step:
        return complete(definition, state, token.element, token.visit, "approve", {}, never_called, NOW)

    return against("engine.step", alternate(subject, prepared(bare, _bare_step), 1_000), 2.0)


def loops_row() -> Row:
    """The same step after a thousand returns, against after one."""
    definition = chain().load()

    def after(loops: int) -> object:
        state, token = (before := advanced(definition, loops)).state, before.opened[0]
        return lambda: complete(
            definition, state, token.element, token.visit, "approve", {}, never_called, NOW
        )

    return against("engine.loops", alternate(after(1_000), after(1), 2_000), 1.1)


def bytes_row() -> Row:
    """The size of the state at the review."""
    return plain("engine.state_bytes", len(advanced(chain().load(), 1).state), "bytes", 2_000)


ROWS = {"engine.step": step_row, "engine.loops": loops_row, "engine.state_bytes": bytes_row}
