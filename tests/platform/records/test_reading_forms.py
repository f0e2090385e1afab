"""Whoever looks after an instance reads its form on its page, as far as a register shows him its fields: with masks."""

from __future__ import annotations

import pytest

from app.platform.identity import roles
from app.platform.records import chains
from app.platform.runtime import instances, submissions
from app.platform.runtime.errors import Unknown
from app.platform.runtime.submissions import LastEntry
from tests.empty_world import EmptyWorld
from tests.platform.records.purchases import CLERK, PROCESS, sent

ADMINISTRATOR = roles.ADMINISTRATOR.key
OFFERED = {"item", "kind", "count", "amount", "needed", "urgent", "phone", "reason"}


def read(world: EmptyWorld, instance: str, name: str) -> LastEntry | None:
    with world.session() as session:
        by = world.acting(name)
        return submissions.last_entry(session, instances.view(session, instance, by, world.now), by)


def fields(world: EmptyWorld, instance: str, name: str) -> set[str]:
    found = read(world, instance, name)
    return {one.name for one in found.form.visible} if found else set()


def reviewed(world: EmptyWorld, starter: str = "职员甲") -> str:
    instance = world.start(PROCESS, starter, sent())
    world.decide(instance, "review", "approve", "负责人甲", {"granted": ["2"]})
    return instance


def test_who_looks_after_it_reads_every_field_and_no_number_in_full(world: EmptyWorld) -> None:
    instance = reviewed(world)
    found = read(world, instance, "平台员")
    assert found is not None
    assert not found.in_full
    assert not found.form.writable
    assert fields(world, instance, "平台员") == OFFERED | {"granted"}


def test_a_register_shows_no_field_that_the_form_hides(world: EmptyWorld) -> None:
    instance = reviewed(world)
    chain = chains.get(PROCESS)
    assert chain is not None
    for name in ("平台员", "负责人甲", "组员一"):
        assert chain.sees(world.acting(name)) <= fields(world, instance, name), name
    assert chain.starter_sees <= fields(world, instance, "职员甲")


def test_the_administrator_of_the_place_reads_it_and_of_another_place_does_not(world: EmptyWorld) -> None:
    instance = reviewed(world)
    world.enter("本市管理员", ADMINISTRATOR, "130400")
    world.enter("别市管理员", ADMINISTRATOR, "130500")
    assert fields(world, instance, "本市管理员") == OFFERED | {"granted"}
    with pytest.raises(Unknown):
        read(world, instance, "别市管理员")


def test_looking_after_another_place_opens_nothing_more_to_a_reviewer(world: EmptyWorld) -> None:
    instance = reviewed(world)
    world.enter("职员丁", CLERK, "130402")
    own = world.start(PROCESS, "职员丁", sent())
    world.decide(own, "review", "approve", "负责人甲", {"granted": ["1"]})
    world.enter("职员丁", ADMINISTRATOR, "130500")
    assert fields(world, own, "职员丁") == OFFERED, "his own, elsewhere"
    world.enter("负责人甲", ADMINISTRATOR, "130500")
    assert fields(world, instance, "负责人甲") == OFFERED | {"granted"}, "by his own step alone"
    found = read(world, instance, "负责人甲")
    assert found is not None
    assert found.in_full


def test_nobody_looks_after_what_he_has_started_himself(world: EmptyWorld) -> None:
    world.enter("平台职员", CLERK, "130402")
    world.enter("平台职员", ADMINISTRATOR, "")
    instance = reviewed(world, "平台职员")
    assert fields(world, instance, "平台职员") == OFFERED


def test_an_onlooker_reads_nothing(world: EmptyWorld) -> None:
    instance = reviewed(world)
    for name in ("旁人", "职员乙", "负责人乙"):
        with pytest.raises(Unknown):
            read(world, instance, name)
