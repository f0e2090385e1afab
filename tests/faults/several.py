"""The verbs of several at one task, to be killed: signing, transfer, delegation, signers, copies, substitutes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from app.platform.runtime import questions, substitutes, tasks, urging
from app.platform.runtime.entities import Task
from app.platform.runtime.tasks import Decision
from tests.faults.flow import Facts, Run, flow, verb
from tests.platform.runtime import asking, signing
from tests.world import World

STARTER, ONE, TWO, THREE = "组织者甲", *signing.SIGNERS
FRIEND, OTHER = signing.FRIENDS[:2]


def council(**review: str) -> Callable[[World], Facts]:
    """A review that the city's three sign, by the rule given."""

    def prepare(world: World) -> Facts:
        instance, task = signing.at_council(world, **review)
        return {"instance": instance, "task": task, **world.people}

    return prepare


def signed(*names: str) -> Callable[[World], Facts]:
    """The same, signed by some already."""

    def prepare(world: World) -> Facts:
        facts = council()(world)
        for name in names:
            signing.sign(world, facts["task"], name)
        return facts | _revision(world, facts)

    return prepare


def with_guest(world: World) -> Facts:
    """The same, with a signer added."""
    facts = council()(world)
    signing.add(world, facts["task"], ONE, add=[FRIEND])
    return facts | _revision(world, facts)


def _revision(world: World, facts: Facts) -> Facts:
    with world.session() as session:
        return {"revision": session.get_one(Task, facts["task"]).revision}


def sign(name: str, outcome: str = "approve") -> Run:
    """One signs."""
    return verb(
        name,
        lambda session, facts, by, now: tasks.complete(
            session, facts["task"], None, Decision(outcome, "见", facts.get("revision", 1), "k"), by, now
        ),
    )


def hand(run: Any, to: str) -> Run:
    """Transfer or delegate one's seat."""
    return verb(
        ONE, lambda session, facts, by, now: run(session, facts["task"], facts[to], 1, by, now, "请办", "k")
    )


def signers(add: Sequence[str], remove: Sequence[str]) -> Run:
    """More signers, or fewer."""
    return verb(
        ONE,
        lambda session, facts, by, now: tasks.signers(
            session,
            facts["task"],
            [facts[name] for name in add],
            [facts[name] for name in remove],
            "after",
            facts.get("revision", 1),
            by,
            now,
            "加签",
            "k",
        ),
    )


def inquiry(world: World) -> Facts:
    """A review whose deadline is reminded of, open."""
    more = {"remind": "P1WD", "escalate": "fairs.organiser@everywhere"}
    instance, task = asking.at_inquiry(world, **more)
    return {"instance": instance, "task": task, **world.people}


def asked_there(world: World) -> Facts:
    """The same, with a friend asked, and two days gone by."""
    facts = inquiry(world)
    question = asking.ask(world, facts["task"], FRIEND)
    world.now += timedelta(days=2)
    return facts | {"question": question, "revision": 2}


def ask(session: Any, facts: Facts, by: Any, now: Any) -> str:
    """Ask him."""
    return questions.ask(session, facts["task"], facts[FRIEND], "为何？", 1, by, now, "k")


ASKING = (
    flow("ask", inquiry, verb(ONE, ask), open=["review"], history={"asked": 1}),
    flow(
        "answer",
        asked_there,
        verb(
            FRIEND,
            lambda session, facts, by, now: questions.answer(
                session, facts["question"], "因为", by, now, "k"
            ),
        ),
        open=["review"],
        history={"answered": 1, "rescheduled": 1},
    ),
    flow(
        "take_back",
        asked_there,
        verb(
            ONE,
            lambda session, facts, by, now: questions.take_back(session, facts["question"], by, now, "k"),
        ),
        open=["review"],
        history={"unasked": 1, "rescheduled": 1},
    ),
    flow("decide_asked", asked_there, sign(ONE), open=[], decided=2, history={"unasked": 1}),
)

SEVERAL = (
    *ASKING,
    flow("sign_first", council(), sign(ONE), open=["review"], decided=1, history={"signed": 1}),
    flow("sign_last", signed(ONE, TWO), sign(THREE), open=[], decided=2, history={"decided": 2}),
    flow("sign_return", council(), sign(ONE, "return"), history={"opened": 3}),
    flow("transfer", council(), hand(tasks.transfer, FRIEND), open=["review"], history={"transferred": 1}),
    flow("delegate", council(), hand(tasks.delegate, FRIEND), open=["review"], history={"delegated": 1}),
    flow("add_signer", council(), signers([FRIEND, OTHER], []), open=["review"]),
    flow("remove_signer", with_guest, signers([], [FRIEND]), open=["review"]),
    flow(
        "copy",
        council(),
        verb(
            ONE,
            lambda session, facts, by, now: tasks.copy(
                session, facts["task"], [facts[FRIEND], facts[OTHER]], 1, by, now, "", "k"
            ),
        ),
        open=["review"],
        history={"copied": 1},
    ),
    flow(
        "urge",
        council(),
        verb(STARTER, lambda session, facts, by, now: urging.urge(session, facts["instance"], by, now, "k")),
        open=["review"],
        history={"urged": 1},
    ),
    flow(
        "appoint",
        council(),
        verb(
            ONE,
            lambda session, facts, by, now: substitutes.appoint(
                session, by.person, facts[FRIEND], now, now + timedelta(days=3), None, by, now
            ),
        ),
        may=(Exception,),
        open=["review"],
    ),
)
