"""Deciding over the API: what the contract promises of tasks, answer by answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.platform.data import transaction
from app.platform.identity import people
from app.platform.identity.entities import Person
from app.platform.runtime import drafts, tasks
from app.platform.runtime.entities import Instance, Task
from tests.rooms.api.conftest import data
from tests.world import profile


def test_a_program_without_a_token_is_told_so(program):
    answer = program(None).get("/tasks")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_task_tells_all_that_is_needed_to_decide_it(program, desk):
    _, task = desk()
    told = program("市级").get(f"/tasks/{task}").json
    assert [one["key"] for one in told["outcomes"]] == ["approve", "return"]
    assert told["can_work"]
    assert told["why"]
    assert told["next"] == [{"element": "prepare", "name": "任务prepare"}]


def test_deciding_answers_the_next_tasks(program, desk):
    instance, task = desk()
    city = program("市级")
    done = city.post(f"/tasks/{task}/complete", {"outcome": "return", "comment": "补章", "revision": 1})
    assert done.json["instance"] == instance
    assert len(done.json["next_tasks"]) == 1
    happened = city.get(f"/instances/{instance}/history").json["items"]
    assert [(one["outcome"], one["comment"]) for one in happened if one["kind"] == "decided"][-1] == (
        "return",
        "补章",
    )


def test_without_the_revision_nothing_is_decided_and_a_stale_one_is_told(program, desk):
    _, task = desk()
    city = program("市级")
    missing = city.post(f"/tasks/{task}/complete", {"outcome": "approve"})
    assert (missing.status_code, missing.json["problems"][0]["field"]) == (422, "revision")
    stale = city.post(f"/tasks/{task}/complete", {"outcome": "approve", "revision": 7})
    assert stale.status_code == 409


def test_the_second_decider_reads_who_decided_what_and_when(program, desk):
    _, task = desk()
    program("市级").post(f"/tasks/{task}/complete", {"outcome": "approve", "revision": 1})
    late = program("市级二").post(f"/tasks/{task}/complete", {"outcome": "approve", "revision": 1})
    assert late.status_code == 409
    assert (late.json["decided"]["by_name"], late.json["decided"]["outcome"]) == ("市级", "同意")
    assert late.json["decided"]["at"]
    assert "市级" in late.json["detail"]


def test_unknown_and_foreign_tasks_answer_alike(program, desk):
    _, task = desk()
    stranger = program("邻市")
    for path in (f"/tasks/{task}", "/tasks/" + "0" * 26):
        assert stranger.get(path).status_code == 404
    body = {"outcome": "approve", "revision": 1}
    foreign = stranger.post(f"/tasks/{task}/complete", body)
    absent = stranger.post("/tasks/" + "0" * 26 + "/complete", body)
    same = ("type", "title", "status", "detail")
    assert [foreign.json[name] for name in same] == [absent.json[name] for name in same]
    assert foreign.status_code == 404


def test_whoever_may_see_but_not_decide_is_forbidden(program, desk):
    _, task = desk()
    answer = program("组织者甲").post(f"/tasks/{task}/complete", {"outcome": "approve", "revision": 1})
    assert answer.status_code == 403


def test_an_outcome_that_is_not_offered_and_an_opinion_that_is_missing(program, desk):
    _, task = desk()
    city = program("市级")
    other = city.post(f"/tasks/{task}/complete", {"outcome": "burn", "revision": 1})
    assert (other.status_code, other.json["problems"][0]["field"]) == (422, "outcome")
    silent = city.post(f"/tasks/{task}/complete", {"outcome": "return", "revision": 1})
    assert (silent.status_code, silent.json["problems"][0]["field"]) == (422, "comment")


def test_the_same_key_answers_the_first_result_and_another_body_is_refused(program, desk):
    _, task = desk()
    city = program("市级")
    body = {"outcome": "return", "comment": "补章", "revision": 1}
    first = city.post(f"/tasks/{task}/complete", body, key="k-1")
    again = city.post(f"/tasks/{task}/complete", body, key="k-1")
    assert again.json == first.json
    other = city.post(f"/tasks/{task}/complete", {**body, "comment": "别的"}, key="k-1")
    assert other.status_code == 422


def test_claiming_with_a_key_is_done_once(program, desk):
    _, task = desk()
    city = program("市级")
    first = city.post(f"/tasks/{task}/claim", {"revision": 1}, key="c-1")
    again = city.post(f"/tasks/{task}/claim", {"revision": 1}, key="c-1")
    assert (first.status_code, again.json) == (200, first.json)
    assert program("市级二").post(f"/tasks/{task}/claim", {"revision": 2}).status_code == 409
    assert city.post(f"/tasks/{task}/unclaim", {"revision": 2}).status_code == 200


def test_a_form_is_read_with_its_types_and_its_rights(program, town):
    name = town.settle()
    mine = program(name)
    instance = town.world.apply(name)
    task = town.world.open_task(instance, "file_profile")
    good = {field: values[0] for field, values in profile(full_name=name).items()}
    body = {"outcome": "save", "revision": 1}
    wrong = mine.post(f"/tasks/{task}/complete", {**body, "data": {**good, "mobile": 5, "shoe_size": "44"}})
    assert wrong.status_code == 422
    assert {(one["field"], one["code"]) for one in wrong.json["problems"]} == {
        ("mobile", "wrong_type"),
        ("shoe_size", "unknown_field"),
    }
    bad = mine.post(f"/tasks/{task}/complete", {**body, "data": {**good, "postcode": "12"}})
    assert [one["field"] for one in bad.json["problems"]] == ["postcode"]
    done = mine.post(f"/tasks/{task}/complete", {**body, "data": good})
    assert done.status_code == 200, done.json


def test_read_only_fields_are_ignored_if_equal_and_refused_if_changed(program, town):
    name = town.settle()
    instance = town.world.to_review(name)
    task = town.world.open_task(instance, "city_review")
    city = program("市级")
    shown = city.get(f"/tasks/{task}").json
    readable = {
        one["name"]: shown["data"][one["name"]] for one in shown["form"]["fields"] if one["right"] == "read"
    }
    field = next(name for name, value in readable.items() if isinstance(value, str) and value)
    body = {"outcome": "approve", "revision": 1}
    changed = city.post(f"/tasks/{task}/complete", {**body, "data": {field: "130403"}})
    assert (changed.status_code, changed.json["problems"][0]["code"]) == (422, "not_yours")
    same = city.post(f"/tasks/{task}/complete", {**body, "data": readable})
    assert same.status_code == 200, same.json


def test_a_draft_comes_back(program, town):
    name = town.settle()
    mine = program(name)
    task = town.world.open_task(town.world.apply(name), "file_profile")
    kept = mine.post(f"/tasks/{task}/draft", {"revision": 1, "data": {"mobile": "138"}, "comment": "未完"})
    assert kept.status_code == 200
    assert mine.get(f"/tasks/{task}").json["draft"]["comment"] == "未完"
    assert mine.post(f"/tasks/{task}/draft", {"data": {}}).status_code == 422
    assert mine.post(f"/tasks/{task}/draft", {"revision": 9, "data": {}}).status_code == 409


def test_a_program_s_draft_sets_a_page_s_aside_and_its_own_earlier_one_not(program, town):
    name = town.settle()
    mine, by = program(name), town.world.acting(name)
    task = town.world.open_task(town.world.apply(name), "file_profile")

    def kept():
        with town.world.session() as session:
            found = drafts.of(session, task, by)
        return found.values["comment"], found.aside and found.aside[0]["comment"]

    with town.world.session() as session:
        tasks.save_draft(session, task, {"comment": "页面上写的"}, by, town.world.now, read=0)
    for text in ("程序写的", "程序又写"):
        assert mine.post(f"/tasks/{task}/draft", {"revision": 1, "comment": text}).status_code == 200
        assert kept() == (text, "页面上写的")


@pytest.mark.parametrize("box", ["todo", "claimable", "done", "copied", "started"])
def test_every_box_pages_to_its_end_without_losing_or_doubling(program, desk, box):
    for _ in range(3):
        _, task = desk()
    name = "组织者甲" if box == "started" else "市级"
    who = program(name)
    if box == "done":
        who.post(f"/tasks/{task}/complete", {"outcome": "approve", "revision": 1})
    whole = who.get(f"/tasks?box={box}&limit=200&count=true").json
    seen, cursor = [], ""
    while cursor is not None:
        page = who.get(f"/tasks?box={box}&limit=2" + (f"&cursor={cursor}" if cursor else "")).json
        assert len(page["items"]) <= 2
        assert "total" not in page
        seen += [one["instance"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [one["instance"] for one in whole["items"]]
    assert whole["total"] == len(seen)
    assert box == "copied" or seen


def test_text_finds_by_the_last_four_of_the_applicant_s_number(program, town, desk):
    instance, _ = desk()
    with town.world.session() as session, transaction(session):
        starter = session.get_one(Person, town.world.people["组织者甲"])
        starter.id_number_last_hash = people.last_four_hash("310X")
        session.flush()
    city = program("市级")
    assert instance in {row["instance"] for row in city.get("/tasks?q=310x").json["items"]}
    assert instance not in {row["instance"] for row in city.get("/tasks?q=311X").json["items"]}


def test_drafts_are_a_box_and_what_several_sign_is_not_to_be_claimed(program, town, desk):
    instance, task = desk()
    city = program("市级")
    assert instance not in {row["instance"] for row in city.get("/tasks?box=drafts").json["items"]}
    city.post(f"/tasks/{task}/draft", {"comment": "拟同意", "revision": 1})
    assert instance in {row["instance"] for row in city.get("/tasks?box=drafts").json["items"]}
    assert instance in {row["instance"] for row in city.get("/tasks?box=claimable").json["items"]}
    with town.world.session() as session, transaction(session):
        session.execute(update(Task).where(Task.id == task).values(seats="all"))
    assert instance not in {row["instance"] for row in city.get("/tasks?box=claimable").json["items"]}


@pytest.mark.parametrize("due", ["overdue", "today", "week", "2026-12-31"])
def test_a_deadline_that_stands_still_is_not_due(program, town, desk, due):
    desk()
    city, now = program("市级"), town.world.now
    for paused_at, is_there in ((None, True), (now, False)):
        with town.world.session() as session, transaction(session):
            at = now - timedelta(minutes=1)
            session.execute(update(Task).where(Task.state == "open").values(due_at=at, paused_at=paused_at))
        assert bool(city.get(f"/tasks?due={due}").json["items"]) is is_there


def test_lists_are_narrowed_by_process_text_region_and_deadline(program, town, desk):
    desk()
    city = program("市级")
    assert city.get("/tasks?process=tests_desk").json["items"]
    assert not city.get("/tasks?process=tests_desk&q=%25").json["items"]
    assert city.get("/tasks?region=130400").json["items"]
    assert not city.get("/tasks?region=130500").json["items"]
    assert city.get("/tasks?region=99").status_code == 422
    assert city.get("/tasks?due=week").status_code == 200
    assert {row["element"] for row in city.get("/tasks?element=review").json["items"]} == {"review"}
    assert not city.get("/tasks?element=absent").json["items"]
    assert city.get("/tasks?due=2026-02-30").status_code == 422
    assert data(town)


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "cursor=abc", "box=bin", "colour=red", "limit=1&limit=2", "q=%00"],
)
def test_a_query_that_is_not_understood_is_refused(program, query):
    assert program("市级").get(f"/tasks?{query}").status_code == 422


def test_many_claimed_twice_with_one_key_are_claimed_once(program, desk):
    wanted = [desk()[1] for _ in range(2)]
    body = {"ids": wanted, "verb": "claim"}
    first, again = (program("市级").post("/tasks/bulk", body, key="claims").json for _ in range(2))
    assert first["done"] == 2
    assert again == first
    other = program("市级").post("/tasks/bulk", {**body, "verb": "unclaim"}, key="claims").json
    assert [one["code"] for one in other["items"]] == ["key-reused"] * 2


def test_what_is_done_beside_a_start_is_done_with_it_or_not_at_all(program, town, monkeypatch):
    def broken(*_given):
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr("app.rooms.api.instances.filling.loose_files", broken)
    key = "a-start-that-breaks"
    given = {"data": data(town), "business_key": key}
    token = program("组织者甲").token
    answer = town.app.test_client().post(
        "/api/v1/processes/tests_desk/instances", json=given, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 500
    with town.world.session() as session:
        assert session.scalar(select(Instance.id).where(Instance.business_key == key)) is None
