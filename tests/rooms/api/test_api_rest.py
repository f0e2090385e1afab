"""The rest of the contract: processes, instances, files, incidents, problems, the description itself."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree
from sqlalchemy.exc import OperationalError

from app.platform.data import transaction
from app.platform.identity import accounts, tokens
from app.platform.runtime import instances, moving, stepping, substitutes
from tests.pages import picture
from tests.platform.runtime import chains
from tests.rooms.api.conftest import Program, data
from tests.rooms.conftest import Browser
from tests.world import APPLICATION

ABSENT = "0" * 26


def bundle(*names: str, dry: bool = False, **content: bytes):
    drawing = chains.desk("tests_api")
    files = [(io.BytesIO(text), name) for name, text in chains.files(drawing).items()]
    files += [
        (
            io.BytesIO(APPLICATION),
            "forms/fairs/application.json",
        )
    ]
    return {"files": files, **({"dry_run": "true"} if dry else {})}


def test_health_and_who_am_i(program):
    assert program(None).get("/health").json["status"] == "up"
    told = program("市级").get("/me").json
    assert told["posts"][0]["role"] == "fairs.city_admin"
    assert told["posts"][0]["place_name"] == "邯郸市"


def test_a_bundle_is_checked_then_published_once(program):
    manager = program("管理员")
    checked = manager.post("/deployments", data=bundle(dry=True))
    assert (checked.status_code, checked.json["processes"][0]["key"]) == (200, "tests_api")
    assert manager.get("/processes/tests_api").status_code == 404
    first = manager.post("/deployments", data=bundle(), key="d-1")
    again = manager.post("/deployments", data=bundle(), key="d-1")
    assert (first.status_code, first.json["processes"]) == (201, [{"key": "tests_api", "version": 1}])
    assert again.json == first.json
    assert manager.get("/processes/tests_api/versions/1/bpmn").data.startswith(b"<?xml")
    assert manager.get("/processes/tests_api/versions/1/forms").json["items"][0]["id"] == "fairs/application"
    assert manager.get("/processes/tests_api/versions/1").json["is_current"]
    assert manager.get("/processes/tests_api/versions/99999999999999999999").status_code == 404


def test_a_broken_bundle_names_file_element_code_and_message(program):
    text = chains.desk("tests_broken").text().replace('targetRef="review"', 'targetRef="nowhere"').encode()
    sent = {"files": [(io.BytesIO(text), "processes/tests/broken.bpmn")]}
    answer = program("管理员").post("/deployments", data=sent)
    assert answer.status_code == 422
    assert {"file", "element", "code", "message"} <= set(answer.json["problems"][0])
    empty = program("管理员").post("/deployments", data={"files": [(io.BytesIO(b"x"), "a.txt")]})
    assert empty.status_code == 422


def test_only_who_may_publish_publishes(program):
    assert program("市级").post("/deployments", data=bundle()).status_code == 403
    assert program("管理员").post("/deployments", {"files": []}).status_code == 415


def test_a_process_is_started_with_its_start_form(program, town):
    name = town.settle()
    mine = program(name)
    path = "/processes/fairs_application/instances"
    missing = mine.post(path, {"data": {}})
    assert missing.status_code == 422
    assert {one["field"] for one in missing.json["problems"]} == {"project", "district"}
    first = mine.post(path, {"data": data(town), "title": "我的"}, key="s-1")
    again = mine.post(path, {"data": data(town), "title": "我的"}, key="s-1")
    assert (first.status_code, again.json) == (201, first.json)
    assert first.json["state"] == "running"
    assert mine.post(path, {"data": data(town)}).status_code == 409
    assert program("市级").post(path, {"data": data(town)}).status_code == 403
    assert mine.post("/processes/absent/instances", {}).status_code == 404


def test_an_instance_with_its_history_and_its_drawing(program, town, desk):
    instance, _ = desk()
    city, stranger = program("市级"), program("邻市")
    assert city.get(f"/instances/{instance}").json["tasks"][0]["element"] == "review"
    assert city.get(f"/instances/{instance}/history").json["items"][0]["kind"] == "started"
    assert city.get(f"/instances/{instance}/diagram").status_code in (200, 404)  # laid out or not
    for path in ("", "/history", "/diagram"):
        assert stranger.get(f"/instances/{instance}{path}").status_code == 404
    drawn = town.world.to_review(town.settle())
    answer = city.get(f"/instances/{drawn}/diagram")
    root = etree.fromstring(answer.data)
    states = {node.get("data-element"): node.get("data-state") for node in root.iter("{*}g")}
    assert states["city_review"] == "here"
    assert states["submit"] == "passed"
    assert not [node for node in root.iter() if "script" in str(node.tag) or node.get("style")]


def test_instances_are_listed_by_state_element_and_text(program, desk):
    instance, _ = desk()
    city = program("市级")
    found = city.get("/instances?process=tests_desk&state=running&element=review&count=true").json
    assert instance in [one["id"] for one in found["items"]]
    assert found["total"] >= 1
    assert not city.get("/instances?element=nowhere").json["items"]
    assert city.get("/instances?state=asleep").status_code == 422


def test_a_file_is_uploaded_once_and_read_by_its_owner_alone(program):
    mine, other = program("组织者甲"), program("组织者乙")

    def sent(content=None, name="扫描件.png"):
        return {"file": (io.BytesIO(content if content is not None else picture()), name)}

    first = mine.post("/files", data=sent(), key="f-1")
    assert (first.status_code, first.json["type"]) == (201, "image/png")
    assert mine.post("/files", data=sent(), key="f-1").json == first.json
    assert mine.get(f"/files/{first.json['id']}").status_code == 200
    assert other.get(f"/files/{first.json['id']}").status_code == 404
    assert mine.post("/files", data=sent(b"<html>", "a.png")).status_code == 422
    assert mine.post("/files", data={"instance": ABSENT, **sent()}).status_code == 404
    assert mine.post("/files", data={}).status_code in (415, 422)
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n\x89PNG\r\n\x1a\n'
    body = head + b"0" * (21 * 1024 * 1024) + b"\r\n--x--\r\n"
    big = mine.post("/files", data=body, content_type="multipart/form-data; boundary=x")
    assert big.status_code == 413


def test_incidents_are_for_those_who_look_after_them(program, town, desk):
    instance, _ = desk()
    with town.world.session() as session, transaction(session):
        held = stepping.hold(session, town.world.acting("管理员"), town.world.now, instance=instance)
        incident = stepping.open_incident(held, "engine", "review", "broken")
        stepping.save(held)
    manager = program("管理员")
    assert incident in [one["id"] for one in manager.get("/incidents").json["items"]]
    assert not program("市级").get("/incidents").json["items"]
    assert program("市级").post(f"/incidents/{incident}/retry", {}).status_code == 403
    assert program("邻市").post(f"/incidents/{incident}/retry", {}).status_code == 404
    assert manager.post(f"/incidents/{incident}/retry", {}, key="r-1").status_code == 200
    assert manager.post(f"/incidents/{incident}/retry", {}, key="r-1").status_code == 200
    assert manager.post(f"/incidents/{incident}/retry", {}).status_code == 404


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 422),
        (b'"x"', "application/json", 422),
        (b'{"outcome": 1, "revision": 1}', "application/json", 422),
        (b'{"outcome": "a", "revision": "1"}', "application/json", 422),
        (b'{"outcome": "a", "revision": 1e99}', "application/json", 422),
        (b'{"outcome": "a\\u0000", "revision": 1}', "application/json", 422),
        (b'{"outcome": "approve", "revision": 1, "data": ' + b"[" * 500 + b"]" * 500 + b"}", "application/json", 422),
        (b'{"outcome": "a", "revision": 1, "data": ' + b'{"a":' * 90 + b"1" + b"}" * 91, "application/json", 422),
        (b'{"outcome": "approve", "revision": 1, "colour": 1}', "application/json", 422),
        (b"outcome=approve", "application/x-www-form-urlencoded", 415),
        (b"\xff\xfe", "application/json", 400),
        (b" " * (3 * 1024 * 1024), "application/json", 413),
        (b" " * (10 * 1024 * 1024), "application/json", 413),
    ],
)  # fmt: skip
def test_a_bad_body_is_answered_as_the_contract_says(program, desk, raw, kind, status):
    _, task = desk()
    answer = program("市级").post(f"/tasks/{task}/complete", data=raw, content_type=kind)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_unknown_routes_and_wrong_methods_are_problem_details_too(program):
    city = program("市级")
    assert city.get("/nothing").status_code == 404
    wrong = city.post("/me", {})
    assert (wrong.status_code, wrong.mimetype) == (405, "application/problem+json")
    assert "GET" in wrong.headers["Allow"]


def test_problems_speak_the_language_asked_for(program):
    city = program("市级")
    zh = city.get(f"/tasks/{ABSENT}").json
    en = city.get(f"/tasks/{ABSENT}", headers={"Accept-Language": "en"}).json
    assert re.search("[一-鿿]", zh["title"] + zh["detail"])
    assert not re.search("[一-鿿]", en["title"] + en["detail"])
    assert zh["status"] == 404


def test_a_token_opens_nothing_once_revoked_expired_or_disabled(town, program):
    name = town.settle()
    mine = program(name)
    assert mine.get("/me").status_code == 200
    with town.world.session() as session:
        (token,) = tokens.of(session, town.world.people[name])
        assert token.seen_at is not None
        tokens.revoke(session, token.id, None, town.world.now)
    assert mine.get("/me").status_code == 401
    other = program(name)
    with town.world.session() as session:
        accounts.disable(session, town.world.people[name], None, town.world.now)
    assert other.get("/me").status_code == 401


def test_a_token_is_no_way_into_pages(town, program):
    answer = town.app.test_client().get(
        "/account", headers={"Authorization": f"Bearer {program('市级').token}"}
    )
    assert answer.status_code == 303
    assert "/login" in answer.location


def test_a_browser_needs_its_csrf_token_and_a_bad_token_is_not_saved_by_a_cookie(town, desk):
    _, task = desk()
    browser = town.visit("市级")
    path = f"/api/v1/tasks/{task}/claim"
    assert browser.client.get("/api/v1/me").status_code == 200
    assert browser.client.post(path, json={"revision": 1}).status_code == 400
    browser.get("/account")
    token = browser.hidden()["csrf_token"]
    assert browser.client.post(path, json={"revision": 1}, headers={"X-CSRFToken": token}).status_code == 200
    assert browser.client.get("/api/v1/me", headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_the_description_is_sound_and_says_what_there_is(program, described):
    told = program(None).get("/openapi.json").json
    assert told["openapi"].startswith("3.1")
    text = json.dumps(told)
    for name in re.findall(r'"#/components/schemas/(\w+)"', text):
        assert name in told["components"]["schemas"]
    assert not re.findall(r"https?://", text)
    for promised in CONTRACT:
        method, path = promised.split()
        assert method.lower() in told["paths"][path], promised


CONTRACT = (
    """
GET /health|GET /api/v1/me|POST /api/v1/deployments|GET /api/v1/processes|GET /api/v1/processes/{key}
GET /api/v1/processes/{key}/versions/{number}|GET /api/v1/processes/{key}/versions/{number}/bpmn
GET /api/v1/processes/{key}/versions/{number}/forms|POST /api/v1/processes/{key}/instances
GET /api/v1/instances|GET /api/v1/instances/{instance}|GET /api/v1/instances/{instance}/history
GET /api/v1/instances/{instance}/diagram|POST /api/v1/instances/{instance}/withdraw
POST /api/v1/instances/{instance}/cancel|POST /api/v1/instances/{instance}/suspend
POST /api/v1/instances/{instance}/resume|POST /api/v1/instances/{instance}/urge
POST /api/v1/instances/{instance}/move|POST /api/v1/instances/{instance}/migrate
POST /api/v1/messages|GET /api/v1/tasks|GET /api/v1/tasks/{task}|POST /api/v1/tasks/{task}/claim
POST /api/v1/tasks/{task}/unclaim|POST /api/v1/tasks/{task}/draft|POST /api/v1/tasks/{task}/complete
POST /api/v1/tasks/{task}/return|POST /api/v1/tasks/{task}/transfer|POST /api/v1/tasks/{task}/delegate
POST /api/v1/tasks/{task}/signers|POST /api/v1/tasks/{task}/copy|POST /api/v1/tasks/bulk
POST /api/v1/tasks/{task}/ask|POST /api/v1/questions/{question}/answer|GET /api/v1/questions
POST /api/v1/questions/{question}/take-back
GET /api/v1/incidents|POST /api/v1/incidents/{incident}/retry|POST /api/v1/files|GET /api/v1/files/{file}
GET /api/v1/webhooks|POST /api/v1/webhooks|DELETE /api/v1/webhooks/{webhook}|POST /api/v1/migrations
""".strip()
    .replace("\n", "|")
    .split("|")
)


def test_the_documentation_is_a_page_without_outside_addresses(town):
    browser = Browser(town.app.test_client())
    answer = browser.get("/api/v1/docs?lang=en")
    assert answer.status_code == 200
    assert "/api/v1/tasks/{task}/complete" in browser.page
    assert not re.findall(r'(?:src|href)="https?://', browser.page)
    assert not re.search(
        "[一-鿿]", re.sub(r"(?s)<head>.*?</head>|<header.*?</header>|<footer.*?</footer>", "", browser.page)
    )


__all__ = ["Program", "instances"]


def test_an_id_no_table_can_hold_is_as_unknown_as_any_other(program):
    asked = program("管理员")
    for path in ("/tasks/a%00b", "/instances/%00", "/files/%00", "/processes/%00"):
        assert asked.get(path).status_code == 404, path


@pytest.mark.parametrize(("sqlstate", "status"), [("40P01", 409), ("57P01", 503)])
def test_of_two_that_wait_for_each_other_one_is_asked_to_try_again(
    program, desk, monkeypatch, sqlstate, status
):
    def deadlocked(*_given: Any, **_more: Any) -> None:
        original = Exception("in each other's way")
        original.sqlstate = sqlstate  # type: ignore[attr-defined]
        raise OperationalError("UPDATE", {}, original)

    instance, _ = desk()
    monkeypatch.setattr(moving, "withdraw", deadlocked)
    token = program("组织者甲")
    answer = token.client.post(
        f"/api/v1/instances/{instance}/withdraw", headers={"Authorization": f"Bearer {token.token}"}
    )
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_a_program_of_a_substitute_does_what_its_person_may(program, town, desk):
    _, task = desk()
    world = town.world
    city, substitute = world.people["市级"], world.people["邻市"]
    assert program("邻市").get(f"/tasks/{task}").status_code == 404
    with world.session() as session:
        now = world.now
        end = now + timedelta(days=1)
        appointed = substitutes.appoint(session, city, substitute, now, end, None, world.acting("市级"), now)
    asked = program("邻市")
    assert asked.get(f"/tasks/{task}").json["can_work"]
    assert asked.post(f"/tasks/{task}/complete", {"outcome": "approve", "revision": 1}).status_code == 200
    with world.session() as session:
        substitutes.end(session, appointed, world.acting("市级"), now)
