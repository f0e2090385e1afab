"""What has ended is forgotten when its time is over: nothing typed is left, and the record still verifies."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.platform import settings
from app.platform.audit import verify
from app.platform.documents.entities import File
from app.platform.personnel import retention
from app.platform.registry import Forgetting, Hooks, house
from app.platform.runtime import doctor, history
from app.platform.runtime.entities import Entry, Instance
from tests.world import World


@pytest.fixture(autouse=True)
def as_released(world: World) -> None:
    settings.forget()


def ended(world: World) -> str:
    instance = world.to_review()
    world.decide(instance, "city_review", "approve", "市级", comment="同意，材料齐全")
    world.work()
    return instance


def test_what_was_typed_is_gone_and_who_decided_stays(world: World) -> None:
    instance, running = ended(world), world.to_review("组织者乙", "130404")
    later = world.now + timedelta(days=31)
    with world.session() as session:
        assert not retention.erase(session, running, None, later, "test")
        assert retention.erase(session, instance, None, later, "test")
        assert not retention.erase(session, instance, None, later, "test")
    with world.session() as session:
        rows = history.of(session, instance)
        assert [row.kind for row in rows]
        assert not any(row.body for row in rows)
        assert {row.by_name for row in rows} >= {"市级", "组织者甲"}
        assert not any(session.scalars(select(Entry.values).where(Entry.instance_id == instance)))
        assert session.scalar(select(func.count()).select_from(File).where(File.instance_id == instance)) == 0
        assert session.scalar(select(Instance.title).where(Instance.id == instance)) == retention.GONE
        assert history.first_bad_row(session, instance) is None
        assert verify(session) is None
        assert doctor.examine(session, later) == []


def test_only_what_is_due_is_forgotten_and_only_where_a_period_is_set(world: World) -> None:
    instance = ended(world)
    with world.session() as session:
        assert retention.sweep(session, world.now + timedelta(days=4000)) == 0
        settings.change(session, retention.PERIODS, {world.process: 2}, None, world.now)
        settings.catch_up(session)
        assert retention.sweep(session, world.now + timedelta(days=45)) == 0
        (found,) = [k for k in retention.standing(session, world.now + timedelta(days=70)) if k.months]
        assert (found.ended, found.due) == (1, 1)
        assert retention.sweep(session, world.now + timedelta(days=70)) == 1
        assert retention.sweep(session, world.now + timedelta(days=70)) == 0
        assert session.scalar(select(Instance.record_key).where(Instance.id == instance)) is None


@pytest.mark.parametrize("months", [0, -1, 1201, "12", True, None])
def test_a_period_is_a_number_of_months(world: World, months: object) -> None:
    with world.session() as session, pytest.raises(settings.BadSetting):
        settings.change(session, retention.PERIODS, {"x": months}, None, world.now)


def test_a_system_that_forgets_nothing_is_said_to(world: World) -> None:
    """Fairs keeps applications in a table of its own and has not said how they are cleared."""
    with world.session() as session:
        (found,) = [one for one in retention.standing(session, world.now) if one.process == world.process]
    assert found.left == retention.UNTOUCHED


def test_whoever_forgets_is_called_once_in_the_same_transaction(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance, told = ended(world), []

    def refuse(session: object, instance: str, now: object) -> None:
        told.append(instance)
        raise ValueError("not yet")

    monkeypatch.setitem(house.forgetters, world.process, Forgetting(refuse))
    with world.session() as session, pytest.raises(ValueError, match="not yet"):
        retention.erase(session, instance, None, world.now, "test")
    with world.session() as session:
        assert session.scalar(select(Instance.record_key).where(Instance.id == instance)) is not None
        monkeypatch.setitem(house.forgetters, world.process, Forgetting(lambda *given: told.append(given[1])))
        assert retention.erase(session, instance, None, world.now, "test")
        assert not retention.erase(session, instance, None, world.now, "test")
        assert told == [instance, instance]
        assert retention.left_of(world.process, world.system) is None


def test_only_ones_own_chain_is_forgotten() -> None:
    hooks = Hooks("fairs")
    hooks.forget("fairs_application")(lambda *given: None)
    for process in ("fairs_application", "permits_declaration_review"):
        with pytest.raises(ValueError, match="forgotten already, or is another system's"):
            hooks.forget(process)(lambda *given: None)
