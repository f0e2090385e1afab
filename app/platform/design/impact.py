"""What a version would do to what runs: counts by class, version, place and city, and lists to look into.

Up to five hundred instances it is answered at once; above that an errand makes a study of it, whose rows are kept
until the next one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.design import forecasting
from app.platform.design.counting import COUNTERS, Count, Summary, affected, rows_of
from app.platform.design.forecasting import Forecast, Target
from app.platform.design.publication_entities import Studied, Study
from app.platform.identity import places, roles
from app.platform.identity.entities import Region
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Instance, Version

AT_ONCE: Final = 500
TRIED_AT_ONCE: Final = 40
PAGE: Final = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a target: the summary, or that an errand is needed for it (`total` instances), or under way."""

    summary: Summary | None
    total: int
    errand: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An instance as the lists show it."""

    id: str
    number: str | None
    title: str
    place: str
    region: str
    state: str
    version: int
    becomes: str
    why: list[tuple[str, Words]]
    waits: tuple[str, ...]


def seen(session: Session, target: Target, mapping: Mapping[str, str], by: Acting, now: datetime) -> Seen:
    """What is known now: computed where that is quick, else the last study of exactly this."""
    total = session.scalar(select(func.count()).select_from(Instance).where(*affected(target))) or 0
    if total <= AT_ONCE:
        counted = _compute(session, target, mapping, by, now)
        if counted is not None:
            return Seen(counted, total)
    found = session.execute(
        select(Study.id, Study.facts, Study.asked_at, Study.errand_id)
        .where(Study.about == target.about(mapping))
        .order_by(Study.asked_at.desc(), Study.id.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return Seen(None, total)
    if found.facts is None:
        return Seen(None, total, found.errand_id)
    return Seen(_kept(found), total)


def listed(
    session: Session,
    summary: Summary,
    becomes: str,
    reach: Collection[str],
    page: int,
) -> tuple[list[Row], int]:
    """One page (from 1) of the instances of a class that lie within `reach`, and how many there are. Two statements."""
    columns = (Instance.id, Instance.number, Instance.title, Instance.place, Instance.state)
    scope = (places.within(Instance.place, reach),)
    shown = select(*columns, Version.number.label("version"), Region.full_name)
    shown = shown.join(Version, Version.id == Instance.version_id).outerjoin(
        Region, Region.path == Instance.place
    )
    if summary.study is not None:
        mine = (Studied.study_id == summary.study, Studied.becomes == becomes)
        counted = select(func.count()).select_from(Studied).join(Instance, Instance.id == Studied.instance_id)
        total = session.scalar(counted.where(*mine, *scope)) or 0
        shown = shown.add_columns(Studied.why, Studied.waits).join(
            Studied, Studied.instance_id == Instance.id
        )
        asked = shown.where(*mine, *scope)
    else:
        ids = [one for one, fate in summary.fates.items() if fate.becomes == becomes]
        total = (
            session.scalar(select(func.count()).select_from(Instance).where(Instance.id.in_(ids), *scope))
            or 0
        )
        asked = shown.where(Instance.id.in_(ids), *scope)
    rows = session.execute(asked.order_by(Instance.id).limit(PAGE).offset((max(page, 1) - 1) * PAGE)).all()
    return [_row(row, becomes, summary) for row in rows], total


def reach_of(by: Acting) -> tuple[str, ...]:
    """Where the reader may look into single instances."""
    return roles.reach_of(by, roles.MANAGE)


def city_names(session: Session, paths: Collection[str]) -> dict[str, str]:
    """The full names of regions by their path."""
    rows = session.execute(select(Region.path, Region.full_name).where(Region.path.in_(sorted(paths))))
    return {row.path: row.full_name for row in rows}


def _row(row: Any, becomes: str, summary: Summary) -> Row:
    fate = summary.fates.get(row.id)
    why, waits = (fate.why, fate.waits) if fate is not None else (row.why, row.waits)
    sentences = [(element, Words(zh, en)) for element, zh, en in why]
    region = row.full_name or ""
    return Row(
        row.id,
        row.number,
        row.title,
        row.place,
        region,
        row.state,
        row.version,
        becomes,
        sentences,
        tuple(waits),
    )


def _compute(
    session: Session, target: Target, mapping: Mapping[str, str], by: Acting, now: datetime
) -> Summary | None:
    """Count at once; None where too many would have to be tried one by one."""
    rows = session.execute(rows_of(target)).all()
    forecast = Forecast(session, target, mapping, by, now)
    fates = {row.id: forecast.fate(row) for row in rows}
    alone = [instance for instance, fate in fates.items() if fate is None]
    if len(alone) > TRIED_AT_ONCE:
        return None
    if alone:
        fates |= forecasting.tried(session, target, mapping, alone, by, now)
    count, known = Count(session, target, now), {}
    for row in rows:
        fate = fates[row.id]
        assert fate is not None
        known[row.id] = fate
        count.add(row.version_id, row.place, fate)
    return count.summary(now, forecast.obstacles, known)


def _kept(row: Any) -> Summary:
    facts = row.facts
    versions, elements, cities = ({(key, becomes): n for key, becomes, n in facts[name]} for name in COUNTERS)
    obstacles = {version: [(one[0], one[1]) for one in each] for version, each in facts["obstacles"].items()}
    counts = (facts["total"], facts["classes"], versions, elements, cities)
    return Summary(*counts, obstacles, facts["typed"], row.asked_at, row.id)
