"""Units are invited from a workbook: the good rows enter, the wrong one comes back, and all is taken back (PG-D13)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app.platform import sheets
from app.platform.registry import Refused
from app.platform.sheets import catalogue, records
from app.systems.delegates import invitations
from app.systems.delegates.entities import Invitation
from app.systems.delegates.roles import CONVENER
from app.systems.delegates.sheets import UNITS
from tests.processes.test_delegates_congress_setup import create
from tests.systems.delegates.world import (
    CONGRESS,
    CONVENING,
    OTHER_UNIT,
    TERM,
    UNIT,
    World,
)

NAME = "delegates/units"
DRAFT = ("市科协代表会议", "第十次")
FAR = "丛台区青年科学技术协会"
HEADS = [column.title.zh for column in UNITS.columns]


@pytest.fixture(autouse=True)
def _with_the_sheet() -> None:
    sheets.plug()
    catalogue.enter("delegates", [UNITS])


def enter(world: World, folder: Path, rows: Sequence[Sequence[Any]]) -> records.Record:
    """Import a workbook of `rows` as the convener; return its record."""
    path = folder / "units.xlsx"
    sheets.write(path, HEADS, rows)
    by = world.acting(CONVENING)
    (post,) = by.holds(CONVENER)
    with world.session() as session:
        made = sheets.begin(
            session, NAME, sheets.look(UNITS, "受邀单位.xlsx", path.read_bytes()), by, post, world.now
        )
    world.work()
    with world.session() as session:
        found = records.get(session, NAME, made, [post])
    assert found is not None
    return found


def returned(world: World, record: records.Record) -> list[tuple[Any, ...]]:
    """The rows that were given back, each with its reason at the end."""
    with world.session() as session:
        found = records.failures(session, record)
    assert found is not None
    return list(load_workbook(io.BytesIO(found[1])).worksheets[0].iter_rows(values_only=True))


def undo(world: World, record: records.Record) -> bool:
    by = world.acting(CONVENING)
    with world.session() as session:
        return sheets.undo(session, UNITS, record.id, by.holds(CONVENER), by, world.now)


def invited(world: World, congress: str) -> dict[str, str]:
    """Who is invited, by the unit's id, with the liaison."""
    with world.session() as session:
        rows = session.execute(
            select(Invitation.unit_id, Invitation.liaison).where(Invitation.congress_id == congress)
        )
        return {row.unit_id: row.liaison for row in rows}


def test_the_good_rows_enter_the_wrong_one_comes_back_and_all_is_undone(world: World, tmp_path: Path) -> None:
    """PG-D13, C-24 to C-27: the reason names the row; put right it enters; undoing takes back its own import only."""
    draft = create(world, name=DRAFT[0], term=DRAFT[1])
    far = world.settle_unit(FAR, "130403")
    record = enter(
        world,
        tmp_path,
        [
            [*DRAFT, UNIT, "高新甲", "13800000031"],
            [*DRAFT, "没有的单位", "高新乙", "13800000032"],
            [*DRAFT, FAR, "高新丙", "13800000033"],
        ],
    )
    assert (record.state, record.total, record.good, record.bad) == ("done", 3, 2, 1)
    assert invited(world, draft) == {world.unit: "高新甲", far: "高新丙"}
    head, wrong = returned(world, record)
    assert head == (*HEADS, "失败原因")
    assert wrong[:5] == (*DRAFT, "没有的单位", "高新乙", "13800000032")
    assert wrong[5] == f"第3行：{invitations.NO_UNIT.zh}"
    again = enter(world, tmp_path, [[*DRAFT, OTHER_UNIT, "高新乙", "13800000032"]])
    assert (again.good, again.bad) == (1, 0)
    assert undo(world, record)
    assert invited(world, draft) == {world.other_unit: "高新乙"}  # of the other import
    assert set(invited(world, world.congress)) == {world.unit, world.other_unit}
    with pytest.raises(Refused):
        undo(world, record)


def test_an_import_into_a_published_congress_is_not_undone_whole(world: World, tmp_path: Path) -> None:
    """PG-D13: a liaison who was told stays until the convener takes his unit out by hand."""
    far = world.settle_unit(FAR, "130403")
    record = enter(world, tmp_path, [[CONGRESS, TERM, FAR, "高新丁", "13800000034"]])
    assert (record.good, record.bad) == (1, 0)
    with pytest.raises(Refused) as refused:
        undo(world, record)
    assert "联络员已收到通知" in refused.value.words.zh
    assert invited(world, world.congress)[far] == "高新丁"
