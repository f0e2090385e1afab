"""The posts of a unit's review and report pages, and everything each may write."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import count
from typing import Any

from app.systems.delegates import attachments, rules
from tests.pages import House, picture
from tests.rooms.forgery import AUDIT, STEP, Post
from tests.systems.delegates import filling, slating
from tests.systems.delegates.world import LIAISON_ONE, World

NUMBERS = count(1)
TOLD = {"notices_notice", "notices_delivery", "jobs_job"}
MOVED = AUDIT | STEP | TOLD | {
    "runtime_subscription", "runtime_task", "runtime_event",
    *(f"runtime_task.{name}" for name in ("state", "closed_at", "paused_at", "revision")),
    *(f"runtime_instance.{name}" for name in ("stage_zh", "stage_en", "tokens", "variables", "revision")),
}  # fmt: skip
REPORTED = MOVED | {
    "delegates_slate", "delegates_slate.letter", "delegates_slate.roster", "delegates_slate.reported_at",
    "delegates_candidate.slate_id", "runtime_instance", "runtime_serial", "runtime_serial.last",
    "runtime_timer", "runtime_instance.title",
    *(f"runtime_instance.{name}" for name in ("state", "ended", "ended_at")),
}  # fmt: skip
FILE = frozenset({"documents_file", "delegates_attachment"})


def waiting(house: House) -> str:
    """Somebody who waits to be reported, and a quota that is full with him; his id."""
    world = house.world
    assert isinstance(world, World)
    world.allot_seats(world.unit, {"delegate": rules.Allotment(99)})
    name = f"待报{'甲乙丙丁戊己庚辛壬癸'[next(NUMBERS) % 10]}{'一二三四五六七八九'[next(NUMBERS) % 9]}"
    filling.passed(world, name)
    used = slating.figures(world).indicators
    seats = next(one.submitted for one in used if one.key == "delegate")
    world.allot_seats(world.unit, {"delegate": rules.Allotment(seats)})
    return world.candidate(name).id


def at(verb: str, sent: Callable[[], dict[str, Any]] = dict) -> Callable[[House], Any]:
    """The liaison about to post at somebody who waits."""

    def ready(house: House) -> Any:
        candidate = waiting(house)
        browser = house.visit(LIAISON_ONE)
        browser.get("/account/password")
        return browser, f"/delegates/candidates/{candidate}/{verb}", sent()

    return ready


def attached() -> dict[str, Any]:
    return {"file": (io.BytesIO(picture()), "推荐表.png")}


def deleting(house: House) -> Any:
    """The liaison about to take a file away."""
    world, candidate = house.world, waiting(house)
    assert isinstance(world, World)
    instance = slating.instance_of(world, candidate)
    file = filling.photo(world, LIAISON_ONE, instance)
    with world.session() as session:
        there = attachments.add(session, candidate, file, world.acting(LIAISON_ONE), world.now)
    browser = house.visit(LIAISON_ONE)
    browser.get("/account/password")
    return browser, f"/delegates/candidates/{candidate}/files/{there}/delete", {}


def reporting(house: House) -> Any:
    """The liaison about to report a slate that is green."""
    waiting(house)
    browser = house.visit(LIAISON_ONE)
    browser.get(f"/delegates/waiting?congress={house.world.congress}")
    part = browser.page.split('href="/delegates/invitations/')[1].split('"')[0]
    return browser, f"/delegates/invitations/{part}", {"letter": "请审核"}


def packing(house: House) -> Any:
    """The liaison about to take out the forms of those reported."""
    world = house.world
    assert isinstance(world, World)
    waiting(house)
    slating.report(world)
    browser = house.visit(LIAISON_ONE)
    browser.get("/account/password")
    return browser, "/delegates/reported/forms", {"asked": f"congress={world.congress}"}


POSTS = {
    "withdraw": Post("/delegates/candidates/<candidate>/withdraw", at("withdraw"), MOVED),
    "attach": Post("/delegates/candidates/<candidate>/files", at("files", attached), FILE),
    "detach": Post(
        "/delegates/candidates/<candidate>/files/<attachment>/delete",
        deleting,
        frozenset({"delegates_attachment.removed_at"}),
    ),
    "report": Post("/delegates/invitations/<invitation>/report", reporting, REPORTED),
    "pack_forms": Post(
        "/delegates/reported/forms", packing, AUDIT | {"audit_head", "jobs_errand", "jobs_job"}
    ),
}
