"""Counting what is forecast: by class, version, place and city, and what was typed at steps whose form changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.design import forecasting
from app.platform.design.fingerprints import form_figures
from app.platform.design.forecasting import Fate, Target
from app.platform.identity import places
from app.platform.runtime import versions
from app.platform.runtime.entities import Draft, Instance, Task
from app.platform.runtime.errors import Unpublishable

LIVE: Final = ("running", "suspended")
Tally = Mapping[tuple[Any, str], int]
COUNTERS: Final = ("versions", "elements", "cities")


@dataclass(frozen=True)
class Summary:
    """The counts. Keys: class; (version number, class); (element, class); (city's path, class).

    `obstacles`: version id -> the elements in the way. `typed`: drafts typed at steps whose form changes.
    """

    total: int
    classes: Mapping[str, int]
    versions: Tally
    elements: Tally
    cities: Tally
    obstacles: Mapping[str, Sequence[tuple[str, str]]]
    typed: int
    at: datetime
    study: str | None = None
    fates: Mapping[str, Fate] = field(default_factory=dict, repr=False)

    def facts(self) -> dict[str, Any]:
        """As it is kept."""
        counters = {name: [[*key, n] for key, n in getattr(self, name).items()] for name in COUNTERS}
        return {
            "total": self.total,
            "classes": dict(self.classes),
            **counters,
            "obstacles": {version: [list(one) for one in each] for version, each in self.obstacles.items()},
            "typed": self.typed,
        }


class Count:
    """Counts fates as they come."""

    def __init__(self, session: Session, target: Target, now: datetime) -> None:
        self._session, self._target = session, target
        self._numbers = forecasting.numbers(session, target.process)
        self.classes: Counter[str] = Counter()
        self.versions: Counter[tuple[int, str]] = Counter()
        self.elements: Counter[tuple[str, str]] = Counter()
        self.cities: Counter[tuple[str, str]] = Counter()
        self._olds: set[str] = set()

    def add(self, version: str, place: str, fate: Fate) -> None:
        """Count one."""
        becomes = fate.becomes
        self._olds.add(version)
        self.classes[becomes] += 1
        self.versions[self._numbers[version], becomes] += 1
        self.cities[places.ancestor(place, "city"), becomes] += 1
        for element in fate.waits:
            self.elements[element, becomes] += 1

    def summary(
        self,
        now: datetime,
        obstacles: Mapping[str, set[tuple[str, str]]],
        fates: Mapping[str, Fate] | None = None,
    ) -> Summary:
        """What was counted."""
        return Summary(
            sum(self.classes.values()),
            self.classes,
            self.versions,
            self.elements,
            self.cities,
            {version: sorted(each) for version, each in obstacles.items()},
            _typed(self._session, self._target, self._olds),
            now,
            fates=fates or {},
        )


def _typed(session: Session, target: Target, olds: Collection[str]) -> int:
    """How many drafts people have typed, and not sent, at steps whose form is another one in the target."""
    after, found = form_figures(target.program.files), 0
    for version in sorted(olds):
        try:
            old = versions.program(session, version)
        except Unpublishable:
            continue
        before = form_figures(old.files)
        forms = {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)}
        steps = [
            one.id
            for one in old.definition.tasks.values()
            if one.form and {one.form, one.form.partition(".")[0]} & forms
        ]
        if steps:
            asked = (
                select(func.count())
                .select_from(Draft)
                .join(Task, Task.id == Draft.about)
                .join(Instance, Instance.id == Task.instance_id)
                .where(Task.state == "open", Task.element.in_(steps), Instance.version_id == version)
            )
            found += session.scalar(asked) or 0
    return found


def affected(target: Target) -> list[Any]:
    """Which instances a target concerns: those that live, on other versions."""
    where: list[Any] = [Instance.process == target.process, Instance.state.in_(LIVE)]
    return where + ([Instance.version_id != target.version] if target.version else [])


def rows_of(target: Target) -> Any:
    """What a forecast reads of them, in the order of their ids."""
    columns = (Instance.id, Instance.version_id, Instance.place, Instance.tokens)
    return select(*columns).where(*affected(target)).order_by(Instance.id)
