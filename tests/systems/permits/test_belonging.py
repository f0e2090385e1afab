"""Applications and declarations belong to the district they are about: its administrators find them in the monitor."""

from __future__ import annotations

from app.platform.identity import regions
from app.platform.runtime.entities import Instance
from tests.systems.permits.world import World


def test_an_application_belongs_to_its_district(world: World) -> None:
    instance = world.apply(district="130402")
    with world.session() as session:
        assert session.get_one(Instance, instance).place == regions.path_of(session, "130402")
