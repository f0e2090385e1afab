"""What was changed of a congress, read from the record and said in words (PG-D13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.identity import people
from app.platform.registry import Words
from app.systems.delegates import congresses
from app.systems.delegates.happenings import HAPPENINGS
from app.systems.delegates.rules import IDENTITIES, MINIMUMS

MOST: Final = 200
MORE: Final = 12  # details said of one change; the record has all
COLUMNS: Final[Mapping[str, Words]] = {
    "name": Words("名称", "Name"),
    "term": Words("届次", "Term"),
    "begins_on": Words("开始时间", "First day"),
    "ends_on": Words("结束时间", "Last day"),
    "report_by": Words("上报截止时间", "Reports close"),
    "age_on": Words("年龄计算基准日", "Ages count on"),
    "counts_45": Words("45岁以下含本数", "45 counts"),
    "must_fill": Words("满额", "Equal to the seats"),
}
YES, NO, NOTHING = Words("是", "yes"), Words("否", "no"), Words("（空）", "(empty)")
TO, AND_SO_ON = " → ", Words("……", "…")


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the log: when, who, what, and what exactly."""

    at: datetime
    by: str
    what: Words
    details: tuple[Words, ...]


def of(session: Session, congress: str) -> list[Change]:
    """The changes of a congress, newest first."""
    rows = audit.read(session, congresses.about_of(congress))[::-1][:MOST]
    names = people.names(session, {row.by for row in rows if row.by})
    return [
        Change(
            row.at,
            names.get(row.by or "", ""),
            HAPPENINGS.get(row.kind, Words(row.kind, row.kind)),
            _shortened(tuple(_details(row.kind, row.body or {}))),
        )
        for row in rows
    ]


def _shortened(details: tuple[Words, ...]) -> tuple[Words, ...]:
    return (*details[:MORE], AND_SO_ON) if len(details) > MORE else details


def _details(kind: str, body: Mapping[str, Any]) -> Iterator[Words]:
    if kind == "congress.changed":
        for name, words in COLUMNS.items():
            if name in body.get("after", {}):
                yield _pair(words, body["before"][name], body["after"][name])
    elif kind == "unit.invited":
        for unit in body.get("units", ()):
            yield Words(unit, unit)
    elif kind == "unit.removed":
        yield Words(body["unit"], body["unit"])
    elif kind == "liaison.changed":
        unit = Words(body["unit"], body["unit"])
        yield _pair(unit, " ".join(body["before"]).strip(), " ".join(body["after"]))
    elif kind == "quota.changed":
        for unit, cells in body.get("units", {}).items():
            for cell, (before, after) in cells.items():
                column = column_words(cell)
                yield _pair(Words(f"{unit} {column.zh}", f"{unit}, {column.en}"), before, after)
    elif kind == "forms.exported":
        yield Words(f"{body['count']}份", f"{body['count']} forms")
    elif kind == "congress.cloned":
        yield Words(body["name"], body["name"])


def column_words(cell: str) -> Words:
    """What a column of the quota matrix is called: `member.women`."""
    identity, _, minimum = cell.partition(".")
    zh, en = IDENTITIES[identity]
    if not minimum:
        return Words(f"{zh}名额", f"{en}: seats")
    least_zh, least_en = MINIMUMS[minimum]
    return Words(f"{zh}：{least_zh}", f"{en}: {least_en}")


def _pair(what: Words, before: Any, after: Any) -> Words:
    old, new = _said(before), _said(after)
    return Words(f"{what.zh}：{old.zh}{TO}{new.zh}", f"{what.en}: {old.en}{TO}{new.en}")


def _said(value: Any) -> Words:
    if isinstance(value, bool):
        return YES if value else NO
    return NOTHING if value in (None, "") else Words(str(value), str(value))
