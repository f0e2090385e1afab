"""The people of the designer's matrix: who draws, who looks after everything, and who has no business there."""

from __future__ import annotations

from app.platform.design import drafts, runs
from app.platform.identity import roles
from app.platform.runtime import versions
from tests.pages import House
from tests.rooms.matrix import ABSENT, Town, leave, neighbours

PEOPLE = {
    "designer": ("流程管", roles.DESIGNER.key, ""),
    "colleague": ("流程管二", roles.DESIGNER.key, ""),
    "platform": ("平台管", roles.ADMINISTRATOR.key, ""),
    "system": ("系统管", roles.SYSTEM.key, ""),
    "region": ("市区域管", roles.REGIONAL.key, "130400"),
    "former": ("前流程管", roles.DESIGNER.key, ""),
}
"""Each a person of the world with one post; `former`'s has ended."""

DRAWING = ("designer", "colleague", "platform")
"""Who may draw, and publish."""


def settle(house: House) -> Town:
    """Let the designers live in the house, with an applicant, a reviewer and a visitor beside them."""
    world = house.world
    browsers = neighbours(house, PEOPLE, "draws")
    with world.session() as session:
        leave(house, session, "前流程管")
        draft = drafts.reopen(session, world.process, world.acting("流程管"), world.now)
        state = drafts.states(session, draft)[0].id
        version = versions.current(session, world.process).version
        script = runs.follow(runs.of_version(session, version, world.now), ())
        runs.keep(session, script, world.acting("流程管"), world.now)
    objects = {"draft": draft, "state": state, "version": version, "rehearsal": script.id or ""}
    return Town(house, browsers, {"absent": ABSENT, "process": world.process, **objects})
