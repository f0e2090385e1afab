"""Many instances for one verb, and those who do it; what became of each as tests read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from app.platform.monitoring import bulk, bulk_choosing, bulk_results, bulk_running
from app.platform.monitoring.bulk import Confirmed, Question
from app.platform.monitoring.bulk_choosing import Picked, Sorted
from app.platform.monitoring.bulk_entities import BulkRow
from app.platform.monitoring.bulk_results import Standing
from app.platform.monitoring.bulk_verbs import Wish
from app.platform.runtime.entities import Instance
from tests.platform.design import mixed
from tests.world import World

ADMIN, SECOND = mixed.MANAGER, "管理员二"
WHY = "系统升级，统一处理"
JOB = bulk_running.run  # importing it registers the errand


def settle(world: World) -> None:
    """Two who look after everything."""
    mixed.manager(world, ADMIN)
    mixed.manager(world, SECOND)


def sorted_for(world: World, picked: Picked, wish: Wish, who: str = ADMIN) -> Sorted:
    """What the page says before anything is done."""
    with world.session() as session:
        by = world.acting(who)
        chosen = bulk_choosing.look(session, picked, by, world.now, with_tokens=wish.verb == "move")
        return bulk_choosing.sort(chosen, wish, by, world.now)


def begin(world: World, instances: Sequence[str], verb: Any, who: str = ADMIN, **more: Any) -> str:
    """Begin a run for these instances, confirmed as they are now."""
    picked = more.pop("picked", None) or Picked(tuple(instances))
    key = more.pop("key", None)
    wish = Wish(verb, **({"reason": WHY} | more))
    found = sorted_for(world, picked, wish, who)
    confirmed = Confirmed(len(found.fit), found.mark)
    with world.session() as session:
        question = Question("instances", {"state": "running"})
        return bulk.begin(session, picked, wish, question, confirmed, world.acting(who), world.now, key=key)


def steer(world: World, run: Any, identifier: str, who: str = ADMIN, at: Any = None) -> Any:
    """Pause, stop, go on, undo."""
    with world.session() as session:
        return run(session, identifier, world.acting(who), at or world.now)


def look(world: World, identifier: str, who: str = ADMIN, at: Any = None) -> Standing:
    with world.session() as session:
        return bulk_results.get(session, identifier, world.acting(who), at or world.now)


def counts(world: World, identifier: str) -> dict[str, int]:
    return dict(look(world, identifier).results)


def why(world: World, identifier: str, instance: str) -> str:
    """What is said of one instance, in Chinese."""
    with world.session() as session:
        asked = select(BulkRow.why).where(BulkRow.bulk_id == identifier, BulkRow.instance_id == instance)
        return str((session.scalars(asked).one() or [""])[0])


def states(world: World, instances: Sequence[str]) -> dict[str, int]:
    """How many of these are in which state."""
    with world.session() as session:
        asked = (
            select(Instance.state, func.count()).where(Instance.id.in_(instances)).group_by(Instance.state)
        )
        return {row[0]: row[1] for row in session.execute(asked)}
