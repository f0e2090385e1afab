"""The people of the monitor's matrix: administrators here, next door and of all; and who looks after nothing."""

from __future__ import annotations

from app.platform.identity import roles
from app.platform.monitoring import bulk, bulk_choosing, repair_requests
from app.platform.monitoring.bulk_choosing import Picked
from app.platform.monitoring.bulk_verbs import Wish
from app.platform.monitoring.repair_lines import Line
from app.platform.runtime.entities import Instance
from tests.pages import House
from tests.rooms.matrix import ABSENT, Town, leave, neighbours
from tests.rooms.monitor import cases

PEOPLE = {
    "platform": ("平台管", roles.ADMINISTRATOR.key, ""),
    "city": ("市平台管", roles.ADMINISTRATOR.key, "130400"),
    "next_city": ("邻市平台管", roles.ADMINISTRATOR.key, "130500"),
    "designer": ("流程管", roles.DESIGNER.key, ""),
    "system": ("系统管", roles.SYSTEM.key, ""),
    "region": ("市区域管", roles.REGIONAL.key, "130400"),
    "former": ("前平台管", roles.ADMINISTRATOR.key, "130400"),
}
"""Each a person of the world with one post; `former`'s has ended."""

WATCHING = ("platform", "city", "next_city")
"""Who may enter the room."""
HERE = ("platform", "city")
"""Within whose reach the town's cases lie."""


def _in_the_city(house: House) -> str:
    """A case that was started in the city; those of people without a place belong to nobody but the platform's."""
    world = house.world
    instance = world.to_review(house.settle())
    with world.session() as session, session.begin():
        cases.lie_in(session, cases.COUNTY, instance)
    return instance


def _asked(house: House, instance: str) -> str:
    """A repair that somebody has asked for who is no administrator any more."""
    world = house.world
    with world.session() as session:
        revision, by = session.get_one(Instance, instance).revision, world.acting("前平台管")
        line = [Line("end")]
        return repair_requests.ask(session, instance, line, "误发起的事项", revision, 0, by, world.now)


def _run(house: House, instance: str) -> str:
    """A run in bulk that the city's administrator has begun, and that nobody works at."""
    world = house.world
    with world.session() as session:
        by, picked, wish = world.acting("市平台管"), Picked((instance,)), Wish("suspend", "统一暂停办理")
        found = bulk_choosing.sort(bulk_choosing.look(session, picked, by, world.now), wish, by, world.now)
        confirmed, question = bulk.Confirmed(1, found.mark), bulk.Question("instances", {})
        return bulk.begin(session, picked, wish, question, confirmed, by, world.now)


def settle(house: House) -> Town:
    """Let the administrators live in the house, with an applicant, a reviewer and a visitor beside them."""
    world = house.world
    browsers = neighbours(house, PEOPLE, "watches")
    instance = world.to_review(house.settle())
    watched = _in_the_city(house)
    objects = {
        "absent": ABSENT,
        "process": world.process,
        "instance": instance,
        "review": world.open_task(instance, "city_review"),
        "watched": watched,
        "asked": _asked(house, watched),
        "run": _run(house, _in_the_city(house)),
    }
    with world.session() as session:
        leave(house, session, "前平台管")
    return Town(house, browsers, objects)
