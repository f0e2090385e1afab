"""Figures of a register: each number is as long as its list, children add up, and the workbook says the same."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from sqlalchemy import event

from app.platform import lists
from app.platform.lists import catalogue
from app.platform.records import chains, figures, taking_out
from app.platform.records.figures import Cell, Figures
from tests.empty_world import MONDAY, EmptyWorld
from tests.platform.records.purchases import PROCESS, sent

QUESTIONS: tuple[dict[str, str], ...] = (
    {},
    {"f_kind": "computer"},
    {"region": "130400"},
    {"region": "130402"},
    {"region": "130402="},
    {"region": "-"},
    {"started_from": "2026-11-20", "started_to": "2026-12-20"},
    {"f_count_from": "3"},
    {"stage": "已批准"},
    {"outcome": "-"},
    {"q": "职员甲"},
)


def asked_of(world: EmptyWorld, name: str, question: Any) -> tuple[Figures, Any]:
    chain, listing = chains.get(PROCESS), catalogue.get(f"office/{PROCESS}")
    assert chain is not None
    assert listing is not None
    by = world.acting(name)
    with world.session() as session:
        asked = lists.read(listing, session, by, question)
        return figures.of(chain, listing, session, by, asked, world.now), asked


def length(world: EmptyWorld, name: str, cell: Cell) -> int:
    listing, by = catalogue.get(f"office/{PROCESS}"), world.acting(name)
    assert listing is not None
    with world.session() as session:
        asked = lists.read(listing, session, by, cell.asked)
        assert asked.lost == (), cell
        return lists.count(listing, session, by, world.now, 10_000, asked)


def cells(found: Figures) -> Iterator[Cell]:
    yield from (found.whole, found.running)
    yield from (line.cell for table in found.tables for line in table.lines)
    yield from (one.cell for one in (*found.months, *found.amounts))


@pytest.fixture
def busy(world: EmptyWorld) -> EmptyWorld:
    """Sixty purchases of three months, in every state there is."""
    chance = random.Random(7)
    heads = {"职员甲": "负责人甲", "职员乙": "负责人乙", "职员丙": "负责人丙"}
    for number in range(60):
        world.now = MONDAY + timedelta(days=number)
        clerk = chance.choice(list(heads))
        over = {
            "kind": chance.choice(["computer", "furniture", "other"]),
            "count": str(chance.randrange(1, 6)),
            "urgent": chance.choice(["yes", "no", ""]),
            "amount": chance.choice(["", "100.10", "2000", "9999.99"]),
        }
        instance = world.start(PROCESS, clerk, sent(**over))
        world.now += timedelta(days=chance.randrange(5))
        way = chance.choice(["", "approve", "reject", "return"])
        if way:
            world.decide(instance, "review", way, heads[clerk], {"granted": ["1"]}, comment="意见")
        if way == "approve" and clerk != "职员丙" and number % 2:
            world.decide(instance, "board", "agree", "组员一")
            world.decide(instance, "board", "agree", "组员二")
    world.now = MONDAY + timedelta(days=90)
    return world


def test_each_number_is_as_long_as_the_list_behind_it(busy: EmptyWorld) -> None:
    looked_at = [
        (name, cell)
        for name in ("平台员", "负责人甲", "职员乙", "组员一")
        for question in QUESTIONS
        for cell in cells(asked_of(busy, name, question)[0])
    ]
    assert len(looked_at) > 400
    for name, cell in random.Random(3).sample(looked_at, 200):
        assert length(busy, name, cell) == cell.count, (name, cell)


def test_children_of_a_region_add_up_to_it(busy: EmptyWorld) -> None:
    found, _ = asked_of(busy, "平台员", {})
    regions = next(table for table in found.tables if table.key == "region").lines
    for place, line in enumerate(regions):
        below = []
        for other in regions[place + 1 :]:
            if other.depth <= line.depth:
                break
            below += [other.cell.count] if other.depth == line.depth + 1 else []
        assert not below or sum(below) == line.cell.count
    assert sum(line.cell.count for line in regions if line.depth == 0) == found.whole.count == 60
    assert [line.words.zh for line in regions[:2]] == ["河北省", "邯郸市"]


def test_what_it_took_is_counted_in_working_days(world: EmptyWorld) -> None:
    for days in (0, 4, 7):  # a Monday; Friday; Monday after
        world.now = MONDAY
        instance = world.start(PROCESS, "职员甲", sent())
        world.now = MONDAY + timedelta(days=days)
        world.decide(instance, "review", "reject", "负责人甲", comment="不同意")
    found, _ = asked_of(world, "平台员", {})
    assert (found.ended, found.median, found.p90) == (3, 5, 6)
    assert [(one.words.en, one.ended, one.median, one.p90) for one in found.months] == [("2026-11", 3, 5, 6)]


def test_a_day_begins_at_midnight_in_shanghai(world: EmptyWorld) -> None:
    world.now = MONDAY.replace(month=11, day=30, hour=15, minute=59)
    world.start(PROCESS, "职员甲", sent())
    world.now += timedelta(minutes=1)
    assert world.now.astimezone(ZoneInfo("Asia/Shanghai")).day == 1
    world.start(PROCESS, "职员甲", sent())
    found, _ = asked_of(world, "平台员", {})
    assert [one.words.en for one in found.months] == ["2026-11", "2026-12"]


def test_sums_are_of_what_the_reader_sees(busy: EmptyWorld) -> None:
    everything, _ = asked_of(busy, "平台员", {})
    assert {one.field.key for one in everything.amounts} == {"count", "amount", "granted"}
    own, _ = asked_of(busy, "职员甲", {})
    assert {one.field.key for one in own.amounts} == {"count", "amount"}
    amount = next(one for one in everything.amounts if one.field.key == "count")
    assert amount.cell.count == 60
    assert amount.total == pytest.approx(amount.mean * 60, abs=1)
    kept, _ = asked_of(busy, "平台员", {"f_count_from": str(amount.most), "f_count_to": str(amount.most)})
    of_most = next(one for one in kept.amounts if one.field.key == "count")
    assert of_most.total == of_most.cell.count * amount.most


def test_figures_cost_as_many_statements_for_sixty_as_for_one(world: EmptyWorld) -> None:
    said: list[str] = []
    event.listen(world.engine, "before_cursor_execute", lambda *call: said.append(call[2]))

    def counted() -> int:
        said.clear()
        asked_of(world, "平台员", {})
        return len(said)

    world.start(PROCESS, "职员甲", sent())
    once = counted()
    for number in range(20):
        world.start(PROCESS, "职员甲", sent(count=str(number + 1)))
    assert counted() == once


def test_the_workbook_says_what_the_page_says(busy: EmptyWorld) -> None:
    found, asked = asked_of(busy, "平台员", {})
    chain = chains.get(PROCESS)
    assert chain is not None
    with busy.session() as session:
        content = taking_out.taken(session, chain, found, asked.typed, "zh", busy.acting("平台员"), busy.now)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book["概况"]["A2"].value == 60
    stages = {row[0]: row[1] for row in book["按状态"].iter_rows(min_row=2, values_only=True)}
    table = next(one for one in found.tables if one.key == "stage")
    assert stages == {line.words.zh: line.cell.count for line in table.lines}
    sums = {row[0]: row[2] for row in book["数值合计"].iter_rows(min_row=2, values_only=True)}
    assert sums == {one.field.title.zh: one.total for one in found.amounts}
