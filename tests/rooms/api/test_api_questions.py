"""Questions over the API: who is shown what was asked, and who takes it back."""

from __future__ import annotations

from tests.platform.runtime.asking import inquiring
from tests.platform.runtime.signing import publish
from tests.platform.runtime.steps import begin, decide


def at_inquiry(world) -> tuple[str, str]:
    publish(world, inquiring())
    instance = begin(world, "tests_inquiring", "组织者甲")
    return instance, decide(world, world.open_task(instance, "prepare"), "send", "组织者甲").next_tasks[0]


def ask(city, world, task: str, to: str, text: str) -> str:
    revision = city.get(f"/tasks/{task}").json["revision"]
    body = {"to": world.people[to], "text": text, "revision": revision}
    answer = city.post(f"/tasks/{task}/ask", body)
    assert answer.status_code == 200, answer.json
    return str(answer.json["question"])


def test_the_history_of_the_starter_leaves_out_what_others_ask_each_other(town, program) -> None:
    world = town.world
    instance, task = at_inquiry(world)
    city, colleague = program("市级"), program("邻市")
    question = ask(city, world, task, "邻市", "可信吗？")
    assert colleague.post(f"/questions/{question}/answer", {"text": "否。"}).status_code == 200
    ask(city, world, task, "组织者甲", "公章为何不清？")

    def said(reader) -> list[str]:
        items = reader.get(f"/instances/{instance}/history").json["items"]
        return [one["comment"] for one in items if one["kind"] in ("asked", "answered")]

    assert said(program("组织者甲")) == ["公章为何不清？"]
    assert said(city) == said(colleague) == ["可信吗？", "否。", "公章为何不清？"]


def test_an_administrator_takes_a_question_back_and_a_bystander_does_not(town, program) -> None:
    world = town.world
    instance, task = at_inquiry(world)
    question = ask(program("市级"), world, task, "邻市", "可信吗？")
    assert program("邻市").post(f"/questions/{question}/take-back", {}).status_code == 403
    assert program("管理员").post(f"/questions/{question}/take-back", {}).status_code == 200
    assert program("邻市").get(f"/instances/{instance}").status_code == 404
