"""Returns that name items over the API: what may be named, what is open then, and that nothing else is (C4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages import House

REASON = "与公章不一致"


@pytest.fixture
def at_city(town: House, program: Any) -> Any:
    """A fresh application at the city's desk: its applicant's program, the instance, the task."""

    def make() -> tuple[Any, str, str]:
        name = town.settle()
        instance = town.world.to_review(name)
        return program(name), instance, town.world.open_task(instance, "city_review")

    return make


def reject(city: Any, task: str, *items: dict[str, str], outcome: str = "reject") -> Any:
    body = {"outcome": outcome, "comment": "请改", "revision": 1, "items": list(items)}
    return city.post(f"/tasks/{task}/complete", body)


def rights(told: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["right"] for one in told["form"]["fields"]}


def test_a_task_that_was_sent_back_says_what_to_correct_and_opens_only_that(program, at_city):
    own, _, task = at_city()
    city = program("市级")
    (correct,) = reject(city, task, {"field": "employer", "reason": REASON}).json["next_tasks"]
    told = own.get(f"/tasks/{correct}").json
    assert told["to_correct"] == [{"field": "employer", "label": "工作单位", "reason": REASON}]
    assert told["returned"]["items"] == [{"field": "employer", "reason": REASON}]
    assert {name for name, right in rights(told).items() if right != "read"} == {"employer", "scan"}


def test_an_accepted_field_cannot_be_altered_through_the_api(program, at_city, town):
    """C4: the test of the idea; neither when deciding nor in a draft that is decided later."""
    own, instance, task = at_city()
    (correct,) = reject(program("市级"), task, {"field": "employer", "reason": REASON}).json["next_tasks"]
    before = own.get(f"/tasks/{correct}").json["data"]
    body = {"outcome": "reprint", "revision": 1, "data": {"employer": "新单位", "department": "别处"}}
    refused = own.post(f"/tasks/{correct}/complete", body)
    assert refused.status_code == 422
    assert [(one["field"], one["code"]) for one in refused.json["problems"]] == [("department", "not_yours")]
    assert "不在本次退回要求修改的范围内" in refused.json["problems"][0]["message"]
    assert own.get(f"/tasks/{correct}").json["data"] == before
    kept = own.post(f"/tasks/{correct}/draft", {"revision": 1, "data": {"department": "别处"}})
    assert kept.status_code == 200
    done = own.post(f"/tasks/{correct}/complete", {**body, "data": {"employer": "新单位"}})
    assert done.status_code == 200
    town.world.work()
    again = own.get(f"/tasks/{town.world.open_task(instance, 'correct')}").json["data"]
    assert (again["employer"], again["department"]) == ("新单位", before["department"])


def test_a_file_is_named_by_its_id(program, at_city):
    own, _, task = at_city()
    city = program("市级")
    (file,) = city.get(f"/tasks/{task}").json["data"]["scan"]
    (correct,) = reject(city, task, {"file": file, "reason": "模糊"}).json["next_tasks"]
    told = own.get(f"/tasks/{correct}").json
    assert told["to_correct"] == [{"field": "scan", "label": "扫描件", "reason": "模糊"}]
    assert told["returned"]["items"] == [{"file": file, "reason": "模糊"}]


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"field": "nothing", "reason": "x"}, "unknown"),
        ({"file": "0" * 26, "reason": "x"}, "unknown"),
        ({"field": "employer", "reason": "  "}, "no_reason"),
    ],
)
def test_what_is_not_shown_cannot_be_named(program, at_city, item, code):
    _, _, task = at_city()
    answer = reject(program("市级"), task, item)
    assert (answer.status_code, answer.json["type"]) == (422, "bad-items")
    named = item.get("field") or item.get("file")
    assert [(one["field"], one["code"]) for one in answer.json["problems"]] == [(named, code)]


def test_items_with_an_outcome_that_sends_nothing_back_are_refused(program, at_city):
    _, _, task = at_city()
    answer = reject(program("市级"), task, {"field": "employer", "reason": "x"}, outcome="approve")
    assert (answer.status_code, answer.json["type"]) == (422, "bad-items")
    assert "不会退回" in answer.json["detail"]
