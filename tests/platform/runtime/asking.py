"""A chain whose review may ask, and the verbs of questions as tests say them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.platform.registry import Acting
from app.platform.runtime import questions
from app.platform.runtime.entities import Question, Task
from app.platform.runtime.questions import QuestionView
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime import signing
from tests.platform.runtime.chains import CITY as CITY_LANE
from tests.platform.runtime.chains import OUTCOMES
from tests.platform.runtime.steps import CITY, STARTER, begin, decide
from tests.world import World

ASKS = "transfer return withdraw ask"


def inquiring(**review: str) -> Drawing:
    """Prepare, then a review that may ask; while it waits for an answer its three working days stand still."""
    given = {"assignee": "", "outcomes": OUTCOMES, "allow": ASKS, "due": "P3WD", "pause": "asking"} | review
    return (
        Drawing("tests_inquiring", form="fairs/application")
        .lane("city", "review", **CITY_LANE)
        .start()
        .task("prepare", outcomes="send=送审|Send", allow="withdraw")
        .task("review", **{name: value for name, value in given.items() if value or name == "assignee"})
        .xor("decided", default="good")
        .end()
        .line("begin", "prepare", "review", "decided")
        .flow("decided", "prepare", 'outcome == "return"', id="back")
        .flow("decided", "done", id="good")
    )


def at_inquiry(world: World, **review: str) -> tuple[str, str]:
    """Such a review, open, and everybody able to sign in: the instance and the task."""
    if "科长" not in world.people:
        signing.people(world)
    signing.publish(world, inquiring(**review))
    return one_more(world)


def one_more(world: World) -> tuple[str, str]:
    """Another instance of it."""
    instance = begin(world, "tests_inquiring")
    return instance, decide(world, world.open_task(instance, "prepare"), "send").next_tasks[0]


def ask(
    world: World, task: str, to: str = STARTER, text: str = "公章为何不清？", name: str = CITY, **more: Any
) -> str:
    """Ask as a page would, with the revision read."""
    by: Acting = more.pop("by", None) or world.acting(name)
    with world.session() as session:
        revision = more.pop("revision", None) or session.get_one(Task, task).revision
        return questions.ask(session, task, world.people[to], text, revision, by, world.now, **more)


def answer(
    world: World,
    question: str,
    name: str = STARTER,
    text: str = "已重新盖章。",
    at: datetime | None = None,
    **more: Any,
) -> None:
    with world.session() as session:
        questions.answer(session, question, text, world.acting(name), at or world.now, **more)


def take_back(world: World, question: str, name: str = CITY, **more: Any) -> None:
    with world.session() as session:
        questions.take_back(session, question, world.acting(name), world.now, **more)


def asked(world: World, instance: str) -> tuple[QuestionView, ...]:
    with world.session() as session:
        return questions.of(session, instance)


def waiting(world: World, name: str) -> int:
    """How many questions wait for somebody."""
    with world.session() as session:
        return questions.count(session, world.acting(name))


def row(world: World, question: str) -> Question:
    with world.session() as session:
        return session.scalars(select(Question).where(Question.id == question)).one()
