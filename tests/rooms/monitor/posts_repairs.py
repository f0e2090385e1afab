"""What the list of stalls and repair mode let one post, as `test_forgery` tries it."""

from __future__ import annotations

from typing import Any

from app.platform.identity import roles
from app.platform.monitoring import repair_requests
from app.platform.monitoring.repair_lines import Line
from app.platform.runtime import control
from app.platform.runtime.entities import Instance
from tests.pages import House
from tests.rooms.conftest import Browser
from tests.rooms.forgery import AUDIT, STORY, Post

WATCHER, OTHER = "修复平台管", "修复平台管二"


def _watcher(house: House) -> Browser:
    for name, username in ((WATCHER, "repairs_watcher"), (OTHER, "repairs_other")):
        if name not in house.world.people:
            house.world.enter(name, roles.ADMINISTRATOR.key)
            house.account(name, username)
    return house.visit(WATCHER)


def _instance(house: House) -> tuple[str, int]:
    instance = house.world.to_review(house.settle())
    with house.world.session() as session:
        return instance, session.get_one(Instance, instance).revision


def _resuming(house: House) -> Any:
    browser, (instance, _revision) = _watcher(house), _instance(house)
    with house.world.session() as session:
        control.suspend(session, instance, "核查", house.world.acting(OTHER), house.world.now)
    browser.get("/monitor/stalls")
    return browser, f"/monitor/stalls/resume/{instance}", {"reason": "核查已经结束"}


def _repairing(house: House) -> Any:
    browser, (instance, revision) = _watcher(house), _instance(house)
    address = f"/monitor/instances/{instance}/repair"
    browser.get(address)
    line = '{"kind": "set", "at": "district", "to": "", "value": "130403"}'
    return (
        browser,
        address,
        {"do": "confirm", "line": line, "reason": "区县填写有误", "revision": str(revision)},
    )


def _declining(house: House) -> Any:
    browser, (instance, revision) = _watcher(house), _instance(house)
    world = house.world
    with world.session() as session:
        lines = [Line("end")]
        by, now = world.acting(OTHER), world.now
        repair = repair_requests.ask(session, instance, lines, "误发起的事项", revision, 0, by, now)
    address = f"/monitor/repairs/{repair}"
    browser.get(address)
    return browser, address, {"do": "decline", "answer": "不需要这样处理"}


POSTS = {
    "mend a stall": Post(
        "/monitor/stalls/<verb>/<key>",
        _resuming,
        AUDIT | STORY | {"runtime_instance.state", "identity_session"},
    ),
    "repair": Post(
        "/monitor/instances/<instance>/repair",
        _repairing,
        AUDIT
        | STORY
        | {"runtime_instance.variables", "runtime_instance.tokens", "runtime_receipt", "identity_session"},
    ),
    "decline a repair": Post(
        "/monitor/repairs/<repair>",
        _declining,
        AUDIT
        | {f"monitoring_repair.{name}" for name in ("state", "answered_at", "answered_by_id", "answer")}
        | {"identity_session", "notices_notice"},
    ),
}
"""By name: the rule, who is brought to its page, and what the post may write."""
