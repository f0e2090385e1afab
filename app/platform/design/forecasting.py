"""What becomes of each running instance if a version counts for it too: four classes, one answer for all alike.

Instances of one version whose tokens stand alike share one answer, which the engine gives on the first of them. Where
something would happen on the way (a join that can go on, a hook that is asked, a task that opens), the answer may hang
on what an instance carries: then each is carried over by itself, and everything taken back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.data import transaction
from app.platform.design import drafts, hindrances
from app.platform.design.fingerprints import fingerprints
from app.platform.design.hindrances import Why
from app.platform.design.mapping import candidates
from app.platform.engine import Corrupt
from app.platform.registry import Acting
from app.platform.runtime import migrating, stepping, versions
from app.platform.runtime.entities import Instance, Version
from app.platform.runtime.errors import Unknown, Unpublishable

Becomes = Literal["no_effect", "moves", "needs_mapping", "cannot"]
CLASSES: Final[tuple[Becomes, ...]] = ("no_effect", "moves", "needs_mapping", "cannot")
MAPPABLE: Final = frozenset({"gone", "other_kind", "other_scope"})
BATCH: Final = 50
LIVE: Final = ("running", "suspended")


@dataclass(frozen=True)
class Target:
    """What instances would run on: a published version, or (`version` None) a draft's revision."""

    process: str
    key: str
    program: versions.Program
    version: str | None = None

    @cached_property
    def figures(self) -> dict[str, str]:
        """What each of its elements comes to."""
        return fingerprints(self.program.files)

    def about(self, mapping: Mapping[str, str]) -> str:
        """The key under which forecasts of it are kept."""
        told = hashlib.sha256(json.dumps(sorted(mapping.items())).encode()).hexdigest()
        return f"{self.key}:{told[:12]}"


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of an instance, what stands against it, and the elements it waits at now."""

    becomes: Becomes
    why: Why = field(default_factory=list)
    waits: tuple[str, ...] = ()


def of_draft(session: Session, draft: str, revision: int) -> Target:
    """A draft's revision as the target. Raises `Unknown`, `Unpublishable`."""
    process = drafts.get(session, draft).process
    program = versions.tried(process, drafts.files(session, draft, revision))
    return Target(process, f"d:{draft}:{revision}", program)


def of_version(session: Session, process: str, number: int) -> Target:
    """A published version as the target. Raises `Unknown`."""
    found = session.scalar(select(Version.id).where(Version.process == process, Version.number == number))
    if found is None:
        raise Unknown(process)
    return Target(process, f"v:{found}", versions.program(session, found), found)


class _Asked(Exception):
    """A hook would be called: what it says cannot be known for others."""


def _ask_nobody(_element: str, _action: str, _parameters: Mapping[str, Any]) -> Mapping[str, Any] | None:
    raise _Asked


class Forecast:
    """Answers for one target and mapping, instance by instance; what is alike is asked once."""

    def __init__(
        self, session: Session, target: Target, mapping: Mapping[str, str], by: Acting, now: datetime
    ) -> None:
        self._session, self._target, self._mapping = session, target, dict(mapping)
        self._by, self._now = by, now
        self._known: dict[tuple[str, str], Fate | None] = {}
        self._changed: dict[str, frozenset[str]] = {}
        self.obstacles: dict[str, set[tuple[str, str]]] = {}
        """What stands in the way, for those who offer a mapping: version -> (element, code)."""

    def fate(self, row: Any) -> Fate | None:
        """What becomes of an instance (`version_id`, `tokens`); None where it must be tried by itself."""
        try:
            shape = engine.shape(row.tokens)
        except Corrupt:
            return Fate("cannot", hindrances.coded("", "corrupt"))
        key = row.version_id, shape.mark
        if key not in self._known:
            self._known[key] = self._ask(row, shape)
        return self._known[key]

    def waits(self, row: Any) -> tuple[str, ...]:
        """The elements an instance waits at."""
        return engine.shape(row.tokens).waits

    def _ask(self, row: Any, shape: engine.Shape) -> Fate | None:
        try:
            old = versions.program(self._session, row.version_id)
        except Unpublishable:
            return Fate("cannot", hindrances.coded("", "unreadable"), shape.waits)
        new = self._target.program
        try:
            step = engine.migrate(
                old.definition, new.definition, row.tokens, self._mapping, _ask_nobody, self._now
            )
        except Exception:  # what breaks for one may not for another: each is tried
            return None
        if not isinstance(step, engine.Step):
            self.obstacles.setdefault(row.version_id, set()).update(
                (each.element, each.code) for each in step
            )
            why = [sentence for each in step for sentence in hindrances.coded(each.element, each.code)]
            solvable = all(self._has_candidate(old, each) for each in step)
            return Fate("needs_mapping" if solvable else "cannot", why, shape.waits)
        if not _is_quiet(step, new.definition):
            return None
        ahead = engine.ahead(old.definition, shape.stations)
        ahead |= engine.ahead(new.definition, engine.shape(step.state).stations)
        still = not ahead & self._changed_since(old) and not step.opened and not step.closed
        return Fate("no_effect" if still else "moves", [], shape.waits)

    def _has_candidate(self, old: versions.Program, each: engine.Obstacle) -> bool:
        return each.code in MAPPABLE and bool(
            candidates(old.definition, self._target.program.definition, each.element, self._mapping)
        )

    def _changed_since(self, old: versions.Program) -> frozenset[str]:
        if old.version not in self._changed:
            self._changed[old.version] = changed(old, self._target)
        return self._changed[old.version]


def changed(old: versions.Program, target: Target) -> frozenset[str]:
    """The elements of either that are not the same in the other."""
    before, after = fingerprints(old.files), target.figures
    found = {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)}
    tasks, new = old.definition.tasks, target.program.definition.tasks
    return frozenset(found | {one for one in tasks.keys() | new.keys() if tasks.get(one) != new.get(one)})


def _is_quiet(step: engine.Step, definition: engine.Definition) -> bool:
    """Whether nothing has happened but that events with fixed times and names are armed, or taken down."""
    if step.log or step.thrown or step.ended is not None or step.stage is not None:
        return False
    for token in step.opened:
        event = definition.events.get(token.element)
        if token.kind in ("user", "work") or event is None:
            return False
        if event.correlation is not None or not (event.timer is None or isinstance(event.timer, str)):
            return False
    return True


def tried(
    session: Session,
    target: Target,
    mapping: Mapping[str, str],
    instances: Collection[str],
    by: Acting,
    now: datetime,
) -> dict[str, Fate]:
    """Carry instances over, each by itself in a savepoint, and take everything back; what became of each.

    In transactions of its own, fifty instances each, which are rolled back.
    """
    found: dict[str, Fate] = {}
    order = sorted(instances)
    for start in range(0, len(order), BATCH):
        try:
            with transaction(session):
                version = target.version or _published(session, target, by, now)
                for instance in order[start : start + BATCH]:
                    found[instance] = _try(session, instance, version, mapping, by, now)
                raise _TakeBack
        except _TakeBack:
            pass
    return found


class _TakeBack(Exception):
    """Ends the transaction of a trial: nothing of it stays."""


def _published(session: Session, target: Target, by: Acting, now: datetime) -> str:
    (made,) = versions.publish(session, target.program.files, by, now, only=target.process)
    return made.version


def _try(
    session: Session, instance: str, version: str, mapping: Mapping[str, str], by: Acting, now: datetime
) -> Fate:
    waits: tuple[str, ...] = ()
    within = session.begin_nested()
    try:
        held = stepping.hold(session, by, now, instance=instance)
        waits = engine.shape(held.tokens).waits
        migrating.carry(held, version, "0>0", mapping)
        return Fate("moves", [], waits)
    except Exception as error:
        return Fate("cannot", hindrances.said(error), waits)
    finally:
        within.rollback()


def live_versions(session: Session, target: Target) -> list[str]:
    """The versions that instances concerned run on."""
    asked = (
        select(Instance.version_id)
        .where(Instance.process == target.process, Instance.state.in_(LIVE))
        .distinct()
    )
    return [one for one in session.scalars(asked) if one != target.version]


def numbers(session: Session, process: str) -> dict[str, int]:
    """The versions of a process: id -> number."""
    rows: Iterable[Any] = session.execute(
        select(Version.id, Version.number).where(Version.process == process)
    )
    return {row.id: row.number for row in rows}
