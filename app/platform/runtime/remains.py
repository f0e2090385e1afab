"""A version that names hooks or roles there are no more, read as far as its instances need to be carried away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.engine import ActionFacts, Bundle, Catalogue, Problem, RoleFacts, Unusable, load
from app.platform.runtime import versions
from app.platform.runtime.entities import Version, VersionFile
from app.platform.runtime.errors import Unknown, Unpublishable

PASSES = 4  # what a stand-in lacks comes to light only once it stands there


@contextmanager
def read_as_it_was(session: Session, version: str) -> Iterator[versions.Program]:
    """Let this session alone read a broken version, with stand-ins for what it names that has gone.

    Only to leave it: nothing may be run on it. Raises `Unknown`, `Unpublishable` where something else is wrong.
    """
    aside = session.info.setdefault(versions.ASIDE, {})
    aside[version] = of(session, version)
    try:
        yield aside[version]
    finally:
        aside.pop(version, None)


def of(session: Session, version: str) -> versions.Program:
    """The program of a version, whole or with stand-ins. Raises as `read_as_it_was` does."""
    try:
        return versions.program(session, version)
    except Unpublishable:
        pass
    process = session.scalar(select(Version.process).where(Version.id == version))
    if process is None:
        raise Unknown(version)
    rows = session.execute(
        select(VersionFile.name, VersionFile.content).where(VersionFile.version_id == version)
    )
    files = {row.name: row.content for row in rows}
    known = versions.forms_of(files)
    offered = versions.catalogue(known)
    found: Any = None
    for _ in range(PASSES):
        found = load(Bundle(process, files), offered)
        if not isinstance(found, Unusable):
            return versions.Program(version, process, found, known, files)
        wider = _wider(offered, found.problems)
        if wider == offered:
            break
        offered = wider
    raise Unpublishable(found.problems)


def _wider(offered: Catalogue, problems: tuple[Problem, ...]) -> Catalogue:
    """The catalogue with stand-ins for what these problems miss."""
    missed = [(one.code, dict(one.parameters).get("found", "")) for one in problems]
    gone: Mapping[str, Any] = {name: ActionFacts() for code, name in missed if code == "unknown_action"}
    actions = {**offered.actions, **gone}
    given = frozenset(name for code, name in missed if code == "unknown_parameter")
    returned = {name: str for code, name in missed if code == "unknown_variable"}
    if given or returned:
        actions = {
            name: replace(facts, parameters=facts.parameters | given, returns={**facts.returns, **returned})
            for name, facts in actions.items()
        }
    roles = {
        **offered.roles,
        **{name: RoleFacts("region") for code, name in missed if code == "unknown_role"},
    }
    assignees = offered.assignees | {name for code, name in missed if code == "unknown_assignee"}
    return Catalogue(actions, roles, offered.forms, assignees)
