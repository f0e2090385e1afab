"""A session for many verbs in one transaction: what they lock and read first is read at once, what they write waits.

A verb sees no difference: a write is held back only until somebody reads a table it touches, or the chunk ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, Table, bindparam, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import Delete, Insert, Update

from app.platform.runtime import seats, stepping, tasks, unanswered
from app.platform.runtime.errors import InstanceChanged

LOCK_MANY = (
    select(*stepping.HELD)
    .where(stepping.INSTANCE.c.id.in_(bindparam("instances", expanding=True)))
    .order_by(stepping.INSTANCE.c.id)  # two chunks at once never wait for each other
    .with_for_update(of=stepping.INSTANCE)
)
FIND_MANY = select(stepping.TASK, unanswered.IS_ASKED).where(
    stepping.TASK.c.id.in_(bindparam("tasks", expanding=True))
)
ANY_NUMBER: Final = (stepping.CLOSE_INCIDENTS, seats.CLOSE_OF_GONE)  # of rows, none as well
QUIET: Final = frozenset({"info", "get_bind", "bind", "in_nested_transaction", "in_transaction"})
SHARED: Final = "identity_"


class Found:
    """One row that was read before, as a result."""

    def __init__(self, row: Any) -> None:
        self.row = row

    def one(self) -> Any:
        """The row."""
        return self.row

    one_or_none = first = one


class Counted:
    """What a write that waits answers: as many rows as it was given, which is checked when it is done."""

    def __init__(self, rowcount: int) -> None:
        self.rowcount = rowcount


class Together:
    """Stands for `session` within its open transaction. Locks the instances of `wanted` (task → instance).

    `held` are instances locked and read before (id → row): each may be used once, while nothing but plain writes and
    reads came between. `writes` counts what may have changed something.
    """

    def __init__(
        self, session: Session, wanted: Mapping[str, str], held: Mapping[str, Any] | None = None
    ) -> None:
        self.session = session
        self.writes = 0
        self.held = dict(held or {})
        self.instances: dict[str, Any] = {}
        self.tasks: dict[str, Any] = {}
        self.waiting: dict[int, tuple[Any, list[Any]]] = {}
        self.tables: set[str] = set()
        self.known: dict[Any, Any] = {}  # what was asked of people, posts and regions, which the chunk shares
        self.turns: dict[str, str] = {}  # instance → the one task whose verb may use what was read
        for task, instance in wanted.items():
            self.turns.setdefault(instance, task)
        if wanted:
            self._read()

    def _read(self) -> None:
        session = self.session
        locked = session.execute(LOCK_MANY, {"instances": list(self.turns)})
        found = session.execute(FIND_MANY, {"tasks": list(self.turns.values())})
        tasks_read = {row.id: row for row in found}
        self.instances = {self.turns[row.id]: row for row in locked if self.turns[row.id] in tasks_read}
        self.tasks = {task: tasks_read[task] for task in self.instances}

    def execute(self, statement: Any, parameters: Any = None, **more: Any) -> Any:
        """Answer from what was read, let a write wait, or do it now."""
        self._mind_objects()
        if statement is stepping.LOCK_BY_TASK and parameters["task"] in self.instances:
            return Found(self.instances.pop(parameters["task"]))
        if statement is tasks.FIND and parameters["task"] in self.tasks:
            return Found(self.tasks.pop(parameters["task"]))
        if statement is stepping.LOCK and parameters["instance"] in self.held:
            return Found(self.held.pop(parameters["instance"]))
        if _may_wait(statement, parameters) and not more:
            return self._wait(statement, parameters)
        self._settle(statement)
        about = self._asked(statement, parameters) if isinstance(statement, Select) and not more else None
        if not isinstance(statement, Select):
            self._changes()
        if about is None:
            return self.session.execute(statement, parameters, **more)
        if about not in self.known:
            self.known[about] = self.session.execute(statement, parameters).freeze()
        return self.known[about]()

    def scalar(self, statement: Any, parameters: Any = None, **more: Any) -> Any:
        """As the session's."""
        return self.execute(statement, parameters, **more).scalar()

    def scalars(self, statement: Any, parameters: Any = None, **more: Any) -> Any:
        """As the session's."""
        return self.execute(statement, parameters, **more).scalars()

    def get(self, entity: Any, ident: Any, **more: Any) -> Any:
        """As the session's: a plain read of one row."""
        return self._reading(entity, more).get(entity, ident, **more)

    def get_one(self, entity: Any, ident: Any, **more: Any) -> Any:
        """As the session's: a plain read of one row."""
        return self._reading(entity, more).get_one(entity, ident, **more)

    def _reading(self, entity: Any, more: Mapping[str, Any]) -> Session:
        """The session, fit for reading an object of this class; with more to it than that, for anything."""
        self._mind_objects()
        if more:
            self._changes()
        if more or self.tables & {table.name for table in inspect(entity).tables}:
            self.flush()
        return self.session

    def __getattr__(self, name: str) -> Any:
        if name not in QUIET:
            self._changes()
            self.flush()
        return getattr(self.session, name)

    def flush(self) -> None:
        """Write what waits, each statement once for all its rows. Raises `InstanceChanged` where one was not there."""
        self._mind_objects()
        self._write()
        self.session.flush()

    def _write(self) -> None:
        waiting, self.waiting = self.waiting, {}
        self.tables.clear()
        for statement, rows in waiting.values():
            done = self.session.execute(statement, rows)
            counts = isinstance(statement, Update) and not any(statement is each for each in ANY_NUMBER)
            if counts and done.rowcount != len(rows):  # type: ignore[attr-defined]
                raise InstanceChanged()

    def _changes(self) -> None:
        """Something happens whose reach nobody knows here: what was read before does not count any more."""
        self.writes += 1
        self.held.clear()
        self.known.clear()

    def _mind_objects(self) -> None:
        """An object that was made, changed or deleted is written by the session by and by, after what waits here."""
        if self.session.new or self.session.dirty or self.session.deleted:
            self._changes()
            self._write()

    def _wait(self, statement: Any, parameters: Any) -> Counted:
        self.writes += 1
        self._mind_order(statement)
        rows: Sequence[Any] = parameters if isinstance(parameters, list) else [parameters]
        self.waiting.setdefault(id(statement), (statement, []))[1].extend(rows)
        self.tables.add(statement.table.name)
        if statement.table.name.startswith(SHARED):
            self._changes()
        elif statement.table is stepping.INSTANCE:  # what was read of these rows is not so any more
            for row in rows:
                self.held.pop(row["_id"], None) if "_id" in row else self.held.clear()
        return Counted(len(rows))

    def _mind_order(self, statement: Any) -> None:
        """Rows are written where the first of their statement stands: first write what these need and stands behind."""
        if id(statement) not in self.waiting:
            return
        order = list(self.waiting)
        behind = [self.waiting[each][0] for each in order[order.index(id(statement)) + 1 :]]
        kind = Delete if isinstance(statement, Delete) else Insert
        written = {each.table.name for each in behind if isinstance(each, kind)}  # type: ignore[union-attr]
        if written & _kin(statement):
            self.flush()

    def _settle(self, statement: Any) -> None:
        """Write first where the statement may read, write, or by a key need, what waits."""
        if self.waiting and (
            not hasattr(statement, "get_children") or self.tables & (_tables(statement) | _kin(statement))
        ):
            self.flush()

    def _asked(self, statement: Select[Any], parameters: Any) -> Any:
        """What tells equal questions about identity from others; None for a statement that is none.

        Once one of their rows is locked, what another transaction has made of it counts: they are asked anew.
        """
        read, locks = _tables(statement), statement._for_update_arg
        if locks is not None:
            locked = set().union(*map(_tables, locks.of)) if locks.of else read
            if any(name.startswith(SHARED) for name in locked):
                self.known.clear()
            return None
        if not read or not all(name.startswith(SHARED) for name in read):
            return None
        key = statement._generate_cache_key()
        if key is None:
            return None
        given = sorted((parameters or {}).items())
        return (key.key, *(repr(bound.effective_value) for bound in key.bindparams), repr(given))


def _may_wait(statement: Any, parameters: Any) -> bool:
    """Whether a statement is a plain write whose rows stand in its parameters and whose answer is a count.

    One that asks for any of a list cannot be done for many rows at once.
    """
    rows = parameters if isinstance(parameters, list) else [parameters or {}]
    if isinstance(statement, Update | Delete) and any(
        type(each) is list for row in rows for each in row.values()
    ):
        return False
    return (
        isinstance(statement, Insert | Update | Delete)
        and bool(parameters)
        and not statement._returning
        and statement._propagate_attrs.get("compile_state_plugin") != "orm"
    )


def _kin(statement: Any) -> frozenset[str]:
    """The tables that must have been written before: those a new or changed row may refer to, or that a deleted may."""
    if isinstance(statement, Insert | Update):
        return _referred(statement.table)
    return _referring(statement.table) if isinstance(statement, Delete) else frozenset()


@cache
def _referred(table: Table) -> frozenset[str]:
    return frozenset(key.column.table.name for key in table.foreign_keys) - {table.name}


@cache
def _referring(table: Table) -> frozenset[str]:
    others = table.metadata.tables.values()
    return frozenset(each.name for each in others if table.name in _referred(each)) - {table.name}


def _tables(statement: Any) -> set[str]:
    return {node.name for node in visitors.iterate(statement) if isinstance(node, Table)}
