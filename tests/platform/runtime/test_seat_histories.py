"""Random lives of seated tasks: whatever people do to each other's seats, nothing gets stuck and nothing is lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.platform import documents
from app.platform.runtime import errors, moving, tasks
from app.platform.runtime.entities import Task
from tests.platform.runtime.conftest import settled
from tests.platform.runtime.signing import (
    FRIENDS,
    SIGNERS,
    add,
    council,
    findings,
    hand,
    inbox,
    people,
    publish,
    seats,
    sign,
)
from tests.platform.runtime.steps import STARTER, begin, decide, instance_row
from tests.world import World

RULES = ("one", "any", "all", "sequence", "share:0.5", "share:0.7")
REFUSALS = (errors.BadPerson, errors.Forbidden, errors.TaskTaken, errors.Unknown, errors.CannotMove)
EVERYBODY = (*SIGNERS, *FRIENDS, "管理员", STARTER)
TOGETHER = 20  # lives in one world: the doctor examines the whole house, and it should stay small
HISTORIES = [15, pytest.param(1_000, marks=pytest.mark.long)]


class Life:
    """One instance, and a stream of random verbs on its review."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)
        rule = self.random.choice(RULES)
        allow = "transfer delegate signers copy return"
        publish(world, council(seats=rule, allow=allow, avoid=self.random.choice(("", "starter"))))
        self.instance = begin(world, "tests_council")
        self.said: list[str] = [rule]

    def go(self) -> None:
        """Act until the instance ends; after each verb it is sound, and somebody can go on."""
        for number in range(60):
            if instance_row(self.world, self.instance).state != "running":
                return
            if self.world.open_elements(self.instance) == ["prepare"]:
                decide(self.world, self.world.open_task(self.instance, "prepare"), "send")
                continue
            task = self.world.open_task(self.instance, "review")
            before = dict(seats(self.world, task))
            act = self.verb(task) if number < 40 else self.finish(task)
            try:
                act()
            except REFUSALS as refusal:
                self.said.append(f"  refused: {type(refusal).__name__} {getattr(refusal, 'code', '')}")
                assert dict(seats(self.world, task)) == before
            self.look(task)
        assert instance_row(self.world, self.instance).state == "ended", "\n".join(self.said)

    def look(self, task: str) -> None:
        assert findings(self.world) == [], "\n".join(self.said)
        with self.world.session() as session:
            is_open = session.get_one(Task, task).state == "open"
        waiting = [name for name in EVERYBODY if task in inbox(self.world, name)]
        assert bool(waiting) == is_open, "\n".join(self.said)

    def verb(self, task: str) -> Callable[[], Any]:
        pick = self.random.choice
        name = pick([who for who in EVERYBODY if task in inbox(self.world, who)] + [pick(EVERYBODY)])
        to, why = self.random.sample(EVERYBODY, self.random.randint(1, 2)), "有原因"
        verb = pick(("sign", "sign", "sign", "add", "add", "remove", "transfer", "delegate", "return"))
        outcome = pick(("approve", "approve", "approve", "return", "reject"))
        position = pick(("before", "after", "parallel"))
        self.said.append(
            f"{name} {verb} {outcome if verb == 'sign' else to} {position} {seats(self.world, task)}"
        )
        if verb == "return":
            return lambda: self.send_back(task, name)
        return {
            "sign": lambda: sign(self.world, task, name, outcome),
            "add": lambda: add(self.world, task, name, to, position=position, comment=why),
            "remove": lambda: add(self.world, task, name, remove=to, comment=why),
            "transfer": lambda: hand(self.world, "transfer", task, name, to[0], why),
            "delegate": lambda: hand(self.world, "delegate", task, name, to[0], why),
        }[verb]

    def send_back(self, task: str, name: str) -> tasks.Completed:
        with self.world.session() as session:
            revision = session.get_one(Task, task).revision
            by = self.world.acting(name)
            return moving.send_back(session, task, "prepare", revision, by, self.world.now, "补")

    def finish(self, task: str) -> Callable[[], Any]:
        name = next(who for who in EVERYBODY if task in inbox(self.world, who))
        self.said.append(f"{name} approves {seats(self.world, task)}")
        return lambda: sign(self.world, task, name)


@pytest.mark.parametrize("histories", HISTORIES)
def test_no_random_life_of_seats_gets_stuck(
    tmp_path: Path, shared_press: documents.Press, histories: int
) -> None:
    for first in range(0, histories, TOGETHER):
        folder = tmp_path / str(first)
        folder.mkdir()
        with settled(folder, shared_press) as world:
            people(world)
            for seed in range(first, min(first + TOGETHER, histories)):
                Life(world, seed).go()
