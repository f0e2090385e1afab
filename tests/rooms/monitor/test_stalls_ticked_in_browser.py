"""Stalls ticked in Chromium: some of those that stand still go on by a verb in bulk, the others stand as before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app.platform.data import transaction
from app.platform.identity import posts
from app.platform.monitoring import stalls
from app.platform.registry import house as leases
from app.platform.runtime import control, doctor, firing, versions
from tests.browser.live import Person, Street
from tests.platform.monitoring import broken
from tests.platform.monitoring.broken import WATCHER
from tests.platform.runtime import chains
from tests.platform.runtime.chains import files
from tests.platform.runtime.steps import begin, decide
from tests.rooms.inbox.watching import judge
from tests.rooms.monitor.test_stalls_in_browser import address
from tests.world import World

pytestmark = pytest.mark.browser
__all__ = ["address"]
HOW_MANY = 3
WHY = "原因已经排除，统一处理"


@dataclass(frozen=True, slots=True)
class Ticked:
    """Instances that stand still alike, by which verb they go on, and at which tasks each is open then."""

    seed: Callable[[World], list[str]]
    kind: str
    verb: str
    then: tuple[str, ...]


def nobody(world: World) -> list[str]:
    found = [begin(world, "tests_desk", data={"district": "130502"}) for _ in range(HOW_MANY)]
    for one in found:
        decide(world, world.open_task(one, "prepare"), "send")
    with world.session() as session, transaction(session):
        for held in posts.of(session, world.people["邻市"], world.now):
            posts.end(session, held.id, world.now, None)
    return found


def timed(world: World) -> list[str]:
    found = [begin(world, "tests_timed", data={}) for _ in range(HOW_MANY)]
    chains.told["ask"] = broken.fails
    world.now += timedelta(hours=1)
    broken.try_in_vain(world)
    chains.told.clear()
    return found


def error(world: World) -> list[str]:
    chains.told["send"] = broken.fails
    found = [broken.to_work(world) for _ in range(HOW_MANY)]
    broken.try_in_vain(world)
    chains.told.clear()
    return found


def suspended(world: World) -> list[str]:
    found = [begin(world, "tests_desk") for _ in range(HOW_MANY)]
    for one in found:
        with world.session() as session:
            control.suspend(session, one, "等待纪检核查", world.acting(WATCHER), world.now)
    return found


def definition(world: World) -> list[str]:
    found = [begin(world, "tests_gone", data={}) for _ in range(HOW_MANY)]
    with world.session() as session:
        versions.publish(session, files(broken.gone()), None, world.now)
    del leases.actions["tests/leave"]
    versions.forget()
    return found


WAYS = (
    Ticked(nobody, "nobody", "转办", ("review",)),
    Ticked(timed, "timer", "重试", ("after",)),
    Ticked(error, "error", "重试", ("third",)),
    Ticked(suspended, "suspended", "恢复", ("prepare",)),
    Ticked(definition, "definition", "迁移", ("first",)),
)


def keys_of(world: World, instances: Sequence[str]) -> list[str]:
    """What each stands still for, one each."""
    found = []
    with world.session() as session:
        for one in instances:
            (stall,) = stalls.of_instance(session, one, world.now)
            found.append(stall.key)
    return found


def hand_over(admin: Person) -> None:
    """Look for whom the tasks go to."""
    admin.page.fill("#who", "市级二")
    admin.press("查找")
    admin.page.get_by_role("radio", name="市级二").check()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.kind)
def test_those_ticked_go_on_and_are_gone_from_the_list(street: Street, way: Ticked) -> None:
    world = street.house.world
    instances = way.seed(world)
    keys = keys_of(world, instances)
    admin = street.person("watcher")
    admin.go(f"/monitor/stalls?kind={way.kind}")
    for key in keys[:2]:
        admin.page.locator(f"#stall-{key} input[name=row]").check()
    admin.press("批量处理")
    expect(admin.page.locator(".bulk-total")).to_contain_text("2")
    expect(admin.page.locator(".bulk-question")).to_contain_text("2 行")
    judge(admin)
    admin.page.get_by_role("link", name=way.verb, exact=True).click()
    admin.page.fill("#bulk-reason", WHY)
    if way.verb == "转办":
        hand_over(admin)
    admin.page.fill("#bulk-count", "2")
    admin.press(f"{way.verb} 2 件")
    world.work()
    expect(admin.page.locator("#run .state")).to_have_text("已完成", timeout=20_000)
    expect(admin.page.locator(".bulk-results .is-done")).to_contain_text("2")
    world.work()
    firing.fire_due(world.sessions, lambda: world.now, "tests")
    admin.go(f"/monitor/stalls?kind={way.kind}")
    for key in keys[:2]:
        expect(admin.page.locator(f"#stall-{key}")).to_have_count(0)
    expect(admin.page.locator(f"#stall-{keys[2]}")).to_have_count(1)
    assert keys_of(world, instances[2:]) == keys[2:]
    with world.session() as session:
        for one in instances[:2]:
            assert stalls.of_instance(session, one, world.now) == ()
            assert doctor.examine_one(session, one, world.now) == []
    assert [tuple(world.open_elements(one)) for one in instances[:2]] == [way.then] * 2
