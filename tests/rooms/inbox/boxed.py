"""A small world full of cases in every state, drawn by lot: what the boxes are compared with is told beside it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import select, update

from app.platform.data import transaction
from app.platform.identity import accounts, roles
from app.platform.identity.entities import Account
from app.platform.registry import Acting
from app.platform.runtime import control, drafts, instances, substitutes, tasks, versions
from app.platform.runtime.entities import Copy, Task
from app.platform.runtime.tasks import Decision
from tests.empty_world import MONDAY
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.chains import files
from tests.rooms.conftest import PASSWORD
from tests.world import APPLICATION, World

OUTCOMES = "approve=同意|Approve; return=退回|Return!-"
GIVEN = {"outcomes": OUTCOMES, "allow": "copy signers transfer"}
DISTRICTS = ("130402", "130403", "130404")
TITLES = ("青少年机器人集市", "科学表演活动", "航模体验日", "编程马拉松", "校园气象站开放日")
REVIEWERS = ("市级", "市级二")
CHIEF, DEPUTY, ADMINISTRATOR = "处长", "科长", "管理员"
USERNAMES = {CHIEF: "chief1", DEPUTY: "deputy1", ADMINISTRATOR: "admin1"}
READERS = (*REVIEWERS, DEPUTY, "组织者甲", "组织者乙", "教师")


def drawings() -> tuple[Drawing, Drawing]:
    """A review at the district by one of the city, and one at the city that several sign."""
    one = (
        Drawing("tests_fair", "集市审批", form="fairs/application", number="JS{year}{serial:04}")
        .lane("desk", "review", "second", role="fairs.city_admin", at="variable:district(district)")
        .start()
        .task("prepare", outcomes="send=送审|Send")
        .node("userTask", "review", attributes='name="市级初审"', name_en="First review", due="P3WD", **GIVEN)
        .xor("decided", default="good")
        .node("userTask", "second", attributes='name="复核"', name_en="Second review", **GIVEN)
        .end()
        .line("begin", "prepare", "review", "decided")
        .flow("decided", "prepare", 'outcome == "return"', id="back")
        .flow("decided", "second", id="good")
        .line("second", "done")
    )
    signed = {"name_en": "Sign", "seats": "all", "due": "P1WD", **GIVEN}
    several = (
        Drawing("tests_council", "集市会签", form="fairs/application", number="HQ{year}{serial:04}")
        .lane("city", "sign", role="fairs.city_admin", at="variable:district(city)")
        .start()
        .node("userTask", "sign", attributes='name="会签"', **signed)
        .end()
        .line("begin", "sign", "done")
    )
    return one, several


@dataclass
class Boxed:
    """The world, and the dice."""

    world: World
    dice: random.Random
    instances: list[str] = field(default_factory=list)

    def acting(self, name: str) -> Acting:
        """Somebody, with those he stands in for."""
        with self.world.session() as session:
            return substitutes.with_principals(session, self.world.acting(name), self.world.now)

    def open_tasks(self, instance: str) -> list[Any]:
        with self.world.session() as session:
            asked = select(Task.__table__).where(Task.instance_id == instance, Task.state == "open")
            return list(session.execute(asked))

    def decide(self, task: Any, outcome: str, name: str) -> None:
        with self.world.session() as session:
            row = session.get_one(Task, task.id)
            decision = Decision(outcome, "请核对公章", row.revision)
            tasks.complete(session, task.id, None, decision, self.acting(name), self.world.now)

    def begin(self, process: str) -> str:
        name = self.dice.choice(("组织者甲", "组织者甲", "组织者乙"))
        title = f"{self.dice.choice(TITLES)}（第{len(self.instances) + 1}场）"
        with self.world.session() as session:
            made = instances.start(
                session, process, by=self.world.acting(name), post=None, now=self.world.now, title=title,
                data={"district": self.dice.choice(DISTRICTS)},
            ).instance  # fmt: skip
        self.instances.append(made)
        for task in self.open_tasks(made):
            if task.element == "prepare" and self.dice.random() < 0.9:
                self.decide(task, "send", name)
        return made

    def happen(self, instance: str) -> None:
        """Something becomes of a case, or nothing."""
        waiting = [task for task in self.open_tasks(instance) if task.element != "prepare"]
        if not waiting:
            return
        task, who = waiting[0], self.dice.choice(REVIEWERS)
        what = self.dice.choice(
            ("none", "claim", "claim", "draft", "copy", "suspend", "decide", "decide", "return")
        )
        with self.world.session() as session:
            now, revision = self.world.now, task.revision
            if what == "claim" and task.seats == "one":
                tasks.claim(session, task.id, revision, self.acting(who), now)
            elif what == "draft":
                drafts.keep(session, task.id, {"comment": "拟同意"}, self.acting(who), now)
            elif what == "copy":
                to = [self.world.people[name] for name in (*REVIEWERS, "教师") if name != who]
                tasks.copy(session, task.id, to, revision, self.acting(who), now)
            elif what == "suspend":
                control.suspend(session, instance, "核实情况", self.acting(ADMINISTRATOR), now)
        if what == "decide":
            self.decide(task, "approve", who)
        elif what == "return" and task.element == "review":
            self.decide(task, "return", who)


def fill(world: World, seed: int, count: int) -> Boxed:
    """Let `count` cases begin and something become of most, over a week; the deputy stands in for the chief."""
    roles.plug()
    world.enter(CHIEF, "fairs.city_admin", "130400")
    world.enter(DEPUTY)
    world.enter(ADMINISTRATOR, "platform.administrator")
    with world.session() as session:
        known = set(session.scalars(select(Account.person_id)))
        for number, (name, person) in enumerate(world.people.items()):
            if person not in known:
                username = USERNAMES.get(name, f"person{number}")
                accounts.create(session, username, name, None, world.now, PASSWORD, person=person, demo=True)
        form = {"forms/fairs/application.json": APPLICATION}
        versions.publish(session, files(*drawings()) | form, None, world.now)
    boxed = Boxed(world, random.Random(seed))
    end = MONDAY + timedelta(days=9)
    with world.session() as session:
        principal, deputy = world.people[CHIEF], world.people[DEPUTY]
        substitutes.appoint(
            session,
            principal,
            deputy,
            world.now,
            end + timedelta(days=90),
            None,
            world.acting(CHIEF),
            world.now,
        )
    for number in range(count):
        world.now = MONDAY + timedelta(hours=9 * 24 * number / count)
        boxed.happen(boxed.begin("tests_council" if boxed.dice.random() < 0.25 else "tests_fair"))
    world.now = end
    with world.session() as session, transaction(session):
        mine = select(Copy.id, Copy.person_id).order_by(Copy.person_id, Copy.id)
        copies = groupby(session.execute(mine).all(), key=lambda row: row.person_id)
        half = [row.id for _, of_one in copies for row in list(of_one)[1::2]]  # the first stays unread
        session.execute(update(Copy).where(Copy.id.in_(half)).values(read_at=world.now))
    return boxed
