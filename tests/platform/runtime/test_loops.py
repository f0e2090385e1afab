"""The thousandth return loop costs what the first did, and leaves as much behind (engine.md)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from app.platform.data import new_id
from app.platform.engine import tokens
from app.platform.registry import Acting
from app.platform.runtime import history, tasks, versions
from app.platform.runtime.entities import History, Instance
from app.platform.runtime.tasks import Decision
from tests.platform.runtime.steps import CITY, STARTER, at_review
from tests.world import World

COUNTS = [1_000]
BESIDE = 60


class Going:
    """An instance that goes round and round: `again` is one return and one submission."""

    def __init__(self, world: World, instance: str, review: str, around: Callable[[str], str]) -> None:
        self.world, self.instance, self.review, self.around = world, instance, review, around

    def again(self) -> int:
        """Go round once; the CPU time it took (ns)."""
        begun = time.process_time_ns()
        self.review = self.around(self.review)
        return time.process_time_ns() - begun

    def size(self) -> tuple[int, int]:
        """Bytes and live tokens of the stored state."""
        with self.world.session() as session:
            row = session.get_one(Instance, self.instance)
            definition = versions.program(session, row.version_id).definition
            return len(row.tokens), len(tokens(definition, row.tokens))


def go(what: str, old: Going, young: Going, count: int) -> None:
    """Age the one, then let both go round in turns: what slows the machine slows both."""
    sizes = set()
    for _ in range(count):
        old.again()
        sizes.add(old.size())
    assert len(sizes) == 1
    assert next(iter(sizes))[1] == 1
    pairs = [(old.again(), young.again()) for _ in range(BESIDE)]
    aged, fresh = (statistics.median(each) / 1e6 for each in zip(*pairs, strict=True))
    print(
        f"\n{what} after {count} loops: {old.size()[0]} bytes, {aged:.2f} ms beside {fresh:.2f} ms of a young one"
    )
    assert aged <= 1.3 * fresh


@pytest.mark.parametrize("count", COUNTS)
def test_return_loops_of_a_small_chain(ground: World, count: int) -> None:
    city, starter = ground.acting(CITY), ground.acting(STARTER)

    def around(review: str) -> str:
        with ground.session() as session:
            back = Decision("return", "补", 1, new_id())
            (prepare,) = tasks.complete(session, review, None, back, city, ground.now).next_tasks
            again = Decision("send", "", 1, new_id())
            return tasks.complete(session, prepare, None, again, starter, ground.now).next_tasks[0]

    old, young = (Going(ground, *at_review(ground), around) for _ in range(2))
    go("small", old, young, count)
    with ground.session() as session:
        assert history.first_bad_row(session, old.instance) is None
        length = select(func.count()).where(History.instance_id == old.instance)
        assert session.scalar(length) == 4 + 4 * (count + BESIDE)


def permission(world: World, name: str, district: str) -> Going:
    """An application at the city's desk, gone round once so that what is filled in can be repeated."""
    instance = world.to_review(name, district)
    city, starter = world.acting(CITY), world.acting(name)
    scans = world.scan(name, instance)

    def entry(task: str, by: Acting, outcome: str, sent: Mapping[str, list[str]]) -> Any:
        with world.session() as session:
            return world.read(session, tasks.get(session, task, by, world.now), sent, by, outcome)

    first = world.open_task(instance, "city_review")
    seen = entry(first, city, "reject", {})
    (correct,) = world.complete(first, "reject", CITY, comment="补").next_tasks
    mended = entry(correct, starter, "submit", scans)
    (review,) = world.complete(correct, "submit", name, scans).next_tasks

    def around(review: str) -> str:
        with world.session() as session:
            back = Decision("reject", "补", 1, new_id())
            (correct,) = tasks.complete(session, review, seen, back, city, world.now).next_tasks
            again = Decision("submit", "", 1, new_id())
            return tasks.complete(session, correct, mended, again, starter, world.now).next_tasks[0]

    return Going(world, instance, review, around)


@pytest.mark.parametrize("count", COUNTS)
def test_return_loops_through_the_review_of_the_permission_chain(world: World, count: int) -> None:
    """PR-P1: rejected, corrected with a new scan, submitted, over and over, and passed at last."""
    old, young = permission(world, STARTER, "130402"), permission(world, "组织者乙", "130403")
    go("PR-P1", old, young, count)
    with world.session() as session:
        assert history.first_bad_row(session, old.instance) is None
    world.complete(old.review, "approve", CITY)
    with world.session() as session:
        assert session.get_one(Instance, old.instance).stage_zh == "已通过"
