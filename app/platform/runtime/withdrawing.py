"""Whether a decision can still be taken back (撤回): the same question for the verb, for a page and for a list."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from app.platform import engine
from app.platform.engine import Definition
from app.platform.registry import Acting
from app.platform.runtime import stepping
from app.platform.runtime.entities import History, Instance, Task
from app.platform.runtime.errors import CannotMove

TASK, HISTORY = Task.__table__, History.__table__
ACTS = (
    "decided", "signed", "advised", "claimed", "returned", "withdrawn", "moved", "taken_away", "put_in", "worked",
    "message", "signal", "fired", "transferred", "delegated", "added", "removed", "asked",
)  # fmt: skip
"""What somebody, or something, has done: after it a decision cannot be taken back any more.

Whoever has asked a question has begun with his task, as by a claim. Its answer is none: it moves nothing, and the
question before it was one already.
"""

LAST_ACT = (
    select(HISTORY.c.kind, HISTORY.c.element, HISTORY.c.by_id, HISTORY.c.task_id, HISTORY.c.seq)
    .where(HISTORY.c.instance_id == bindparam("instance"), HISTORY.c.kind.in_(ACTS))
    .order_by(HISTORY.c.seq.desc())
    .limit(1)
)
NEWEST_BEFORE = (  # visits are counted up: what was opened later has a higher one
    select(func.max(TASK.c.visit))
    .join(HISTORY, HISTORY.c.task_id == TASK.c.id)
    .where(
        HISTORY.c.instance_id == bindparam("instance"),
        HISTORY.c.kind == "opened",
        HISTORY.c.seq < bindparam("seq"),
    )
)


def may_withdraw(session: Session, instance: str, by: Acting) -> bool:
    """Whether `by` could take back the last decision of `instance` now: it was his, and nobody has acted since.

    One statement.
    """
    return bool(_withdrawable(session, Instance.id == instance, by))


def withdrawable(session: Session, tasks: Collection[str], by: Acting) -> frozenset[str]:
    """Those of `tasks` whose decision `by` could take back now. At most one statement, whatever the number."""
    if not tasks:
        return frozenset()
    return _withdrawable(
        session, Instance.id.in_(select(Task.instance_id).where(Task.id.in_(tasks))), by
    ) & set(tasks)


def _withdrawable(session: Session, which: Any, by: Acting) -> frozenset[str]:
    """The tasks decided last by `by`, in running instances, that the engine could open again."""
    found = set()
    for row in session.execute(_finding(which, by)):
        program = stepping.program_of(session, row)
        drawn = program.definition.tasks.get(row.element)
        if drawn is None or "withdraw" not in drawn.allow:
            continue
        try:
            successor(program.definition, row.tokens, drawn.id, row.older or 0)
        except (CannotMove, engine.Corrupt):
            continue
        found.add(row.task_id)
    return frozenset(found)


def _finding(which: Any, by: Acting) -> Any:
    last, opened, before = aliased(History), aliased(History), aliased(Task)
    newest = (
        select(func.max(History.seq))
        .where(History.instance_id == Instance.id, History.kind.in_(ACTS))
        .correlate(Instance)
        .scalar_subquery()
    )
    older = (
        select(func.max(before.visit))
        .join(opened, opened.task_id == before.id)
        .where(opened.instance_id == Instance.id, opened.kind == "opened", opened.seq < last.seq)
        .correlate(Instance, last)
        .scalar_subquery()
    )
    return (
        select(Instance.version_id, Instance.tokens, last.element, last.task_id, older.label("older"))
        .join(last, and_(last.instance_id == Instance.id, last.seq == newest))
        .where(which, Instance.state == "running", last.kind == "decided", last.by_id == by.person)
    )


def successor(definition: Definition, state: bytes, decided: str, before: int) -> tuple[str, int]:
    """A waiting token from which the matter can go back to the task just `decided`. Raises `CannotMove`.

    Only one that the decision itself has put there, newer than `before`: what waited already, in another body of
    a multi-instance, is nothing that was decided here.
    """
    code = "not_passed"
    for token in _newest_first(engine.tokens(definition, state)):
        if token.visit <= before:
            break
        possible = engine.targets(definition, state, token.element, token.visit)
        if decided in possible:
            if possible[decided] is None:
                return token.element, token.visit
            code = possible[decided] or code
    raise CannotMove(decided, code)


def _newest_first(tokens: Iterable[engine.Token]) -> list[Any]:
    return sorted(tokens, key=lambda token: -token.visit)
