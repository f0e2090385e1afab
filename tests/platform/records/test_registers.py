"""The generic record: what a register shows whom, what it is narrowed by, and that it says what was entered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from app.platform import lists
from app.platform.data import transaction
from app.platform.lists import catalogue
from app.platform.personnel import retention
from app.platform.records import Value, chains, keeping
from app.platform.runtime import doctor, versions
from app.platform.runtime.entities import Entry, Instance
from tests.empty_world import EmptyWorld
from tests.platform.records import purchases
from tests.platform.records.purchases import PROCESS, sent


def register() -> lists.List:
    found = catalogue.get(f"office/{PROCESS}")
    assert found is not None
    return found


def page(world: EmptyWorld, name: str, **asked: str) -> lists.Page:
    listing, by = register(), world.acting(name)
    with world.session() as session:
        return lists.fetch(listing, session, by, lists.read(listing, session, by, asked), world.now)


def titles(world: EmptyWorld, name: str, **asked: str) -> list[str]:
    return sorted(line.cells["title"] for line in page(world, name, **asked).rows)


def cells(world: EmptyWorld, name: str, **asked: str) -> dict[str, Any]:
    (line,) = page(world, name, **asked).rows
    return dict(line.cells)


def start(world: EmptyWorld, name: str = "职员甲", **over: Any) -> str:
    return world.start(PROCESS, name, sent(**over))


def sound(world: EmptyWorld) -> None:
    with world.session() as session:
        assert doctor.examine(session, world.now, (keeping.examine,)) == []


def test_what_was_entered_stands_in_the_register(world: EmptyWorld) -> None:
    start(world)
    found = cells(world, "职员甲")
    assert found["title"] == "职员甲的设备采购"
    assert found["number"] == "ASE20260001"
    assert found["f_item"] == "笔记本电脑"
    assert found["f_kind"] == ("电脑", "Computer")
    assert found["f_count"] == 3
    assert found["f_amount"] == Decimal("18000.50")
    assert found["f_needed"].isoformat() == "2026-12-01"
    assert found["f_urgent"] == ("是", "Yes")
    assert found["region"] == "邯山区"
    sound(world)


def test_what_is_sensitive_is_never_recorded(world: EmptyWorld) -> None:
    start(world)
    assert {"f_phone", "f_reason"}.isdisjoint(column.key for column in register().columns)
    with world.session() as session:
        assert set(session.scalars(select(Value.field))) == {
            "item",
            "kind",
            "count",
            "amount",
            "needed",
            "urgent",
        }


def test_each_sees_his_own_and_what_his_post_reviews(world: EmptyWorld) -> None:
    for name in ("职员甲", "职员乙", "职员丙"):
        start(world, name)
    of_a, of_b, of_c = (f"职员{each}的设备采购" for each in "甲乙丙")
    assert titles(world, "职员甲") == [of_a]
    assert titles(world, "负责人甲") == [of_a]
    assert titles(world, "负责人乙") == [of_b]
    assert titles(world, "平台员") == sorted([of_a, of_b, of_c])
    assert titles(world, "组员一") == [], "nothing has come to the board yet"
    assert titles(world, "旁人") == []


def test_nobody_finds_in_a_register_what_he_may_not_read(world: EmptyWorld) -> None:
    from app.platform.runtime import policy

    for name in ("职员甲", "职员乙", "职员丙"):
        instance = start(world, name)
        head = name.replace("职员", "负责人")
        if name != "职员乙":
            world.decide(instance, "review", "approve", head)
    for name in world.people:
        rows = page(world, name).rows
        with world.session() as session:
            assert all(policy.may_read(session, world.acting(name), line.row or "") for line in rows)


def test_an_inner_field_is_shown_to_who_is_asked_it_and_never_to_the_starter(world: EmptyWorld) -> None:
    instance = start(world)
    world.decide(instance, "review", "approve", "负责人甲", {"granted": ["2"]})
    columns = tuple(one for one in register().columns if one.key in ("title", "f_granted"))

    def granted(name: str, **asked: str) -> list[Any]:
        listing, by = register(), world.acting(name)
        with world.session() as session:
            question = lists.read(listing, session, by, asked)
            return [
                line.cells["f_granted"]
                for line in lists.fetch(listing, session, by, question, world.now, columns).rows
            ]

    assert granted("负责人甲") == granted("组员一") == granted("平台员") == [2]
    assert granted("职员甲") == [None]
    assert granted("负责人甲", f_granted_from="2") == [2]
    assert granted("职员甲", f_granted_from="2") == [], "nobody learns by filtering"
    sound(world)


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"f_kind": "furniture"}, 1),
        ({"f_count_from": "3", "f_count_to": "3"}, 2),
        ({"f_count_from": "4"}, 1),
        ({"f_amount_to": "18000.50"}, 2),
        ({"f_needed_from": "2026-12-02"}, 1),
        ({"f_needed_to": "2026-12-01"}, 2),
        ({"f_urgent": "no"}, 1),
        ({"f_item": "桌"}, 1),
        ({"f_item": "%"}, 0),
        ({"stage": "待负责人审核"}, 3),
        ({"stage": "已批准"}, 0),
        ({"outcome": "-"}, 3),
        ({"region": "130402"}, 3),
        ({"region": "130400"}, 3),
        ({"region": "130400="}, 0),
        ({"region": "130500"}, 0),
        ({"started_from": "2026-11-16", "started_to": "2026-11-16"}, 3),
        ({"started_from": "2026-11-17"}, 0),
        ({"q": "职员甲"}, 3),
    ],
)
def test_a_register_is_narrowed_by_each_field(world: EmptyWorld, asked: dict[str, str], count: int) -> None:
    start(world)
    start(world, item="办公桌", kind="furniture", count="4", needed="2026-12-24")
    start(world, item="投影仪", kind="other", urgent="no", amount="")
    assert len(page(world, "平台员", **asked).rows) == count
    assert page(world, "平台员", **asked).asked.lost == ()


def test_it_is_sorted_by_numbers_and_days(world: EmptyWorld) -> None:
    for count in ("10", "9", "100"):
        start(world, count=count)
    assert [line.cells["f_count"] for line in page(world, "职员甲", sort="-f_count").rows] == [100, 10, 9]
    assert [line.cells["f_count"] for line in page(world, "职员甲", sort="f_count").rows] == [9, 10, 100]


def test_what_is_corrected_replaces_what_was_said(world: EmptyWorld) -> None:
    instance = start(world)
    world.decide(instance, "review", "return", "负责人甲", comment="数量过多")
    world.decide(instance, "correct", "submit", "职员甲", {"count": ["1"], "amount": [""]})
    found = cells(world, "负责人甲")
    assert (found["f_count"], found["f_amount"]) == (1, None)
    sound(world)


def test_a_register_costs_as_many_statements_for_one_row_as_for_fifty(world: EmptyWorld) -> None:
    said: list[str] = []

    def note(*event_: Any) -> None:
        said.append(event_[2])

    def asked() -> int:
        said.clear()
        page(world, "平台员", size="50")
        return len(said)

    start(world)
    event.listen(world.engine, "before_cursor_execute", note)
    first = asked()
    for number in range(49):
        start(world, count=str(number + 1))
    assert asked() == first <= 9


def test_a_forgotten_instance_is_forgotten_here(world: EmptyWorld) -> None:
    instance = start(world)
    world.decide(instance, "review", "reject", "负责人甲", comment="不同意")
    with world.session() as session:
        assert retention.erase(session, instance, None, world.now, "retention")
        assert session.scalar(select(func.count()).select_from(Value)) == 0
    sound(world)


def test_the_doctor_notices_a_record_that_says_something_else(world: EmptyWorld) -> None:
    instance = start(world)
    with world.session() as session:
        session.execute(update(Value).where(Value.field == "count").values(number=4))
        session.execute(update(Value).where(Value.field == "item").values(field="thing"))
        session.commit()
        found = {one.code for one in keeping.examine(session, world.now)}
        assert found == {"record_differs", "record_lacks"}
        session.execute(update(Instance).where(Instance.id == instance).values(record_key=None))
        session.commit()
        assert "record_kept" in {one.code for one in keeping.examine(session, world.now)}


def test_fields_of_another_version_come_and_go(world: EmptyWorld) -> None:
    start(world)
    asked = purchases.form(
        model={"type": "text", "name": "model", "label": "型号", "label.en": "Model", "maxlength": 40}
    )
    asked["fields"] = [one for one in asked["fields"] if one["name"] != "urgent"]
    purchases.publish(world, purchases.files(asked=asked))
    titles_of = {one.key: one.title.zh for one in register().columns}
    assert titles_of["f_model"] == "型号"
    assert titles_of["f_urgent"] == "是否紧急（旧版）"
    start(world, model="X1", urgent="")
    columns = tuple(register().columns)
    with world.session() as session:
        by = world.acting("职员甲")
        rows = lists.fetch(
            register(), session, by, lists.read(register(), session, by, {}), world.now, columns
        ).rows
    assert sorted((str(line.cells["f_model"]), line.cells["f_urgent"]) for line in rows) == [
        ("None", ("是", "Yes")),
        ("X1", None),
    ]
    sound(world)


def test_a_chain_of_a_system_has_no_register(world: EmptyWorld) -> None:
    with world.session() as session:
        assert [one.process for one in chains.every()] == [PROCESS]
        assert chains.get("permits_permission_application") is None
        assert session.scalar(select(func.count()).select_from(Value)) == 0


def test_what_is_said_again_is_not_written_again(world: EmptyWorld) -> None:
    """An entry that changes nothing costs one question, one that does three statements, and the record is right."""
    instance = start(world)
    said: list[str] = []
    event.listen(world.engine, "before_cursor_execute", lambda *given: said.append(given[2].split()[0]))
    with world.session() as session:
        row = session.execute(select(Entry.form, Entry.values).where(Entry.instance_id == instance)).one()
        drawn = versions.of_instance(session, instance).forms[row.form]
    for values, wanted in (
        (row.values, ["SELECT"]),
        ({**row.values, "count": 4}, ["SELECT", "DELETE", "INSERT"]),
        (dict.fromkeys(row.values), ["SELECT", "DELETE"]),
        (row.values, ["SELECT", "INSERT"]),
    ):
        said.clear()
        with world.session() as session, transaction(session):
            given = {"instance": instance, "process": PROCESS, "form": drawn, "values": values}
            keeping.keep(session, given, world.now)
            asked = [one for one in said if one in ("SELECT", "DELETE", "INSERT")]
            kept = session.scalar(
                select(Value.number).where(Value.instance_id == instance, Value.field == "count")
            )
        assert (asked, kept) == (wanted, values["count"])
    sound(world)
