"""What the page of a rehearsal posts, as `test_forgery` tries it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.platform.design import drafts, rehearsal_tests, runs
from app.platform.design.moves import Move, Who
from app.platform.identity import roles
from app.platform.runtime import versions
from tests.pages import House
from tests.rooms.forgery import AUDIT, Post

KEPT = frozenset({"design_rehearsal"})
STARTER = "fairs.organiser"


def playing(address: str, **fields: str) -> Callable[[House], Any]:
    """A fresh designer at a rehearsal of the house's own process."""

    def ready(house: House) -> Any:
        world, name = house.world, house.settle(roles.DESIGNER.key)
        by = world.acting(name)
        with world.session() as session:
            version = versions.current(session, world.process).version
            open_one = drafts.of_process(session, world.process)
            draft = open_one.id if open_one else drafts.reopen(session, world.process, by, world.now)
            moves = [Move("start", Who(STARTER), data={"project": {"choose": 1}, "district": {"choose": 1}})]
            script = runs.follow(runs.of_draft(session, draft, world.now), moves)
            runs.keep(session, script, by, world.now)
        browser = house.visit(name)
        browser.get("/designer/")
        typed = {key: value.replace("PROJECT", world.project) for key, value in fields.items()}
        return browser, address.format(draft=draft, version=version, kept=script.id), typed

    return ready


def dropping(house: House) -> Any:
    """The same, of a draft beside which a test lies."""
    browser, _address, _typed = playing("")(house)
    world = house.world
    with world.session() as session:
        open_one = drafts.of_process(session, world.process)
        assert open_one is not None
        test = rehearsal_tests.Test(f"第{house.count}次", (Move("start", Who(STARTER)),))
        rehearsal_tests.keep(session, open_one.id, test, world.acting(next(iter(world.people))), world.now)
    return browser, f"/designer/drafts/{open_one.id}/tests/drop", {"name": test.name}


START = {"_move": "start", "_who": STARTER, "project": "PROJECT", "district": "130402"}
POSTS = {
    "begin a rehearsal": Post(
        "/designer/drafts/<draft>/rehearse", playing("/designer/drafts/{draft}/rehearse", **START), KEPT
    ),
    "begin one of a version": Post(
        "/designer/versions/<version>/rehearse",
        playing("/designer/versions/{version}/rehearse", **START),
        KEPT,
    ),
    "make a move": Post(
        "/designer/rehearsals/<rehearsal_id>",
        playing("/designer/rehearsals/{kept}", _move="skip", _to="days", _days="2"),
        KEPT,
    ),
    "drop a test": Post(
        "/designer/drafts/<draft>/tests/drop",
        dropping,
        AUDIT | {"design_state.files", "design_content", "design_content.used_at"},
    ),
    "keep a test": Post(
        "/designer/rehearsals/<rehearsal_id>/test",
        playing("/designer/rehearsals/{kept}/test", name="发起后等待建档"),
        frozenset({"design_state.files", "design_content", "design_content.used_at"}),
    ),
}
