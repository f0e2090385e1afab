"""The verbs around a task and an instance, each once through the API: handing on, sending back, repairing."""

from __future__ import annotations

import pytest

from tests.platform.runtime import chains

REASON = {"reason": "核对"}


def test_a_manager_suspends_resumes_and_cancels(program, desk):
    instance, task = desk()
    manager, city = program("管理员"), program("市级")
    held = manager.post(f"/instances/{instance}/suspend", REASON, key="v-1")
    assert held.json == {"instance": instance, "state": "suspended"}
    assert manager.post(f"/instances/{instance}/suspend", REASON, key="v-1").status_code == 200
    assert city.post(f"/tasks/{task}/complete", {"outcome": "approve", "revision": 1}).status_code == 409
    assert manager.post(f"/instances/{instance}/resume", REASON).json["state"] == "running"
    assert city.post(f"/instances/{instance}/cancel", REASON).status_code == 403
    assert program("邻市").post(f"/instances/{instance}/cancel", REASON).status_code == 404
    assert manager.post(f"/instances/{instance}/cancel", REASON).json["state"] == "cancelled"
    assert manager.post(f"/instances/{instance}/cancel", REASON).status_code == 409


def test_the_starter_takes_back_what_nobody_has_touched(program, desk):
    instance, _ = desk()
    assert program("组织者甲").post(f"/instances/{instance}/withdraw", {}).status_code in (200, 403, 409)


def test_a_token_is_moved_by_who_looks_after_it_alone(program, desk):
    instance, _ = desk()
    move = {"from": "review", "to": "prepare", **REASON}
    assert program("市级").post(f"/instances/{instance}/move", move).status_code == 403
    assert (
        program("管理员").post(f"/instances/{instance}/move", {**move, "from": "nowhere"}).status_code == 409
    )
    assert program("管理员").post(f"/instances/{instance}/move", move).status_code == 200
    told = program("管理员").get(f"/instances/{instance}").json
    assert [task["element"] for task in told["tasks"]] == ["prepare"]


def test_migration_tells_first_and_then_carries_over(program, town, desk):
    instance, _ = desk()
    manager = program("管理员")
    dry = manager.post(f"/instances/{instance}/migrate", {"version": 1, "dry_run": True})
    assert (dry.status_code, dry.json["obstacles"]) == (200, [])
    assert manager.post(f"/instances/{instance}/migrate", {"version": 99}).status_code == 404
    many = manager.post("/migrations", {"process": "tests_desk", "version": 1}, key="m-1")
    assert (many.status_code, many.json["instances"]) == (202, 0)
    assert program("市级").post("/migrations", {"process": "tests_desk", "version": 1}).status_code == 403


def test_a_message_for_nobody_is_delivered_to_nobody(program):
    answer = program("管理员").post("/messages", {"name": "nobody.waits", "correlation": 7, "data": {}})
    assert answer.json == {"delivered": 0}


@pytest.mark.parametrize("verb", ["transfer", "delegate"])
def test_a_step_that_does_not_allow_it_is_not_handed_on(program, town, desk, verb):
    _, task = desk()
    to = town.world.people["市级二"]
    answer = program("市级").post(f"/tasks/{task}/{verb}", {"to": to, "revision": 1, "comment": "请办理"})
    assert answer.status_code == 403
    stale = program("市级").post(f"/tasks/{task}/{verb}", {"to": to, "revision": 9, "comment": "请办理"})
    assert stale.status_code in (403, 409)


def test_many_at_once_answer_for_each(program, desk):
    wanted = [desk()[1] for _ in range(2)]
    answer = program("市级").post(
        "/tasks/bulk", {"ids": [*wanted, "0" * 26], "verb": "complete", "outcome": "approve"}
    )
    assert (answer.json["done"], answer.json["refused"]) == (0, 3)
    assert [one["status"] for one in answer.json["items"]] == [403, 403, 404]
    claimed = program("市级").post("/tasks/bulk", {"ids": wanted, "verb": "claim"})
    assert claimed.json["done"] == 2
    assert chains.HANSHAN
