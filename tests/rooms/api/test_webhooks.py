"""Who is told of events: entered by who looks after the platform, the secret shown once."""

from __future__ import annotations

import pytest

NEW = {"name": "archive", "url": "https://archive.example.org/events", "events": ["task.decided"]}


def test_an_endpoint_is_entered_listed_and_taken_out(program):
    manager = program("管理员")
    made = manager.post("/webhooks", NEW, key="w-1")
    assert made.status_code == 201, made.json
    assert made.json["secret"].startswith("whsec_")
    again = manager.post("/webhooks", NEW, key="w-1")
    assert (again.json["id"], again.json["secret"]) == (made.json["id"], None)
    assert [one["name"] for one in manager.get("/webhooks").json["items"]] == ["archive"]
    assert manager.delete(f"/webhooks/{made.json['id']}").status_code == 200
    assert manager.delete(f"/webhooks/{made.json['id']}").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"events": ["moon.rises"]}, "events.0"),
        ({"name": "two words"}, "name"),
    ],
)
def test_what_is_refused_is_named(program, change, field):
    answer = program("管理员").post("/webhooks", {**NEW, **change})
    assert answer.status_code == 422
    assert answer.json["problems"][0]["field"] == field


def test_nobody_else_may(program):
    assert program("市级").get("/webhooks").status_code == 403
    assert program("市级").post("/webhooks", NEW).status_code == 403


def test_health_tells_how_the_queue_stands(program):
    told = program(None).get("/health").json
    assert set(told["queue"]) == {"waiting", "running", "overdue", "failed"}
