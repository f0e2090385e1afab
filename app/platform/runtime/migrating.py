"""Carrying running instances over to another version of their process, one by one, each wholly or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.data import transaction
from app.platform.registry import Acting, Words
from app.platform.runtime import items, pausing, receipts, stepping, timers, unanswered, versions
from app.platform.runtime.entities import Incident, Instance, Task, Version
from app.platform.runtime.errors import CannotMigrate, InstanceChanged, Unknown
from app.platform.runtime.history import Happening
from app.platform.runtime.moving import hold_to_manage

RENAME = (
    update(Task.__table__)  # type: ignore[arg-type]
    .where(
        Task.__table__.c.instance_id == bindparam("_instance"),
        Task.__table__.c.visit == bindparam("_visit"),
        Task.__table__.c.state == "open",
    )
    .values(
        element=bindparam("element"),
        name_zh=bindparam("name_zh"),
        name_en=bindparam("name_en"),
        revision=Task.__table__.c.revision + 1,
    )
)
INCIDENT = Incident.__table__
RENAME_INCIDENTS = (  # so that their retry finds what it is about
    update(INCIDENT)  # type: ignore[arg-type]
    .where(
        INCIDENT.c.instance_id == bindparam("_instance"),
        INCIDENT.c.element == bindparam("_old"),
        INCIDENT.c.closed_at.is_(None),
    )
    .values(element=bindparam("_new"))
)
OBSTACLES = {
    "gone": Words("新版本中没有该步骤", "the new version has no such element"),
    "other_kind": Words("新版本中该步骤的类型不同", "the element is of another kind in the new version"),
    "other_scope": Words("新版本中该步骤位于另一层", "the element lies in another sub-process now"),
    "join": Words("已到达的分支在新版本中通向别处", "a branch that has arrived leads elsewhere now"),
    "guarded": Words("退回的来源步骤已不存在", "a step that waits to have the matter back is gone"),
    "process": Words("不是同一个流程", "it is a version of another process"),
}


@dataclass(frozen=True, slots=True)
class Migration:
    """What a migration did, or would do: from and to which version, and what stands against it."""

    instance: str
    old: int
    new: int
    obstacles: tuple[tuple[str, Words], ...] = ()


def migrate(
    session: Session,
    instance: str,
    version: int,
    mapping: Mapping[str, str] | None,
    by: Acting,
    now: datetime,
    dry_run: bool = False,
    key: str | None = None,
) -> Migration:
    """Carry an instance over to version number `version`, by whoever looks after it.

    `mapping`: old element id -> new one, where they differ. `dry_run` only says whether it would go. Raises
    `Unknown`, `Forbidden`, `InstanceChanged` where it is not running, `CannotMigrate` with every obstacle.
    """
    body = receipts.body_of("migrate", instance, version, dict(mapping or {}))
    with transaction(session):
        held = hold_to_manage(session, instance, by, now)
        if not dry_run and (before := receipts.answered(session, by.person, key, body)) is not None:
            return Migration(instance, int(before["old"]), int(before["new"]))
        if held.state not in ("running", "suspended"):
            raise InstanceChanged()
        found = session.execute(
            select(Version.id, Version.number).where(
                Version.process == held.row.process, Version.number == version
            )
        ).one_or_none()
        if found is None:
            raise Unknown(str(version))
        old = session.scalar(select(Version.number).where(Version.id == held.row.version_id)) or 0
        if dry_run:
            step = _step(held, versions.program(session, found.id), mapping or {})
            stands = () if isinstance(step, engine.Step) else _said(step)
            return Migration(instance, old, version, stands)
        carry(held, found.id, f"{old}>{version}", mapping or {})
        receipts.give(session, by.person, key, body, {"old": old, "new": version}, now)
        return Migration(instance, old, version)


def carry(held: stepping.Held, version: str, numbers: str, mapping: Mapping[str, str]) -> engine.Step:
    """Carry a locked instance over to the version with this id, and write it; `numbers` (`3>4`) go into its history.

    For who has asked already whether it may be. Raises `CannotMigrate`, and what its hooks and the engine raise.
    """
    program = versions.program(held.session, version)
    step = _step(held, program, mapping)
    if not isinstance(step, engine.Step):
        raise CannotMigrate(_said(step), held.program.names)
    _carry(held, program, step, mapping)
    held.pen.write(Happening("migrated", by=held.by.person, outcome=numbers, body={"name": held.by.name}))
    stepping.write(held, step)
    return step


def _step(
    held: stepping.Held, program: versions.Program, mapping: Mapping[str, str]
) -> engine.Step | tuple[engine.Obstacle, ...]:
    return engine.migrate(
        held.program.definition, program.definition, held.tokens, mapping, stepping.caller(held), held.now
    )


def _said(obstacles: tuple[engine.Obstacle, ...]) -> tuple[tuple[str, Words], ...]:
    return tuple((each.element, OBSTACLES[each.code]) for each in obstacles)


def _withdraw_questions(held: stepping.Held, program: versions.Program) -> None:
    """Close the questions at steps that ask none in the new version; a deadline that stood still goes on."""
    task, drawn = Task.__table__, program.definition.tasks
    rows = held.session.execute(
        select(task).where(task.c.instance_id == held.id, task.c.state == "open").order_by(task.c.id)
    ).all()
    silent = [
        row for row in rows if row.element not in drawn or unanswered.ASK not in drawn[row.element].allow
    ]
    unanswered.of_tasks(held, [row.id for row in silent])
    for row in silent:
        values = pausing.go_on(held, row, drawn.get(row.element))
        if values:
            held.session.execute(update(Task).where(Task.id == row.id).values(**values))


def _carry(
    held: stepping.Held, program: versions.Program, step: engine.Step, mapping: Mapping[str, str]
) -> None:
    """Let the instance's row and its open tasks speak of the new version."""
    held.session.execute(update(Instance).where(Instance.id == held.id).values(version_id=program.version))
    opened = {token.visit for token in step.opened}
    drawn = program.definition.tasks
    renamed = [
        {
            "_instance": held.id,
            "_visit": token.visit,
            "element": token.element,
            "name_zh": drawn[token.element].name.zh,
            "name_en": drawn[token.element].name.en,
        }
        for token in engine.tokens(program.definition, step.state)
        if token.kind == "user" and token.visit not in opened
    ]
    if renamed:
        held.session.execute(RENAME, renamed)
    if unanswered.may_be(held.program.definition):
        _withdraw_questions(held, program)
    timers.rename(held, program.version, engine.tokens(program.definition, step.state))
    for old, new in mapping.items():
        held.session.execute(RENAME_INCIDENTS, {"_instance": held.id, "_old": old, "_new": new})
    items.renamed(held, mapping)
    held.row = held.session.execute(stepping.LOCK, {"instance": held.id}).one()
