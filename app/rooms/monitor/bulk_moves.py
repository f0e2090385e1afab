"""Moving many and carrying many over: what is offered, what the first would come to, what stands against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from app.platform.design import forecasting, hindrances
from app.platform.design.forecasting import Forecast
from app.platform.monitoring import bulk_verbs, repairable, repairing
from app.platform.monitoring.bulk_verbs import Candidate, Wish
from app.platform.monitoring.repair_lines import BadLine, Line
from app.platform.monitoring.repairable import Repairable, Target
from app.platform.monitoring.repairing import Preview
from app.platform.registry import Words
from app.platform.runtime import versions
from app.platform.runtime.entities import Instance, Version
from app.platform.runtime.errors import Forbidden, Unknown, Unpublishable
from app.rooms.web.acting import me, now, session

FORECAST: Final = 500
"""So many are forecast one by one while somebody waits; above that each says itself, when its turn comes."""
CANNOT: Final = Words("不能迁移到现行版本", "It cannot be carried over to the current version")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a move can be chosen from: versions and steps with how many wait there, and where the first may go."""

    versions: tuple[tuple[str, Words, int], ...]
    sources: tuple[tuple[str, Words, int], ...]
    targets: tuple[Target, ...]
    first: Repairable | None
    at: str


def offer(candidates: Sequence[Candidate], wish: Wish) -> Offer:
    """What is offered for a move as far as it is chosen; only what can be moved is counted."""
    able = [
        one
        for one in candidates
        if bulk_verbs.why_not(one, Wish("move"), me().person, now()) is None and one.waits
    ]
    counted = Counter((one.version, one.process_name, one.version_number) for one in able)
    found = tuple(
        (version, Words(f"{name.zh} v{number}", f"{name.en} v{number}"), count)
        for (version, name, number), count in counted.most_common()
    )
    here = [one for one in able if one.version == wish.version]
    names = _names(wish.version) if here else {}
    waits = Counter(wait for one in here for wait in one.waits)
    sources = tuple((one, names.get(one, Words(one, one)), count) for one, count in waits.most_common())
    first = next((one for one in here if wish.source in one.waits), None) if wish.source else None
    if first is None:
        return Offer(found, sources, (), None, "")
    at = _repairable(first.id)
    place = next((one for one in at.places if one.element == wish.source), None) if at else None
    return Offer(found, sources, place.targets if place else (), at, place.at if place else "")


def preview(found: Offer, wish: Wish) -> Preview:
    """What the move would do to the first of them, played and taken back. Raises `BadLine`, `Unknown`, `Forbidden`."""
    if found.first is None:
        raise BadLine(1, bulk_verbs.NOT_THERE)
    line = Line("move", found.at, wish.target)
    return repairing.preview(session(), found.first.id, [line], wish.reason, me(), now())


def obstacles(candidates: Sequence[Candidate]) -> Mapping[str, Words] | None:
    """Why which of these cannot be carried over to the current version, as it is forecast; None where they are many."""
    able = [one for one in candidates if bulk_verbs.why_not(one, Wish("migrate"), me().person, now()) is None]
    if len(able) > FORECAST:
        return None
    rows = session().execute(
        select(Instance.id, Instance.process, Instance.version_id, Instance.tokens).where(
            Instance.id.in_([one.id for one in able])
        )
    )
    forecasts = {process: _forecast(one) for process, one in {one.process: one for one in able}.items()}
    found: dict[str, Words] = {}
    for row in rows.all():
        forecast = forecasts[row.process]
        fate = forecast.fate(row) if forecast is not None else None
        if fate is not None and fate.becomes in ("cannot", "needs_mapping") and not _is_unread(fate):
            found[row.id] = _why(fate)
    return found


def _forecast(one: Candidate) -> Forecast | None:
    numbers = select(Version.number).where(Version.id == one.current)
    number = session().scalar(numbers)
    try:
        target = forecasting.of_version(session(), one.process, number or 0)
    except (Unknown, Unpublishable):
        return None
    return Forecast(session(), target, {}, me(), now())


def _is_unread(fate: forecasting.Fate) -> bool:
    """Whether it is only that the present version cannot be read: then it is read with stand-ins, and tried."""
    return fate.why == hindrances.coded("", "unreadable")


def _why(fate: forecasting.Fate) -> Words:
    told = [words for _element, words in hindrances.words(fate.why)]
    if not told:
        return CANNOT
    return Words(
        f"{CANNOT.zh}：{'；'.join(dict.fromkeys(one.zh for one in told))}",
        f"{CANNOT.en}: {'; '.join(dict.fromkeys(one.en for one in told))}",
    )


def _names(version: str) -> Mapping[str, Words]:
    try:
        return versions.program(session(), version).names
    except (Unknown, Unpublishable):
        return {}


def _repairable(instance: str) -> Repairable | None:
    try:
        return repairable.find(session(), instance, me(), now())
    except (Unknown, Forbidden):
        return None
