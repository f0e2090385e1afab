"""What other systems are told of: each event once, in the verb's transaction, ids only, and nothing for nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import select

from app.platform import notices
from app.platform.identity import roles
from app.platform.notices import Delivery, endpoints, patience
from app.platform.registry import Acting, Post
from app.platform.runtime import errors, instances, moving, versions
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.chains import SAID, files, told
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.steps import CITY, STARTER, at_review, begin, decide
from tests.world import World

KEEPER = Acting("keeper", "平台", "keeper", (Post("p", roles.ADMINISTRATOR.key),))


@pytest.fixture(autouse=True)
def loopback(ground: World) -> Iterator[World]:
    """After the ground is laid, which shuts what another test has opened."""
    patience.forget()
    notices.use(notices.Settings(internal=(ip_network("127.0.0.0/8"),)))
    yield ground
    notices.use(notices.Settings())


def listen(world: World, *events: str, name: str = "office") -> None:
    with world.session() as session:
        endpoints.add(session, name, "http://127.0.0.1:9/", events, KEEPER, world.now)


def heard(world: World) -> list[tuple[str | None, dict[str, Any]]]:
    with world.session() as session:
        return [
            (row.event, row.body or {}) for row in session.scalars(select(Delivery).order_by(Delivery.id))
        ]


def test_a_chain_is_followed_from_its_start_to_its_end(any_ground: World) -> None:
    listen(any_ground)
    instance, task = at_review(any_ground, business_key="B-1")
    decide(any_ground, task, "approve", CITY, "同意", key="k")
    decide(any_ground, task, "approve", CITY, "同意", key="k")  # asked again, answered as before
    assert Counter(name for name, _ in heard(any_ground)) == {
        "instance.started": 1,
        "task.opened": 2,
        "task.decided": 2,
        "instance.ended": 1,
    }
    decided = [body for name, body in heard(any_ground) if name == "task.decided"]
    assert {
        "instance": instance,
        "process": "tests_desk",
        "business_key": "B-1",
        "element": "review",
        "task": task,
        "by": any_ground.people[CITY],
        "outcome": "approve",
    } in decided
    assert "同意" not in str(heard(any_ground))


def test_a_cancelled_instance_has_ended(ground: World) -> None:
    listen(ground, "instance.ended")
    instance = begin(ground)
    with ground.session() as session:
        instances.cancel(session, instance, "不办了", ground.acting(STARTER), ground.now)
    ((name, body),) = heard(ground)
    assert (name, body["instance"], body["outcome"]) == ("instance.ended", instance, "cancelled")


def test_a_verb_that_is_refused_tells_nobody(ground: World) -> None:
    listen(ground, "task.decided")
    told["ask"] = refuse
    task = ground.open_task(begin(ground, "tests_hooked"), "first")
    with pytest.raises(errors.HookRefused):
        decide(ground, task, "go")
    assert heard(ground) == []


def refuse(_: Any) -> None:
    raise errors.HookRefused(SAID)


def breaks(_: Any) -> None:
    raise ZeroDivisionError


def test_an_incident_of_work_is_told_and_one_of_telling_is_not(ground: World) -> None:
    """Else an endpoint that does not answer would be told of that, and so on for ever."""
    listen(ground, "incident.opened")
    told["send"] = breaks
    instance = begin(ground, "tests_hooked")
    second = decide(ground, ground.open_task(instance, "first"), "go").next_tasks[0]
    decide(ground, second, "go")
    for minutes in range(30):
        ground.work(ground.now + timedelta(minutes=minutes))
        patience.forget()
    ((name, body),) = heard(ground)
    assert (name, body["kind"], body["element"]) == ("incident.opened", "job", "sending")
    with ground.session() as session:
        assert set(instances.view(session, instance, ground.acting(STARTER), ground.now).incidents) == {
            "job",
            notices.OWN_INCIDENT,
        }


def test_nobody_listening_costs_no_statement_and_a_listener_three(ground: World, counted: Counted) -> None:
    def deciding() -> int:
        _, task = at_review(ground)
        counted.clear()
        decide(ground, task, "approve", CITY, "同意")
        return len(counted.lines)

    before = deciding()
    assert not [line for line in counted.lines if line.startswith("SELECT notices_endpoint")]
    listen(ground)
    assert deciding() == before + 3


def test_what_is_sent_back_is_a_decision_and_says_where_to(ground: World) -> None:
    drawing = Drawing("tests_back").start().task("first", outcomes="go=办理|Go")
    drawing.task("second", outcomes="go=办理|Go", allow="return").end().line(
        "begin", "first", "second", "done"
    )
    with ground.session() as session:
        versions.publish(session, files(drawing), None, ground.now)
    listen(ground, "task.decided")
    instance = begin(ground, "tests_back", data={})
    task = decide(ground, ground.open_task(instance, "first"), "go").next_tasks[0]
    with ground.session() as session:
        moving.send_back(session, task, "first", 1, ground.acting(STARTER), ground.now, "请补")
    body = heard(ground)[-1][1]
    assert (body["task"], body["element"], body["outcome"], body["to"]) == (
        task,
        "second",
        "returned",
        "first",
    )
