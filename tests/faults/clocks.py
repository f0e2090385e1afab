"""What time and managers do to an instance, to be killed: timers, suspension, resumption, variables, cancelling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.platform.runtime import control, firing, instances
from tests.faults.flow import Facts, Run, flow, verb
from tests.faults.moves import LEASED
from tests.platform.runtime import clocks, steps
from tests.world import World

STARTER, ADMINISTRATOR = "组织者甲", "管理员"
LATE = 3 * clocks.HOUR


def begun(chain: Any, *, due: bool = False) -> Callable[[World], Facts]:
    """An instance of `chain` at its first task; `due`: its timer's time has come."""

    def prepare(world: World) -> Facts:
        clocks.publish(world, chain)
        world.enter(ADMINISTRATOR, "platform.administrator")
        by = world.acting(STARTER)
        with world.session() as session:
            made = instances.start(session, chain.process, by=by, post=None, now=world.now, data={})
        if due:
            world.now += LATE
        return {"instance": made.instance}

    return prepare


def at_desk(world: World) -> Facts:
    """One that has a variable to set."""
    world.enter(ADMINISTRATOR, "platform.administrator")
    return {"instance": steps.begin(world)}


def suspended(world: World) -> Facts:
    """One that stands still."""
    facts = begun(clocks.guarded())(world)
    managing(control.suspend)(world, facts)
    return facts


def swept(world: World, later: Any = None) -> object:
    """A sweep by a worker."""
    at = world.now if later is None else world.now + later
    return firing.fire_due(world.sessions, lambda: at, "sweeper")


def managing(run: Any, *given: Any, key: str = "k") -> Run:
    """A manager's verb at the instance, with a reason."""
    return verb(
        ADMINISTRATOR,
        lambda session, facts, by, now: run(session, facts["instance"], *given, "核查", by, now, key),
    )


CLOCKS = (
    flow(
        "timer_stops",
        begun(clocks.guarded(), due=True),
        lambda world, _: swept(world),
        again=lambda world, _: swept(world, LEASED),
        open=["overdue"],
    ),
    flow(
        "timer_beside",
        begun(clocks.guarded(stops=False), due=True),
        lambda world, _: swept(world),
        again=lambda world, _: swept(world, LEASED),
        open=["first", "overdue"],
    ),
    flow("suspend", begun(clocks.guarded()), managing(control.suspend), history={"suspended": 1}),
    flow("resume", suspended, managing(control.resume, key="r"), history={"resumed": 1}, open=["first"]),
    flow(
        "variables",
        at_desk,
        managing(control.set_variables, {"district": "130403"}),
        open=["prepare"],
    ),
    flow("stop", begun(clocks.guarded()), managing(control.cancel), open=[], history={"cancelled": 1}),
)
