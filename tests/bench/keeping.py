"""How long the doctor and the auditor take: their cost per instance must stay the same in a large house."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy.orm import Session

from app.platform.data import one_moment
from app.platform.runtime import doctor, heads
from tests import world as worlds
from tests.bench.harness import Row
from tests.bench.runtime import desk, house

SMALL, LARGE = 200, 2_000


def _filled(world: worlds.World, count: int) -> None:
    for _ in range(count):
        at = desk(world)
        at.send()
        at.session.close()


def _cost(world: worlds.World, count: int, run: Callable[[Session], object]) -> float:
    begun = time.perf_counter()
    with Session(world.engine) as session, one_moment(session):
        run(session)
    return (time.perf_counter() - begun) / count


def _growing(name: str, run: Callable[[worlds.World, Session], object]) -> Callable[[], Row]:
    def row() -> Row:
        houses = [(house()[0], count) for count in (SMALL, LARGE)]
        costs: dict[int, list[float]] = {SMALL: [], LARGE: []}
        for world, count in houses:
            _filled(world, count)
        for _ in range(5):  # in turn, so that what slows the machine slows both
            for world, count in houses:
                costs[count].append(_cost(world, count, lambda session, world=world: run(world, session)))
        small, large = min(costs[SMALL]), min(costs[LARGE])
        ratio = large / small
        return Row(
            name=name,
            value=large * 1e3,
            unit="ms/instance",
            floor=small * 1e3,
            ratio=ratio,
            limit=1.3,
            spread=None,
            holds=ratio <= 1.3,
        )

    return row


def _examine(world: worlds.World, session: Session) -> None:
    assert doctor.examine(session, world.now) == []


def _verify(_world: worlds.World, session: Session) -> None:
    assert not list(heads.verify(session, heads.Kept()))


ROWS = {
    "runtime.doctor": _growing("runtime.doctor", _examine),
    "runtime.audit": _growing("runtime.audit", _verify),
}
