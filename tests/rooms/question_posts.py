"""The posts of asking and answering, each that succeeds, with everything it may change."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from app.platform.runtime import questions
from tests.pages import House
from tests.platform.runtime.asking import inquiring
from tests.platform.runtime.signing import publish
from tests.platform.runtime.steps import begin, decide
from tests.rooms.forgery import STORY

ASKED = STORY | {"runtime_receipt", "runtime_task.revision", "runtime_task.paused_at"}
CLOSED = frozenset({"runtime_question.closed_at", "runtime_question.closed_by_id"})


def asking(verb: str) -> Callable[[House], Any]:
    """A review that may ask the applicant; with an answer or a take-back, one that has."""

    def ready(house: House) -> Any:
        world, name = house.world, house.settle()
        publish(world, inquiring())
        instance = begin(world, "tests_inquiring", name)
        task = decide(world, world.open_task(instance, "prepare"), "send", name).next_tasks[0]
        city, url = house.visit("市级"), f"/inbox/tasks/{task}"
        city.get(f"{url}/ask")
        revision, key = (
            re.findall(rf'name="{each}" value="(\w+)"', city.page)[0] for each in ("revision", "key")
        )
        sent = {"revision": revision, "key": key, "to": "starter", "who": "", "text": "为何？"}
        if verb == "ask":
            return city, f"{url}/ask", sent
        city.post(f"{url}/ask", sent)
        with world.session() as session:
            (one,) = questions.of(session, instance)
        browser = house.visit(name) if verb == "answer" else city
        browser.get(f"/inbox/instances/{instance}")
        answer = {"text": "因为。", "key": f"{key}-1"} if verb == "answer" else {}
        return browser, f"/inbox/questions/{one.id}/{verb}", answer

    return ready


POSTS: dict[str, Any] = {
    "ask": (
        "/inbox/tasks/<task>/ask",
        asking("ask"),
        ASKED | {"runtime_question", "notices_notice"},
    ),
    "answer": (
        "/inbox/questions/<question>/answer",
        asking("answer"),
        ASKED | CLOSED | {"runtime_question.answer", "notices_notice"},
    ),
    "take back": ("/inbox/questions/<question>/take-back", asking("take-back"), ASKED | CLOSED),
}
