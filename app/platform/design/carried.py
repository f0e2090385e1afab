"""What came of instances carried over: counts, lists, and the workbook of results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.platform import sheets
from app.platform.design import hindrances
from app.platform.design.publication_entities import Carried, Carrying
from app.platform.identity import people
from app.platform.identity.entities import Region
from app.platform.jobs import walking
from app.platform.jobs.entities import Errand
from app.platform.registry import Words
from app.platform.runtime import versions
from app.platform.runtime.entities import Instance, Version
from app.platform.runtime.errors import Unknown, Unpublishable
from app.platform.sheets import results_file
from app.platform.sheets.writing import Cell

UNDONE_WITHIN: Final = timedelta(hours=24)
CHUNK: Final = 1_000
PAGE: Final = 20
RESULTS: Final[Mapping[str, Words]] = {
    "carried": Words("已迁移", "Carried over"),
    "refused": Words("未能迁移", "Not carried over"),
    "gone": Words("不再需要迁移", "Not needed any more"),
    "forbidden": Words("不在管理范围", "Out of reach"),
    "touched": Words("已有人办理，未撤销", "Somebody has acted since"),
}
REASONS: Final[Mapping[str, Words]] = {
    "forbidden": Words("发起迁移的人不再管理该事项", "Whoever asked does not look after it any more"),
    "touched": Words(
        "迁移后已有新的办理记录，为不影响办理，保留在新版本",
        "Something was done since; it stays on the new version",
    ),
}
TITLES: Final = ("编号", "事项", "地区", "原版本", "新版本", "迁移前步骤", "迁移后步骤", "结果", "原因")
_old, _new = aliased(Version), aliased(Version)


@dataclass(frozen=True, slots=True)
class Standing:
    """A carrying as pages show it. `state`: running, paused, stopped, ended, failed.

    `undone`: the one that took it back. `undo_until` is set as long as it can be taken back.
    """

    id: str
    process: str
    number: int | None
    by: str
    by_id: str
    at: datetime
    ended_at: datetime | None
    state: str
    total: int
    results: Mapping[str, int]
    file: str | None
    errand: str | None
    is_undoing: bool
    undone: str | None
    undo_until: datetime | None

    @property
    def done(self) -> int:
        """How many have a result."""
        return sum(self.results.values())


def of_process(session: Session, process: str, now: datetime, most: int = 20) -> list[Standing]:
    """The carryings of a process, the newest first."""
    return _standings(session, now, most, Carrying.process == process)


def get(session: Session, carrying: str, now: datetime) -> Standing:
    """One of them. Raises `Unknown`."""
    found = _standings(session, now, 1, Carrying.id == carrying)
    if not found:
        raise Unknown(carrying)
    return found[0]


def done(session: Session, carrying: str) -> int:
    """How many instances have a result."""
    return sum(results(session, carrying).values())


def results(session: Session, carrying: str) -> dict[str, int]:
    """How many have come to what."""
    rows = session.execute(
        select(Carried.result, func.count())
        .where(Carried.carrying_id == carrying, Carried.result.is_not(None))
        .group_by(Carried.result)
    )
    return {str(result): number for result, number in rows}


def workbook(session: Session, row: Any) -> results_file.Made:
    """Write the results of a carrying to the storage; outside a transaction."""
    widths = (18, 40, 26, 9, 9, 24, 24, 20, 60)
    titles = [sheets.Title(said, width) for said, width in zip(TITLES, widths, strict=True)]
    return results_file.write(session, f"迁移结果_{row.process}", titles, _lines(session, row.id), "迁移结果")


def _lines(session: Session, carrying: str) -> Iterator[Sequence[Cell]]:
    """The rows of the workbook, a thousand read at a time."""
    names, last = _Names(session), ""
    while True:
        rows = session.execute(
            select(
                Carried.__table__, Instance.number, Instance.title, Region.full_name, _old.number, _new.number
            )
            .join(Instance, Instance.id == Carried.instance_id)
            .outerjoin(Region, Region.path == Instance.place)
            .join(_old, _old.id == Carried.from_id)
            .join(_new, _new.id == Carried.to_id)
            .where(Carried.carrying_id == carrying, Carried.instance_id > last)
            .order_by(Carried.instance_id)
            .limit(CHUNK)
        ).all()
        if not rows:
            return
        for row in rows:
            number, title, region, old, new = row[-5:]
            result = RESULTS[row.result].zh if row.result else "未处理"
            yield [
                number or row.instance_id,
                title,
                region or "",
                old,
                new,
                names.said(row.from_id, row.before),
                names.said(row.to_id, row.after),
                result,
                _reason(row, names),
            ]
        last = rows[-1].instance_id


def _reason(row: Any, names: _Names) -> str:
    if row.result in REASONS:
        return REASONS[row.result].zh
    sentences = []
    for element, words in hindrances.words(row.why or ()):
        at = names.said(row.from_id, [element]) if element else ""
        sentences.append(f"{at}：{words.zh}" if at else words.zh)
    return "；".join(sentences)


class _Names:
    """What elements are called in their versions."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, Mapping[str, Words]] = {}

    def said(self, version: str, elements: Sequence[str] | None) -> str:
        """The names of elements, side by side."""
        if version not in self._known:
            try:
                self._known[version] = versions.program(self._session, version).names
            except (Unknown, Unpublishable):
                self._known[version] = {}
        known = self._known[version]
        return "、".join(known[one].zh if one in known else one for one in elements or ())


def _standings(session: Session, now: datetime, most: int, *where: Any) -> list[Standing]:
    undoing = aliased(Carrying)
    rows = session.execute(
        select(
            Carrying.__table__,
            Version.number.label("number"),
            Errand.state.label("errand_state"),
            undoing.id.label("undone"),
        )
        .outerjoin(Version, Version.id == Carrying.version_id)
        .outerjoin(Errand, Errand.id == Carrying.errand_id)
        .outerjoin(undoing, undoing.undoing_id == Carrying.id)
        .where(*where)
        .order_by(Carrying.asked_at.desc(), Carrying.id.desc())
        .limit(most)
    ).all()
    counts: dict[str, dict[str, int]] = {row.id: {} for row in rows}
    counted = session.execute(
        select(Carried.carrying_id, Carried.result, func.count())
        .where(Carried.carrying_id.in_(list(counts)), Carried.result.is_not(None))
        .group_by(Carried.carrying_id, Carried.result)
    )
    for carrying, result, number in counted:
        counts[carrying][str(result)] = number
    names = people.names(session, {row.asked_by_id for row in rows})
    return [_told(row, counts[row.id], names, now) for row in rows]


def _told(row: Any, counts: Mapping[str, int], names: Mapping[str, str], now: datetime) -> Standing:
    state = walking.rests(row.state, row.errand_state)
    until = None
    if row.ended_at is not None and row.undoing_id is None and row.undone is None and counts.get("carried"):
        until = row.ended_at + UNDONE_WITHIN
    return Standing(
        row.id,
        row.process,
        row.number,
        names.get(row.asked_by_id, ""),
        row.asked_by_id,
        row.asked_at,
        row.ended_at,
        state,
        row.total,
        counts,
        row.file_id,
        row.errand_id,
        row.undoing_id is not None,
        row.undone,
        until if until is not None and until > now else None,
    )
