"""Versions: bundles frozen at publication, and the definitions parsed from them, kept in a bounded cache."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.platform import forms, settings
from app.platform.data import new_id, transaction
from app.platform.engine import (
    ActionFacts,
    Bundle,
    Catalogue,
    Definition,
    Faulty,
    FormFacts,
    Problem,
    RoleFacts,
    Unusable,
    UserTask,
    load,
)
from app.platform.registry import Acting, Words, house
from app.platform.runtime import element_names, subscriptions, timers, trials
from app.platform.runtime.bundles import bundles, system_of
from app.platform.runtime.doorway import at_the_door
from app.platform.runtime.entities import Instance, Process, Version, VersionFile
from app.platform.runtime.errors import Unknown, Unpublishable

KEPT = 200
ASIDE = "versions.aside"
"""Under this name a session's info holds, by version, the programs that it alone knows of."""


@dataclass(frozen=True)
class Program:
    """A version, ready to run: its definition, its forms by id, and its files."""

    version: str
    process: str
    definition: Definition
    forms: Mapping[str, forms.Form]
    files: Mapping[str, bytes]

    @cached_property
    def names(self) -> Mapping[str, Words]:
        """What each element is called for people, also where the drawing gives it no name."""
        return element_names.names(self.definition)

    def asked(self, row: Any) -> UserTask:
        """What a task's row asks. Of one closed before its instance was carried over to a version that has the step
        no more, its name is left, and nothing can be done at it.
        """
        drawn = self.definition.tasks.get(row.element)
        if drawn is not None:
            return drawn
        return UserTask(row.element, Words(row.name_zh, row.name_en), outcomes=())


@dataclass(frozen=True, slots=True)
class Published:
    """What publication did. `is_new` is False when the same bundle was current already."""

    process: str
    version: str
    number: int
    is_new: bool
    warnings: tuple[Problem, ...]


_cache: OrderedDict[str, Program] = OrderedDict()
read_before: OrderedDict[str, Any] = OrderedDict()  # what `rehearsed` has parsed, by what is in it
_lock = Lock()


def catalogue(known: Mapping[str, forms.Form]) -> Catalogue:
    """What diagrams may name today: the hooks and roles of the house, and the forms of their bundle."""
    return Catalogue(
        actions={
            name: ActionFacts(
                action.parameters,
                action.required,
                action.returns,
                action.when,
                action.effects,
                action.undo is not None,
            )
            for name, action in house.actions.items()
        },
        roles={key: RoleFacts(role.place, role.subject) for key, role in house.roles.items()},
        forms={name: FormFacts(frozenset(form.fields), form.variables) for name, form in known.items()},
        assignees=frozenset(house.assignees),
    )


def read_bundle(
    process: str, files: Mapping[str, bytes], *, trial: bool = False
) -> tuple[Definition, dict[str, forms.Form]]:
    """Parse a bundle, if asked after a `trial`. Raises `Unpublishable` with every problem of forms or diagram."""
    known = forms_of(files)
    if trial:
        trials.try_all([(process, files, catalogue(known))])
    return _read(process, files, known), known


def _read(process: str, files: Mapping[str, bytes], known: Mapping[str, forms.Form]) -> Definition:
    """Read a bundle whose forms are `known`. Raises `Unpublishable` with every problem of the diagram."""
    loaded = load(Bundle(process, files), catalogue(known))
    if isinstance(loaded, Unusable):
        raise Unpublishable(loaded.problems)
    return loaded


def forms_of(files: Mapping[str, bytes]) -> dict[str, forms.Form]:
    """The forms of a bundle by id. Raises `Unpublishable` with every problem of theirs."""
    known: dict[str, forms.Form] = {}
    wrong: list[object] = []
    for name, content in files.items():
        if name.endswith(".json"):
            try:
                form = forms.load(content)
                known[form.id] = form
            except forms.BadForm as error:
                wrong += [replace(problem, file=name) for problem in error.problems]
    wrong = wrong or list(_unprinted(known.values(), files))
    if wrong:
        raise Unpublishable(tuple(wrong))
    return known


def _unprinted(known: Iterable[forms.Form], files: Mapping[str, bytes]) -> Iterator[forms.Problem]:
    """Fields for scans of what nothing in the bundle prints."""
    for form in known:
        for name, one in form.fields.items():
            template = one.settings.get("scan_of")
            if template and (f"forms/{template}.html" not in files or template not in house.documents):
                yield forms.Problem("unprinted", f"$.{form.id}.{name}.scan_of", {"value": template})


def check(files: Mapping[str, bytes], *, trial: bool = False) -> dict[str, Definition]:
    """Check every diagram in `files` without publishing. Raises `Unpublishable`.

    `trial`: try each out in a child under limits first, as is due to what comes from outside; not in a transaction.
    """
    return {process: definition for process, (_bundle, definition) in _read_all(files, trial).items()}


def _read_all(files: Mapping[str, bytes], trial: bool) -> dict[str, tuple[dict[str, bytes], Definition]]:
    problems: list[object] = list(at_the_door(files))
    if problems:
        raise Unpublishable(tuple(problems))
    split = bundles(files)
    known: dict[str, dict[str, forms.Form]] = {}
    for process, bundle in split.items():
        try:
            known[process] = forms_of(bundle)
        except Unpublishable as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if trial:
        trials.try_all([(process, split[process], catalogue(found)) for process, found in known.items()])
    read: dict[str, tuple[dict[str, bytes], Definition]] = {}
    for process, found in known.items():
        try:
            read[process] = (split[process], _read(process, split[process], found))
        except Unpublishable as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise Unpublishable(tuple(problems))
    return read


def publish(
    session: Session,
    files: Mapping[str, bytes],
    by: Acting | None,
    now: datetime,
    *,
    only: str | None = None,
) -> list[Published]:
    """Check and publish every diagram in `files`, all or none. An unchanged bundle makes no new version.

    `files`: name -> content; a process goes by its id, a form by its own, a template by its file's name
    `forms/<system>/<name>.html`. `only`: just this process; another that its bundle contains a copy of stays as it
    is. Raises `Unpublishable`, with the problems of every bundle.
    """
    read = _read_all(files, trial=False)
    if only is not None:
        read = {process: found for process, found in read.items() if process == only}
    published = []
    with transaction(session):
        for process, (bundle, definition) in sorted(
            read.items()
        ):  # one order, so that no two wait for each other
            digest = digest_of(bundle)
            published.append(
                _publish_one(session, process, digest, bundle, definition, by.person if by else None, now)
            )
    return published


def _publish_one(
    session: Session,
    process: str,
    digest: str,
    bundle: Mapping[str, bytes],
    definition: Definition,
    by: str | None,
    now: datetime,
) -> Published:
    _lock_process(session, process, definition)
    # asked anew under the lock: who has waited for it must see what the other published
    current = session.execute(
        select(Version.id, Version.hash, Version.number)
        .join(Process, Process.current_id == Version.id)
        .where(Process.key == process)
    ).one_or_none()
    if current is not None and current.hash == digest:
        return Published(process, current.id, current.number, False, definition.warnings)
    last = session.scalar(select(func.max(Version.number)).where(Version.process == process)) or 0
    version = new_id()
    session.execute(
        insert(Version).values(
            id=version, process=process, number=last + 1, hash=digest, published_at=now, published_by_id=by
        )
    )
    session.execute(
        insert(VersionFile), [{"version_id": version, "name": n, "content": c} for n, c in bundle.items()]
    )
    session.execute(
        update(Process)
        .where(Process.key == process)
        .values(current_id=version, name_zh=definition.name.zh, name_en=definition.name.en)
    )
    settings.touch(session)  # every process that remembers which chains there are reads them anew
    subscriptions.of_process(session, definition)
    try:
        timers.arm_starts(session, version, definition, now)
    except Faulty as error:
        raise Unpublishable((Problem("timer_time", process, error.element, error.parameters),)) from error
    return Published(process, version, last + 1, True, definition.warnings)


def digest_of(files: Mapping[str, bytes]) -> str:
    """What tells one set of files from another."""
    named = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()


def _lock_process(session: Session, process: str, definition: Definition) -> None:
    """Make publications of one process happen one after the other, its first ones too."""
    insert_or = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        insert_or(Process)
        .values(
            key=process,
            system=system_of(process, house.systems),
            name_zh=definition.name.zh,
            name_en=definition.name.en,
        )
        .on_conflict_do_nothing()
    )
    session.execute(select(Process.key).where(Process.key == process).with_for_update())


def tried(process: str, files: Mapping[str, bytes]) -> Program:
    """The program that `files` would make, unpublished; its version is the empty id. Raises `Unpublishable`."""
    bundle = bundles(files).get(process)
    if bundle is None:
        raise Unknown(process)
    definition, known = read_bundle(process, bundle)
    return Program("", process, definition, known, bundle)


def program(session: Session, version: str) -> Program:
    """The program of a version, from the cache or parsed anew. Raises `Unpublishable` if hooks went missing."""
    aside = session.info.get(ASIDE)
    if aside is not None and version in aside:
        return aside[version]  # type: ignore[no-any-return]
    with _lock:
        kept = _cache.get(version)
        if kept is not None:
            _cache.move_to_end(version)
            return kept
    process = session.scalar(select(Version.process).where(Version.id == version))
    if process is None:
        raise Unknown(version)
    files = {
        row.name: row.content
        for row in session.execute(
            select(VersionFile.name, VersionFile.content).where(VersionFile.version_id == version)
        )
    }
    definition, known = read_bundle(process, files)
    made = Program(version, process, definition, known, files)
    with _lock:
        _cache[version] = made
        while len(_cache) > KEPT:
            _cache.popitem(last=False)
    return made


def name_of(session: Session, version: str | None, element: str) -> Words:
    """What an element of a version is called; its id where that cannot be read, or does not have it."""
    own = Words(element, element)
    try:
        return program(session, version).names.get(element, own) if version is not None else own
    except (Faulty, Unknown, Unpublishable):
        return own


def current(session: Session, process: str) -> Program:
    """The program new instances of `process` start on. Raises `Unknown`."""
    version = session.scalar(select(Process.current_id).where(Process.key == process))
    if version is None:
        raise Unknown(process)
    return program(session, version)


def of_instance(session: Session, instance: str) -> Program:
    """The program an instance runs on. Raises `Unknown`."""
    version = session.scalar(select(Instance.version_id).where(Instance.id == instance))
    if version is None:
        raise Unknown(instance)
    return program(session, version)


def forget() -> None:
    """Empty the cache: for tests that exchange databases or hooks."""
    with _lock:
        _cache.clear()
        read_before.clear()
