"""The people of the admin room's matrix: each administrator alone, their neighbours, and who has no business there."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from app.platform.identity import permission_codes, regions, roles, units
from app.platform.identity.entities import Person
from app.platform.jobs import errands
from app.platform.personnel import first_passwords
from app.platform.runtime import substitutes
from app.platform.runtime.entities import Task
from app.platform.settings import dictionaries
from tests.pages import House
from tests.rooms.matrix import ABSENT, Town, leave, neighbours

PEOPLE = {
    "system": ("系统管", roles.SYSTEM.key, ""),
    "security": ("安全管", roles.SECURITY.key, ""),
    "audit": ("审计管", roles.AUDIT.key, ""),
    "platform": ("平台管", roles.ADMINISTRATOR.key, ""),
    "designer": ("流程管", roles.DESIGNER.key, ""),
    "province": ("省区域管", roles.REGIONAL.key, "130000"),
    "city": ("市区域管", roles.REGIONAL.key, "130400"),
    "district": ("区区域管", roles.REGIONAL.key, "130402"),
    "sibling": ("邻区区域管", roles.REGIONAL.key, "130403"),
    "next_city": ("邻市区域管", roles.REGIONAL.key, "130500"),
    "former": ("前区域管", roles.REGIONAL.key, "130400"),
}
"""Each a person of the world with one post; `former`'s has ended."""

CITY = "130000/130400/"
REGIONAL = ("province", "city", "district", "sibling", "next_city")
KEEPERS = ("system", "security", "audit", *REGIONAL)
"""Whoever may enter the room at all."""


def settle(house: House) -> Town:
    """Let the administrators live in the house, with a plain applicant, a reviewer and a visitor beside them."""
    world = house.world
    browsers = neighbours(house, PEOPLE, "keeper")
    with world.session() as session:
        leave(house, session, "前区域管")
        dictionaries.seed(session, world.now)
        wanted = permission_codes.Issue(roles.REGIONAL.key, CITY, None, 2, world.now + timedelta(days=30))
        batch = permission_codes.issue(session, wanted, world.acting("市区域管"), world.now)
        own_unit = units.add(session, "邯山区演示学校", "130402", None, world.now)
        mine = world.acting("市区域管")
        taken = errands.keep(
            session,
            first_passwords.KIND,
            first_passwords.TITLE,
            {"post": None},
            {"slips": 2},
            mine,
            world.now,
        )
    lonely, absence = alone_and_away(house)
    objects = {
        "absent": ABSENT,
        "lonely": lonely,
        "citys_absence": absence,
        "own_unit": own_unit,
        "citys_batch": batch,
        "citys_slips": taken,
        **{f"person_{name}": world.people[who[0]] for name, who in PEOPLE.items()},
    }
    return Town(house, browsers, objects)


def alone_and_away(house: House) -> tuple[str, str]:
    """A task of the city's that is named for somebody whose account is shut; and an absence of who is kept there."""
    world = house.world
    task = world.open_task(world.to_review(house.settle()), "city_review")
    away, stand_in = (world.people[house.settle()] for _ in range(2))
    with world.session() as session:
        place = regions.path_of(session, "130400")
        session.execute(update(Task).where(Task.id == task).values(assignee_id=world.people["停用"]))
        session.execute(update(Person).where(Person.id == away).values(place=place))
        session.commit()
        until = world.now + timedelta(days=3)
        by = world.acting("系统管")
        absence = substitutes.appoint(session, away, stand_in, world.now, until, None, by, world.now)
    return task, absence
