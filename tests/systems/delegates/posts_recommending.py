"""The posts of a unit's pages of recommendation, and everything each may write."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from app.systems.delegates import recommending, rules
from tests.pages import House
from tests.rooms.forgery import AUDIT, STEP, Post
from tests.systems.delegates.filling import next_phone, recommend
from tests.systems.delegates.world import LIAISON_ONE, World

NAMES = count(1)
BEGUN = AUDIT | STEP | {
    "delegates_candidate", "identity_account", "identity_person", "identity_post", "notices_notice",
    "notices_delivery", "jobs_job", "runtime_instance", "runtime_subscription", "runtime_event",
    "runtime_instance.title", "runtime_task",
}  # fmt: skip
REMOVED = AUDIT | STEP | {
    "delegates_candidate.removed_at", "identity_post.ended_at", "identity_post.ended_by", "jobs_job",
    "notices_notice", "runtime_subscription",
    *(f"identity_account.{name}" for name in (
        "closed_at", "is_disabled", "username", "login_phone", "login_phone_hash", "password_hash",
    )),
    "identity_person.phone", "identity_person.phone_hash",
    *(f"runtime_instance.{name}" for name in ("state", "ended", "ended_at")),
    *(f"runtime_task.{name}" for name in ("paused_at",)),
}  # fmt: skip


def fresh(house: House) -> str:
    """A candidate of his own; his id. Seats enough for many."""
    world = house.world
    assert isinstance(world, World)
    world.allot_seats(world.unit, {"delegate": rules.Allotment(99)})
    name = f"候选{'甲乙丙丁戊己庚辛壬癸'[next(NAMES) % 10]}{'一二三四五六七八九'[next(NAMES) % 9]}"
    recommend(world, name)
    return world.candidate(name).id


def at(verb: str, *, disabled: bool = False) -> Callable[[House], Any]:
    """The liaison about to press a row's button."""

    def ready(house: House) -> Any:
        world, candidate = house.world, fresh(house)
        if disabled:
            with world.session() as session:
                recommending.disable(session, candidate, world.acting(LIAISON_ONE), world.now)
        browser = house.visit(LIAISON_ONE)
        browser.get("/account/password")
        return browser, f"/delegates/candidates/{candidate}/{verb}", {}

    return ready


def allotting(house: House) -> Any:
    """The liaison with one line filled in."""
    fresh(house)
    browser = house.visit(LIAISON_ONE)
    browser.get(f"/delegates/recommended?congress={house.world.congress}")
    url = browser.page.split('href="/delegates/invitations/')[1].split('"')[0]
    sent = {"name": "候选新人", "phone": next_phone(), "identity-0": "delegate"}
    return browser, f"/delegates/invitations/{url}", sent


SWITCHED = AUDIT | {"identity_account.is_disabled", "jobs_job"}
POSTS = {
    "allot": Post("/delegates/invitations/<invitation>/recommend", allotting, BEGUN),
    "remove": Post("/delegates/candidates/<candidate>/remove", at("remove"), REMOVED),
    "disable": Post("/delegates/candidates/<candidate>/disable", at("disable"), SWITCHED),
    "enable": Post("/delegates/candidates/<candidate>/enable", at("enable", disabled=True), SWITCHED),
}
