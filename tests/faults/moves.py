"""The verbs that move a token, to be killed: return, withdraw, repair, messages, and another version."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from app.platform.runtime import messages, migrating, moving
from tests.faults.flow import Facts, Run, flow, verb
from tests.platform.runtime import test_messages, test_moving
from tests.world import World

STARTER, CITY, ADMINISTRATOR = "组织者甲", "市级", "管理员"
LEASED = timedelta(minutes=1)  # when the dead worker's lease has run out


def at_sign(world: World) -> Facts:
    """Prepared, checked and reviewed: to be signed."""
    test_moving.publish(world, test_moving.line())
    world.enter(ADMINISTRATOR, "platform.administrator")
    instance = test_moving.walked(world, "check", "review")
    return {"instance": instance, "task": world.open_task(instance, "sign")}


def two_versions(world: World) -> Facts:
    """To be signed, while a second version has come out in which that step has another name."""
    facts = at_sign(world)
    new = test_moving.line()
    new.parts = [part.replace('"sign"', '"seal"') for part in new.parts]
    new.lanes = [lane.replace(">sign<", ">seal<") for lane in new.lanes]
    test_moving.publish(world, new)
    return facts


def awaited(world: World) -> Facts:
    """An instance that waits for a message, which an organiser may send."""
    test_messages.publish(world, test_messages.waiting(from_="fairs.organiser@everywhere"))
    return {"instance": test_messages.begin(world, "tests_waiting", data={})}


def paid(world: World) -> Facts:
    """The same, and the message is on its way: a job is to deliver it."""
    test_messages.publish(world, test_messages.waiting(), test_messages.paying("after"))
    waits = test_messages.begin(world, "tests_waiting", data={})
    test_messages.begin(world, "tests_paying", data={})
    return {"instance": waits}


def back(then: Literal["step_by_step", "straight_back"]) -> Run:
    """Send the signature back to the check."""
    return verb(
        CITY,
        lambda session, facts, by, now: moving.send_back(
            session, facts["task"], "check", 1, by, now, "请补充", then=then, key="k"
        ),
    )


MOVES = (
    flow("send_back", at_sign, back("step_by_step"), open=["check"], history={"returned": 1, "opened": 5}),
    flow("straight_back", at_sign, back("straight_back"), open=["check"], history={"returned": 1}),
    flow(
        "withdraw",
        at_sign,
        verb(
            CITY,
            lambda session, facts, by, now: moving.withdraw(session, facts["instance"], by, now, "看错", "k"),
        ),
        open=["review"],
        history={"withdrawn": 1},
    ),
    flow(
        "move",
        at_sign,
        verb(
            ADMINISTRATOR,
            lambda session, facts, by, now: moving.move(
                session, facts["instance"], "sign", "prepare", "修复", by, now, "k"
            ),
        ),
        open=["prepare"],
        history={"moved": 1},
    ),
    flow(
        "message",
        awaited,
        verb(
            STARTER,
            lambda session, facts, by, now: messages.deliver(
                session, "paid", "p1", {"amount": 3}, by, now, "k"
            ),
        ),
        instance=("ended", "已付"),
        history={"message": 1},
    ),
    flow(
        "message_after",
        paid,
        lambda world, _: world.work(),
        again=lambda world, _: world.work(world.now + LEASED),
        instance=("ended", "已付"),
        history={"message": 1},
    ),
    flow(
        "migrate",
        two_versions,
        verb(
            ADMINISTRATOR,
            lambda session, facts, by, now: migrating.migrate(
                session, facts["instance"], 2, {"sign": "seal"}, by, now, key="k"
            ),
        ),
        open=["seal"],
        history={"migrated": 1},
    ),
)
