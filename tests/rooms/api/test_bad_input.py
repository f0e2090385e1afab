"""What the contract says of bad input: which field or element, what is wrong, and nothing lost."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.identity import tokens
from app.platform.runtime import doctor, firing
from app.platform.runtime.entities import Timer
from tests.platform.engine.drawing import Drawing
from tests.platform.engine.nested import Nested, inner, loop, timer

DMN = b"""<?xml version="1.0"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:x">
<decision id="level" name="Level"><decisionTable id="t" hitPolicy="FIRST"><input id="i" label="a">
<inputExpression id="e"><text>amount</text></inputExpression></input><output id="o" name="level"/>
<rule id="r"><inputEntry id="c"><text>__import__('os')</text></inputEntry>
<outputEntry id="p"><text>1</text></outputEntry>
</rule></decisionTable></decision></definitions>"""


def deploy(program: Any, *drawings: Drawing, **more: bytes) -> Any:
    files = [(io.BytesIO(d.text().encode()), f"{d.process}.bpmn") for d in drawings]
    files += [(io.BytesIO(content), name) for name, content in more.items()]
    return program("管理员").post("/deployments", data={"files": files})


def told(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.json
    for problem in answer.json["problems"]:
        assert problem["file"]
        assert problem["message"]
    return [(problem["element"], problem["code"]) for problem in answer.json["problems"]]


def begun(program: Any, process: str) -> Any:
    return program("组织者甲").post(f"/processes/{process}/instances", {"data": {}})


def test_an_unknown_element_is_named(program):
    drawn = Drawing("office_odd").start().node("complexGateway", "odd").end().line("begin", "odd", "done")
    assert ("odd", "unknown_element") in told(deploy(program, drawn))


def test_a_broken_decision_table_is_refused_by_rule_and_column(program):
    drawn = Drawing("office_table").start().script("a", "amount = 1").end()
    called = "<spiffworkflow:calledDecisionId>level</spiffworkflow:calledDecisionId>"
    rule = f'<bpmn:businessRuleTask id="rate"><bpmn:extensionElements>{called}</bpmn:extensionElements>'
    drawn.parts.append(f"{rule}</bpmn:businessRuleTask>")
    answer = deploy(program, drawn.line("begin", "a", "rate", "done"), **{"level.dmn": DMN})
    codes = {code for _element, code in told(answer)}
    assert any("level.dmn" in problem["file"] for problem in answer.json["problems"])
    assert codes, answer.json


def test_an_endless_cycle_is_refused_at_publication(program):
    drawn = Drawing("office_turning").start().script("a", "x = 1").xor("again", "on").xor("merge").end()
    drawn.line("begin", "merge", "a", "again").flow("again", "merge", "x == 1").flow("again", "done", id="on")
    assert "turns_alone" in {code for _element, code in told(deploy(program, drawn))}


def many(process: str, count: str) -> Nested:
    part = inner().script("i_note", "seen = 1").line("i_begin", "i_note", "i_done")
    drawn = Nested(process).start().end().script("a", "count = 1000000").sub("part", part, loop(count))
    return drawn.line("begin", "a", "part", "done")


def test_a_fan_out_of_a_million_is_refused_drawn_or_computed(program, town):
    assert ("part", "too_many_items") in told(deploy(program, many("office_million", "1000000")))
    assert deploy(program, many("office_counted", "count")).status_code == 201
    answer = begun(program, "office_counted")
    assert answer.status_code == 409, answer.json
    assert answer.json["title"]
    with town.world.session() as session:
        assert doctor.examine(session, town.world.now) == []


def test_a_step_that_never_ends_is_stopped_by_the_fuse(program, town):
    """Two hundred bodies of many steps each: more than one event may take."""
    part = inner()
    names = [f"i{number}" for number in range(20)]
    for name in names:
        part.script(name, "seen = 1")
    drawn = (
        Nested("office_fused").start().end().sub("part", part.line("i_begin", *names, "i_done"), loop("200"))
    )
    assert "trial" in {code for _element, code in told(deploy(program, drawn.line("begin", "part", "done")))}


def test_a_message_for_nobody_reaches_nobody(program):
    answer = program("管理员").post("/messages", {"name": "nobody_waits", "correlation": "x", "data": {}})
    assert (answer.status_code, answer.json) == (200, {"delivered": 0})


def test_a_timer_in_the_past_is_due_at_once(program, town):
    drawn = Nested("office_past").start().end().catch("wait", timer("2020-01-01", "timeDate"))
    assert deploy(program, drawn.line("begin", "wait", "done")).status_code == 201
    instance = begun(program, "office_past").json["id"]
    with town.world.session() as session:
        due = session.scalar(select(Timer.due_at).where(Timer.instance_id == instance))
    assert due is not None
    assert due < town.world.now
    firing.fire_due(lambda: Session(town.world.engine), lambda: town.world.now, "tests")
    assert program("组织者甲").get(f"/instances/{instance}").json["state"] == "ended"


def test_a_revision_of_yesterday_is_told_and_keeps_what_was_typed(program, desk):
    _instance, task = desk()
    reviewer = program("市级")
    before = reviewer.get(f"/tasks/{task}").json["revision"]
    assert reviewer.post(f"/tasks/{task}/claim", {"revision": before}).status_code == 200
    answer = reviewer.post(
        f"/tasks/{task}/complete", {"outcome": "approve", "comment": "写了很久", "revision": before}
    )
    assert answer.status_code == 409
    assert answer.json["type"] == "changed"
    assert reviewer.get(f"/tasks/{task}").json["draft"]["comment"] == "写了很久"


def test_a_revoked_token_opens_nothing(program, town):
    with town.world.session() as session:
        person, by = town.world.people["市级"], town.world.acting("市级")
        made, secret = tokens.create(session, person, "gone", None, None, town.world.now)
        with transaction(session):
            tokens.revoke(session, made, by, town.world.now + timedelta(minutes=1))
    headers = {"Authorization": f"Bearer {secret}"}
    assert town.app.test_client().get("/api/v1/me", headers=headers).status_code == 401


@pytest.mark.parametrize("path", ["/messages", "/tasks/bulk", "/processes/tests_desk/instances"])
def test_a_body_of_ten_megabytes_is_too_large(program, path):
    answer = program("管理员").post(path, {"name": "x" * 10_000_000})
    assert answer.status_code == 413
    assert answer.json["title"]
