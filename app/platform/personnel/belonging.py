"""What is somebody's, in whichever table: found by its foreign keys and by name, and given to the one he really is.

Columns that say who *did* something are not among it: who acted is who acted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Index, Table, UniqueConstraint, exists, func, select, update
from sqlalchemy.orm import Session

from app.platform.data import Base
from app.platform.identity.entities import Person
from app.platform.registry import house
from app.platform.runtime.entities import Substitute, Task

MOVED: Final = frozenset(
    {
        "documents_file.owner_id",
        "identity_code_batch.issued_by_id",  # whoever issued codes answers for them
        "identity_permission_code.redeemed_by_id",
        "jobs_errand.owner_id",
        "lists_choice.person_id",
        "lists_view.owner_id",
        "runtime_copy.person_id",
        "runtime_draft.person_id",
        "runtime_phrase.person_id",
        "runtime_question.asked_by_id",
        "runtime_question.to_id",
        "runtime_seat.decided_by_id",
        "runtime_seat.person_id",
        "runtime_substitute.person_id",
        "runtime_substitute.substitute_id",
        "runtime_task.assignee_id",
        "runtime_task.closed_by_id",
        "sheets_import.person_id",
    }
)
"""The columns of the house without a foreign key that say whose something is."""

APART: Final = frozenset({"identity_account", "identity_external", "identity_factor", "identity_post",
                          "identity_recovery_code", "identity_session", "identity_token"})  # fmt: skip
"""Tables of ways in and of posts: each has a verb of its own."""

PREFERENCES: Final = frozenset({"lists_choice", "notices_choice", "runtime_copy", "runtime_draft"})
"""Where both have a row of the same, the one of whoever stays counts, and the other is left where it is."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Rows of a tenant's table that cannot be both one person's, and how many."""

    table: str
    count: int


def columns() -> Iterator[Column[Any]]:
    """Every column, of the house and of its tenants, that says whose a row is."""
    for table in Base.metadata.sorted_tables:
        if table.name == Person.__tablename__ or table.name in APART:
            continue
        for column in table.columns:
            is_key = any(key.column is Person.__table__.c.id for key in column.foreign_keys)
            if is_key or f"{table.name}.{column.name}" in MOVED:
                yield column


def counts(session: Session, person: str, named: Collection[str]) -> dict[str, int]:
    """How many rows of which table are somebody's: in `named` and in those of the tenants. One statement each."""
    found: dict[str, int] = {}
    for column in columns():
        is_tenants = column.table.name.partition("_")[0] in house.systems
        if not is_tenants and column.table.name not in named:
            continue
        count = session.scalar(select(func.count()).select_from(column.table).where(column == person)) or 0
        if count:
            name = str(column.table.name)
            found[name] = found.get(name, 0) + count
    return found


def clashes(session: Session, drop: str, keep: str) -> list[Clash]:
    """The tables in which both have what only one person can have: it must be looked at by people first."""
    found = []
    for column in columns():
        table = column.table
        if table.name in PREFERENCES or _is_one_each(table, column):
            continue
        count = sum(len(_doubled(session, column, rule, drop, keep)) for rule in _rules(table, column))
        if count:
            found.append(Clash(str(table.name), count))
    return found


def left(session: Session, drop: str, keep: str) -> list[str]:
    """The tables with one row for each person in which both have theirs: that of whoever stays counts."""
    found = []
    for column in columns():
        if _is_one_each(column.table, column):
            both = select(func.count()).select_from(column.table).where(column.in_([drop, keep]))
            if session.scalar(both) == 2:
                found.append(str(column.table.name))
    return found


def move(session: Session, drop: str, keep: str, but: Collection[str] = ()) -> dict[str, int]:
    """Let what is the one's be the other's, in the open transaction; how many rows of which table.

    Tables of `but` are left out; what cannot go over, because `keep` has it already, stays.
    """
    done: dict[str, int] = {}
    absent = select(Substitute.substitute_id).where(Substitute.person_id == drop)
    in_his_stead = (Task.closed_by_id.in_(absent), Task.closed_for_id == drop)
    session.execute(
        update(Task)
        .where(*in_his_stead)
        .values(closed_for_id=keep)
        .execution_options(synchronize_session=False)
    )
    for column in columns():
        table = column.table
        if table.name in but:
            continue
        free = [~clause for clause in _taken(table, column, keep)]
        result = session.execute(update(table).where(column == drop, *free).values({column.key: keep}))
        if result.rowcount:  # type: ignore[attr-defined]
            name = str(table.name)
            done[name] = done.get(name, 0) + result.rowcount  # type: ignore[attr-defined]
    session.expire_all()
    return done


def _is_one_each(table: Table, column: Column[Any]) -> bool:
    return [one.name for one in table.primary_key.columns] == [column.name]


@dataclass(frozen=True, slots=True)
class _Rule:
    """What only one row may have: these columns beside the person's, among rows of `where`."""

    others: tuple[Column[Any], ...]
    where: Any = None


def _rules(table: Table, column: Column[Any]) -> list[_Rule]:
    found = []
    constraints = [table.primary_key, *(c for c in table.constraints if isinstance(c, UniqueConstraint))]
    for one in constraints:
        if column.name in one.columns:
            found.append(_Rule(tuple(each for each in one.columns if each is not column)))
    for index in table.indexes:
        if index.unique and column.name in index.columns:
            others = tuple(each for each in index.columns if each is not column)
            found.append(_Rule(others, _condition(index)))
    if column.unique:
        found.append(_Rule(()))
    return found


def _condition(index: Index) -> Any:
    options: Mapping[str, Any] = index.dialect_options["sqlite"]
    return options.get("where")


def _doubled(
    session: Session, column: Column[Any], rule: _Rule, drop: str, keep: str
) -> set[tuple[Any, ...]]:
    """What both have, by the other columns of a rule. Two statements."""
    where = [] if rule.where is None else [rule.where]

    def of(person: str) -> set[tuple[Any, ...]]:
        asked = select(column, *rule.others).where(column == person, *where)
        return {tuple(row[1:]) for row in session.execute(asked) if None not in row}

    his = of(drop)
    return his & of(keep) if his else set()


def _taken(table: Table, column: Column[Any], keep: str) -> Iterator[ColumnElement[bool]]:
    """The SQL of a row whose like `keep` has already, by a rule without a condition."""
    for rule in _rules(table, column):
        if rule.where is None:
            other = table.alias()
            alike = [other.c[each.name] == each for each in rule.others]
            yield exists(
                select(other.c[column.name]).where(other.c[column.name] == keep, *alike).correlate(table)
            )
