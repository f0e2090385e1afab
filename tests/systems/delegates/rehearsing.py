"""What the tests beside the diagrams of delegates need: a unit that convenes, two that elect, people on their way."""

from __future__ import annotations

from sqlalchemy import insert, select

from app.platform.data import transaction
from app.platform.identity import regions, units
from app.platform.identity.entities import Unit
from app.systems.delegates.dialog import phone_hash
from app.systems.delegates.entities import Candidate
from app.systems.delegates.roles import LIAISON
from tests.systems.delegates import slating
from tests.systems.delegates.world import LIAISON_ONE, UNIT, World

CONVENER, GREEN, RED, CONGRESS, CANDIDATE = (
    f"REHEARSE{name:0>18}" for name in ("CONVENER", "GREEN", "RED", "CONGRESS", "CANDIDATE")
)
PHONE = "13800009001"


def arrange(world: World) -> None:
    """Found the units, hold a congress, let one unit have a right slate and another a wrong one, recommend somebody."""
    found(world, CONVENER, "演练换届单位", "130400")
    found(world, GREEN, "演练选举单位一", "130402")
    found(world, RED, "演练选举单位二", "130403")
    world.hold_congress("演练代表大会", at=CONVENER, id=CONGRESS)
    world.congress = CONGRESS
    for unit, slate in ((GREEN, slating.RIGHT), (RED, slating.RIGHT[:1])):
        world.appoint(LIAISON_ONE, LIAISON, unit)
        world.invite(unit)
        world.units[UNIT] = unit
        slating.waiting(world, slate)
    recommend(world)


def found(world: World, unit: str, name: str, region: str) -> None:
    """Found a unit with this id."""
    with world.session() as session, transaction(session):
        path = f"{regions.path_of(session, region)}u{unit}/"
        session.execute(insert(Unit).values(id=unit, name=name, region_code=region, path=path))


def recommend(world: World) -> None:
    """Enter a candidate of the unit with the wrong slate whose chain has not begun."""
    person = world.enter("演练被推荐人")
    with world.session() as session, transaction(session):
        facts = units.get(session, RED)
        assert facts is not None
        values = {
            "id": CANDIDATE,
            "instance_id": "",
            "congress_id": CONGRESS,
            "unit_id": RED,
            "place": facts.path,
            "person_id": person,
            "name": "演练被推荐人",
            "phone": PHONE,
            "phone_hash": phone_hash(PHONE),
            "identity": "delegate",
            "recommended_at": world.now,
        }
        session.execute(insert(Candidate).values(**values))
        assert session.scalar(select(Candidate.id).where(Candidate.id == CANDIDATE)) == CANDIDATE
