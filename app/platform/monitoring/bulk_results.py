"""What came of verbs in bulk: runs with their counts, their rows with why, and the workbook of results."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.platform import sheets
from app.platform.identity import people
from app.platform.identity.entities import Region, Unit
from app.platform.jobs import walking
from app.platform.jobs.entities import Errand
from app.platform.monitoring import bulk, bulk_verbs
from app.platform.monitoring.bulk_entities import Bulk, BulkRow
from app.platform.monitoring.bulk_verbs import Wish
from app.platform.monitoring.reach import managed
from app.platform.monitoring.wording import place_of
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Instance
from app.platform.runtime.errors import Unknown
from app.platform.sheets import results_file
from app.platform.sheets.writing import Cell

PAGE: Final = 20
CHUNK: Final = 1_000
RESULTS: Final[Mapping[str, Words]] = {
    "done": Words("成功", "Done"),
    "failed": Words("失败", "Failed"),
    "skipped": Words("跳过", "Skipped"),
}
WAITING: Final = Words("未处理", "Not yet")
TITLES: Final = ("编号", "事项", "地区", "结果", "原因")
_SHOWN: Final = (Instance.number, Instance.title, Instance.place, Region.full_name, Unit.name.label("unit"))


@dataclass(frozen=True, slots=True)
class Standing:
    """A run as pages show it. `undone`: the run that took it back; `undo_until`: set as long as that is possible."""

    id: str
    verb: str
    wish: Wish
    asked: Mapping[str, Any]
    by: str
    by_id: str
    at: datetime
    ended_at: datetime | None
    state: str
    total: int
    results: Mapping[str, int]
    file: str | None
    undoing: str | None
    undone: str | None
    undo_until: datetime | None

    @property
    def done(self) -> int:
        """How many have a result."""
        return sum(self.results.values())

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state != "running"


@dataclass(frozen=True, slots=True)
class Row:
    """What has become of one instance. `result` "" as long as its turn has not come."""

    instance: str
    number: str | None
    title: str
    region: Words
    result: str
    why: Words | None


def of(session: Session, by: Acting, now: datetime, page: int = 1) -> tuple[list[Standing], int]:
    """One page (from 1) of the runs `by` may see, the newest first, and how many there are. Four statements."""
    mine = bulk.visible(by)
    total = session.scalar(select(func.count()).select_from(Bulk).where(mine)) or 0
    return _standings(session, now, page, mine), total


def get(session: Session, identifier: str, by: Acting, now: datetime) -> Standing:
    """One of them. Raises `Unknown`."""
    found = _standings(session, now, 1, Bulk.id == identifier, bulk.visible(by))
    if not found:
        raise Unknown(identifier)
    return found[0]


def rows(
    session: Session, identifier: str, by: Acting, result: str = "", page: int = 1
) -> tuple[list[Row], int]:
    """One page of a run's instances that lie within reach, those of one result or all. Two statements."""
    where: list[Any] = [BulkRow.bulk_id == identifier, managed(by)]
    if result in RESULTS:
        where.append(BulkRow.result == result)
    joined = select(func.count()).select_from(BulkRow).join(Instance, Instance.id == BulkRow.instance_id)
    total = session.scalar(joined.where(*where)) or 0
    asked = _told().where(*where).order_by(BulkRow.instance_id)
    found = session.execute(asked.offset((max(page, 1) - 1) * PAGE).limit(PAGE))
    return [_row(row) for row in found], total


def results(session: Session, identifiers: Collection[str]) -> dict[str, dict[str, int]]:
    """How many have come to what, by run. One statement."""
    counts: dict[str, dict[str, int]] = {}
    asked = (
        select(BulkRow.bulk_id, BulkRow.result, func.count())
        .where(BulkRow.bulk_id.in_(identifiers), BulkRow.result.is_not(None))
        .group_by(BulkRow.bulk_id, BulkRow.result)
    )
    for identifier, result, number in session.execute(asked):
        counts.setdefault(identifier, {})[str(result)] = number
    return counts


def workbook(session: Session, row: Any) -> results_file.Made:
    """Write the results of a run to the storage; outside a transaction."""
    titles = [sheets.Title(said, width) for said, width in zip(TITLES, (18, 44, 30, 10, 60), strict=True)]
    name = f"批量{bulk_verbs.NAMES[row.verb].zh}结果"
    return results_file.write(session, name, titles, _lines(session, row.id), "结果")


def _lines(session: Session, identifier: str) -> Iterator[Sequence[Cell]]:
    """The rows of the workbook, a thousand read at a time."""
    last = ""
    while True:
        asked = _told().where(BulkRow.bulk_id == identifier, BulkRow.instance_id > last)
        found = [_row(row) for row in session.execute(asked.order_by(BulkRow.instance_id).limit(CHUNK))]
        if not found:
            return
        for one in found:
            result = RESULTS[one.result].zh if one.result else WAITING.zh
            yield [
                one.number or one.instance,
                one.title,
                one.region.zh,
                result,
                one.why.zh if one.why else "",
            ]
        last = found[-1].instance


def _told() -> Any:
    return (
        select(BulkRow.instance_id, BulkRow.result, BulkRow.why, *_SHOWN)
        .join(Instance, Instance.id == BulkRow.instance_id)
        .outerjoin(Region, Region.path == Instance.place)
        .outerjoin(Unit, Unit.path == Instance.place)
    )


def _row(row: Any) -> Row:
    why = Words(*row.why) if row.why else None
    return Row(row.instance_id, row.number, row.title, place_of(row), row.result or "", why)


def _standings(session: Session, now: datetime, page: int, *where: Any) -> list[Standing]:
    undoing = aliased(Bulk)
    found = session.execute(
        select(Bulk.__table__, Errand.state.label("errand_state"), undoing.id.label("undone"))
        .outerjoin(Errand, Errand.id == Bulk.errand_id)
        .outerjoin(undoing, undoing.undoing_id == Bulk.id)
        .where(*where)
        .order_by(Bulk.asked_at.desc(), Bulk.id.desc())
        .offset((max(page, 1) - 1) * PAGE)
        .limit(PAGE)
    ).all()
    counts = results(session, [row.id for row in found])
    names = people.names(session, {row.asked_by_id for row in found})
    return [_standing(row, counts.get(row.id, {}), names, now) for row in found]


def _standing(row: Any, counts: Mapping[str, int], names: Mapping[str, str], now: datetime) -> Standing:
    can_go_back = bulk.may_undo(row, now) and row.undone is None and bool(counts.get("done"))
    return Standing(
        row.id,
        row.verb,
        Wish(**row.wish),
        row.asked,
        names.get(row.asked_by_id, ""),
        row.asked_by_id,
        row.asked_at,
        row.ended_at,
        walking.rests(row.state, row.errand_state),
        row.total,
        counts,
        row.file_id,
        row.undoing_id,
        row.undone,
        row.ended_at + bulk.UNDONE_WITHIN if can_go_back else None,
    )
