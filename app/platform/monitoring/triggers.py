"""The triggers that write down each change of a count, in the transaction that makes it, whoever writes.

Runtime does not know of them. They are the same statements on both databases; PostgreSQL has them in functions.
Each appends rows and locks none, so that nobody waits for anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, MetaData, event

from app.platform.data import Base
from app.platform.monitoring.entities import Delta, Stay

COLUMNS = "(figure, place, process, version_id, element, detail, day, n)"
STAYS = "(place, process, version_id, element, from_at, to_at, due_at, paused_days, is_return, n)"
WATCHED = ("runtime_instance", "runtime_task", "runtime_incident")


@dataclass(frozen=True, slots=True)
class Trigger:
    """`body` is done after `moment` of each row of `table`; of an update where one of `columns` has changed."""

    table: str
    moment: str
    body: str
    columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is called in the database."""
        return f"figures_{self.table.removeprefix('runtime_')}_{self.moment}"


def _day(moment: str, dialect: str) -> str:
    """The day of a moment in Shanghai, as text."""
    if dialect == "sqlite":
        return f"date({moment}, '+8 hours')"
    return f"to_char({moment} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')"


def _case(row: str, sign: int, dialect: str) -> str:
    """What an instance counts as; the row is NEW or OLD."""
    began, ended = _day(f"{row}.started_at", dialect), _day(f"{row}.ended_at", dialect)
    return f"""
INSERT INTO monitoring_delta {COLUMNS}
  SELECT 'case', {row}.place, {row}.process, {row}.version_id, '', {row}.state, '', {sign} WHERE {row}.state <> 'ended';
INSERT INTO monitoring_delta {COLUMNS}
  SELECT 'started', {row}.place, {row}.process, {row}.version_id, '', '', {began}, {sign};
INSERT INTO monitoring_delta {COLUMNS}
  SELECT 'ended', {row}.place, {row}.process, {row}.version_id, '', '', {ended}, {sign}
  WHERE {row}.ended_at IS NOT NULL;
INSERT INTO monitoring_stay {STAYS}
  SELECT {row}.place, {row}.process, {row}.version_id, '', {row}.started_at, {row}.ended_at, NULL, 0, 0, {sign}
  WHERE {row}.ended_at IS NOT NULL;"""


def _inside(row: str, sign: int, dialect: str) -> str:
    """What lies inside an instance, which counts where it is and by its version."""
    head = f"{row}.place, {row}.process, {row}.version_id"
    differs = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    moved = f"(OLD.place {differs} NEW.place OR OLD.version_id {differs} NEW.version_id)"
    day = _day("t.due_at", dialect)
    return f"""
INSERT INTO monitoring_delta {COLUMNS}
  SELECT 'task', {head}, t.element, '', '', {sign} FROM runtime_task t
  WHERE t.instance_id = NEW.id AND t.state = 'open' AND {moved};
INSERT INTO monitoring_delta {COLUMNS}
  SELECT 'due', {head}, t.element, '', {day}, {sign} FROM runtime_task t
  WHERE t.instance_id = NEW.id AND t.state = 'open' AND t.due_at IS NOT NULL AND t.paused_at IS NULL AND {moved};
INSERT INTO monitoring_delta {COLUMNS}
  SELECT 'incident', {head}, coalesce(x.element, ''), x.kind, '', {sign} FROM runtime_incident x
  WHERE x.instance_id = NEW.id AND x.closed_at IS NULL AND {moved};"""


def _task(row: str, sign: int, dialect: str) -> str:
    """What a task counts as: open and due, or decided by somebody."""
    of_it = f"FROM runtime_instance i WHERE i.id = {row}.instance_id AND"
    decided = f"{row}.state IN ('closed', 'returned') AND {row}.closed_at IS NOT NULL"
    back = f"CASE WHEN {row}.state = 'returned' OR {row}.outcome = 'return' THEN 1 ELSE 0 END"
    return f"""
INSERT INTO monitoring_delta {COLUMNS}
  SELECT 'task', i.place, i.process, i.version_id, {row}.element, '', '', {sign} {of_it} {row}.state = 'open';
INSERT INTO monitoring_delta {COLUMNS}
  SELECT 'due', i.place, i.process, i.version_id, {row}.element, '', {_day(f"{row}.due_at", dialect)}, {sign}
  {of_it} {row}.state = 'open' AND {row}.due_at IS NOT NULL AND {row}.paused_at IS NULL;
INSERT INTO monitoring_stay {STAYS}
  SELECT i.place, i.process, i.version_id, {row}.element, {row}.opened_at, {row}.closed_at, {row}.due_at,
  {row}.paused_days, {back}, {sign} {of_it} {decided} AND {row}.closed_by_id IS NOT NULL;"""


def _incident(row: str, sign: int, _dialect: str) -> str:
    """What an incident counts as while it is open; one without an instance belongs nowhere."""
    return f"""
INSERT INTO monitoring_delta {COLUMNS}
  SELECT 'incident', i.place, i.process, i.version_id, coalesce({row}.element, ''), {row}.kind, '', {sign}
  FROM runtime_instance i WHERE i.id = {row}.instance_id AND {row}.closed_at IS NULL;"""


_ALL = (
    (
        "runtime_instance",
        (_case, _inside),
        ("state", "version_id", "place", "process", "ended_at", "started_at"),
    ),
    (
        "runtime_task",
        (_task,),
        (
            *("state", "element", "opened_at", "due_at", "paused_at", "paused_days"),
            *("closed_at", "closed_by_id", "outcome", "instance_id"),
        ),
    ),
    ("runtime_incident", (_incident,), ("closed_at", "element", "kind", "instance_id")),
)


def every(dialect: str) -> Iterator[Trigger]:
    """The triggers as `dialect` wants them."""
    for table, parts, columns in _ALL:
        yield Trigger(table, "insert", parts[0]("NEW", 1, dialect))
        both = [part(row, sign, dialect) for row, sign in (("OLD", -1), ("NEW", 1)) for part in parts]
        yield Trigger(table, "update", "".join(both), columns)
        yield Trigger(table, "delete", parts[0]("OLD", -1, dialect))


def statements(dialect: str) -> Iterator[str]:
    """What makes the triggers, one statement after the other; those that are there are made anew."""
    differs = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    for one in every(dialect):
        changed = " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in one.columns)
        when = f" WHEN ({changed})" if one.columns else ""
        of = f" OF {', '.join(one.columns)}" if one.columns else ""
        event_of = f"AFTER {one.moment.upper()}{of} ON {one.table} FOR EACH ROW{when}"
        if dialect == "sqlite":
            yield f"DROP TRIGGER IF EXISTS {one.name}"
            yield f"CREATE TRIGGER {one.name} {event_of} BEGIN{one.body}\nEND"
            continue
        body = f"BEGIN{one.body}\nRETURN NULL;\nEND"
        yield f"CREATE OR REPLACE FUNCTION {one.name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"
        yield f"DROP TRIGGER IF EXISTS {one.name} ON {one.table}"
        yield f"CREATE TRIGGER {one.name} {event_of} EXECUTE FUNCTION {one.name}()"


def make(connection: Connection) -> None:
    """Make the triggers in a database that has the tables."""
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


@event.listens_for(Base.metadata, "after_create")
def _with_the_tables(_metadata: MetaData, connection: Connection, tables: Any = (), **_more: object) -> None:
    made = {table.name for table in tables or ()}
    if made >= {*WATCHED, Delta.__tablename__, Stay.__tablename__}:
        make(connection)
