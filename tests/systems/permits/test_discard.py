"""A draft application can be thrown away; one that was submitted cannot (C-45, PR-P1)."""

from __future__ import annotations

import pytest

from app.platform.runtime import doctor, errors, instances
from app.systems.permits import queries, verbs
from tests.world import World, profile


def test_a_draft_is_discarded_and_the_pair_may_be_applied_for_again(world: World) -> None:
    instance = world.apply()
    with world.session() as session:
        verbs.discard(session, instance, world.acting("组织者甲"), world.now)
        assert doctor.examine(session, world.now) == []
    assert world.open_elements(instance) == []
    assert world.apply() != instance


def test_a_submitted_application_cannot_be_discarded(world: World) -> None:
    instance = world.apply()
    world.decide(instance, "file_profile", "save", sent=profile())
    world.decide(instance, "submit", "submit")
    with world.session() as session, pytest.raises(errors.Unknown):
        verbs.discard(session, instance, world.acting("组织者甲"), world.now)


def test_nobody_discards_for_another(world: World) -> None:
    instance = world.apply()
    for name in ("组织者乙", "市级"):
        with world.session() as session, pytest.raises(errors.Unknown):
            verbs.discard(session, instance, world.acting(name), world.now)


def test_only_districts_of_a_city_with_an_administrator_are_offered(world: World) -> None:
    """EN-P2: what nobody could review cannot be applied for."""
    with world.session() as session:
        offered = [row.code for row in queries.districts(session, world.now)]
    assert offered == ["130402", "130403", "130404", "130502"]


def test_the_title_follows_the_name_in_the_profile(world: World) -> None:
    instance = world.apply()
    world.decide(instance, "file_profile", "save", sent=profile(full_name="欧阳明"))
    world.decide(instance, "submit", "submit")
    with world.session() as session:
        view = instances.view(session, instance, world.acting("组织者甲"), world.now)
    assert view.title.startswith("欧阳明 · ")
