"""The list below a process's drawing, on both databases: business fields among its columns, as they may be shown."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event, select, update

from app.platform import lists
from app.platform.data import transaction
from app.platform.identity import roles
from app.platform.lists import catalogue, choosing
from app.platform.monitoring import folding, process_figures, truth
from app.platform.runtime.entities import Instance, Task, Version
from app.rooms.monitor import process_lists
from tests.empty_world import EmptyWorld
from tests.platform.records import purchases
from tests.platform.records.conftest import world
from tests.platform.records.purchases import PROCESS, sent

__all__ = ["world"]
NAME = f"monitor/process-{PROCESS}"


@pytest.fixture
def watched(world: EmptyWorld) -> EmptyWorld:
    """Two purchases, one of them overdue; administrators everywhere and in the next city."""
    world.enter("全国管", roles.ADMINISTRATOR.key)
    world.enter("邻市管", roles.ADMINISTRATOR.key, "130500")
    late = world.start(PROCESS, "职员甲", sent())
    world.start(PROCESS, "职员甲", sent(item="打印机", phone="13800001234"))
    world.now += timedelta(days=4)
    with world.session() as session, transaction(session):
        session.execute(update(Task).values(due_at=world.now + timedelta(days=9)))
        session.execute(
            update(Task).where(Task.instance_id == late).values(due_at=world.now - timedelta(days=1))
        )
    return world


def fetched(world: EmptyWorld, name: str, every: bool = False, **asked: str) -> lists.Page:
    listing, by = process_lists.get(PROCESS), world.acting(name)
    assert listing is not None
    with world.session() as session:
        question = lists.read(listing, session, by, asked)
        columns = listing.columns if every else choosing.columns(listing, NAME, session, by)
        return lists.fetch(listing, session, by, question, world.now, columns)


def test_business_fields_are_columns_whoever_wants_them_may_choose(watched: EmptyWorld) -> None:
    assert not [column.key for column in fetched(watched, "全国管").columns if column.key.startswith("f_")]
    listing, by = process_lists.get(PROCESS), watched.acting("全国管")
    assert listing is not None
    shown = [column.key for column in fetched(watched, "全国管").columns]
    with watched.session() as session:
        choosing.choose(listing, NAME, [*shown, "f_item", "f_amount"], session, by, watched.now)
    page = fetched(watched, "全国管")
    assert [column.key for column in page.columns] == [*shown, "f_item", "f_amount"]
    assert {line.cells["f_item"] for line in page.rows} == {"笔记本电脑", "打印机"}
    assert {line.cells["f_amount"] for line in page.rows} == {Decimal("18000.50")}


def test_what_is_sensitive_or_masked_is_no_column(watched: EmptyWorld) -> None:
    page = fetched(watched, "全国管", every=True)
    assert {"f_phone", "f_reason"}.isdisjoint(column.key for column in page.columns)
    assert "13800001234" not in str([line.cells for line in page.rows])


def test_each_column_says_where_a_case_is(watched: EmptyWorld) -> None:
    (line,) = fetched(watched, "全国管", trouble="overdue").rows
    assert line.cells["starter"] == "职员甲"
    assert line.cells["step"].zh
    assert line.cells["stayed"].zh.endswith("个工作日")
    assert line.cells["due"].overdue
    assert line.cells["version"] == "v1"
    assert line.cells["changed_at"] is not None


def test_nobody_sees_beyond_his_reach(watched: EmptyWorld) -> None:
    assert fetched(watched, "全国管").total == 2
    assert fetched(watched, "邻市管").total == 0
    assert fetched(watched, "邻市管", state="", element="review").total == 0


@pytest.mark.parametrize("few", [process_lists.FEW, 0])
def test_the_figures_are_what_the_list_counts(
    watched: EmptyWorld, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the database is told to look for the instances of a step."""
    monkeypatch.setattr(process_lists, "FEW", few)
    with watched.session() as session:
        folding.fold(session, watched.now)
    days = ((watched.now - timedelta(days=30)).date(), watched.now.date())
    for name, reach in (("全国管", ("",)), ("邻市管", ("130000/130500/",))):
        with watched.session() as session:
            whole, elements = process_figures.of(session, PROCESS, reach, watched.now, days)
        assert whole.running == fetched(watched, name).total
        assert whole.overdue == fetched(watched, name, trouble="overdue").total
        for element, figures in elements.items():
            assert figures.open == fetched(watched, name, element=element).total
            assert figures.overdue == fetched(watched, name, element=element, trouble="overdue").total


def test_the_figures_take_four_statements(watched: EmptyWorld) -> None:
    lines: list[str] = []
    event.listen(watched.engine, "before_cursor_execute", lambda *given: lines.append(given[2]))
    days = (watched.now.date(), watched.now.date())
    with watched.session() as session:
        process_figures.of(session, PROCESS, ("",), watched.now, days)
    assert len([line for line in lines if line.startswith("SELECT")]) == 4
    assert not [line for line in lines if "runtime_history" in line]


@pytest.mark.parametrize(
    ("reach", "region", "found"),
    [
        (("",), None, ("",)),
        (("",), "130000/", ("130000/",)),
        (("130000/130400/",), "130000/", ("130000/130400/",)),
        (("130000/130400/",), "130000/130500/", ()),
        (("130000/130400/=",), "130000/130400/", ("130000/130400/=",)),
        (("130000/=", "140000/"), "130000/", ("130000/=",)),
    ],
)
def test_a_region_narrows_a_reach_and_never_widens_it(
    reach: tuple[str, ...], region: str | None, found: tuple[str, ...]
) -> None:
    assert process_figures.narrowed(reach, region) == found


def test_a_new_version_has_its_fields_and_its_filter(watched: EmptyWorld) -> None:
    asked = purchases.form(size=purchases.field("text", "size", "规格", "Size", maxlength=20))
    purchases.publish(watched, purchases.files(asked=asked))
    fetched_all = fetched(watched, "全国管", every=True)
    assert "f_size" in [column.key for column in fetched_all.columns]
    assert fetched(watched, "全国管", version="1").total == 2
    assert fetched(watched, "全国管", version="2").total == 0


def test_the_past_of_a_version_is_what_was_decided_on_it(watched: EmptyWorld) -> None:
    with watched.session() as session:
        folding.fold(session, watched.now)  # what is counted anew counts for the version it is on now
        (first,) = session.scalars(select(Version.id).where(Version.process == PROCESS))
        on_first = session.scalars(select(Instance.id).where(Instance.process == PROCESS)).first()
    assert on_first is not None
    asked = purchases.form(size=purchases.field("text", "size", "规格", "Size", maxlength=20))
    purchases.publish(watched, purchases.files(asked=asked))
    on_second = watched.start(PROCESS, "职员甲", sent())
    for instance in (on_first, on_second):
        watched.decide(instance, "review", "reject", "负责人甲", comment="不同意")
    with watched.session() as session, transaction(session):
        second = session.scalars(select(Version.id).where(Version.id != first)).one()
        session.execute(
            update(Instance).where(Instance.id == on_first).values(version_id=second)
        )  # it moves on
    with watched.session() as session:
        folding.fold(session, watched.now)
        assert list(truth.examine(session, watched.now)) == []
        day = (watched.now.date(), watched.now.date())
        for version, decided, ended in ((first, 1, 0), (second, 1, 2), (None, 2, 2)):
            whole, elements = process_figures.of(session, PROCESS, ("",), watched.now, day, version)
            assert (elements["review"].decided, whole.ended) == (decided, ended)


def test_the_list_is_one_of_the_catalogue_s(watched: EmptyWorld) -> None:
    assert catalogue.get(NAME) is process_lists.get(PROCESS)
