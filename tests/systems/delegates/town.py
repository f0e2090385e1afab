"""The people and objects of the guards' table of delegates: two convening units, two invited units, a person."""

from __future__ import annotations

from sqlalchemy import select

from app.platform.data import new_id, transaction
from app.platform.identity import accounts
from app.systems.delegates.entities import Congress, Invitation, Slate
from app.systems.delegates.roles import CONVENER
from tests.pages import House
from tests.processes.test_delegates_congress_setup import create
from tests.rooms.matrix import ABSENT, Town
from tests.systems.delegates.filling import recommend
from tests.systems.delegates.world import (
    CONGRESS,
    CONVENING,
    LIAISON_ONE,
    LIAISON_TWO,
    USERNAMES,
    World,
)

NEXT, BYSTANDER, SHUT = "外市经办", "过路人", "停用经办"


def know(house: House) -> World:
    """Let the house know whom its world gave an account; the world."""
    world = house.world
    assert isinstance(world, World)
    house.usernames |= USERNAMES
    return world


def settle(house: House) -> Town:
    """Let everybody of the table live in the house."""
    world = know(house)
    house.app.config["PROPAGATE_EXCEPTIONS"] = False  # a failure is an answer too: 500
    far = world.settle_unit("邢台市科学技术协会", "130500")
    for name, username, role, unit in (
        (NEXT, "convening2", CONVENER, far),
        (SHUT, "convening3", CONVENER, world.association),
        (BYSTANDER, "bystander1", "", ""),
    ):
        if role:
            world.appoint(name, role, unit)
        else:
            world.enter(name)
        house.account(name, username)
    browsers = {
        "visitor": house.browser(),
        "disabled": house.visit(SHUT),
        "convener": house.visit(CONVENING),
        "next_convener": house.visit(NEXT),
        "liaison": house.visit(LIAISON_ONE),
        "other_liaison": house.visit(LIAISON_TWO),
        "bystander": house.visit(BYSTANDER),
    }
    draft = create(world)
    with world.session() as session:
        accounts.disable(session, world.people[SHUT], None, world.now)
        invitation = session.scalars(
            select(Invitation.id).where(
                Invitation.congress_id == world.congress, Invitation.unit_id == world.unit
            )
        ).one()
        assert session.get_one(Congress, draft).name != CONGRESS
    recommend(world, "李海")
    recommend(world, "王清")
    objects = {
        "reviewed": world.candidate("王清").id,
        "slate": _slate(world),
        "absent": ABSENT,
        "congress": world.congress,
        "draft": draft,
        "invitation": invitation,
        "candidate": world.candidate("李海").id,
    }
    return Town(house, browsers, objects)


def _slate(world: World) -> str:
    """A report of the first unit, as a row; its id."""
    identifier = new_id()
    with world.session() as session, transaction(session):
        congress = session.get_one(Congress, world.congress)
        session.add(
            Slate(
                id=identifier,
                instance_id=new_id(),
                congress_id=congress.id,
                unit_id=world.unit,
                place=congress.place,
                serial=1,
                number="SB20260000",
                roster=[],
                opened_at=world.now,
                reported_at=world.now,
            )
        )
    return identifier
