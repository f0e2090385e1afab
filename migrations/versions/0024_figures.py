"""Figures of what runs: changes appended by triggers, what is kept of them, and when it was last counted anew."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
PLACE = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS = "(figure, place, process, version_id, element, detail, day, n)"
STAYS = "(place, process, element, from_at, to_at, due_at, paused_days, is_return, n)"


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
  SELECT 'started', {row}.place, {row}.process, '', '', '', {began}, {sign};
INSERT INTO monitoring_delta {COLUMNS}
  SELECT 'ended', {row}.place, {row}.process, '', '', '', {ended}, {sign} WHERE {row}.ended_at IS NOT NULL;
INSERT INTO monitoring_stay {STAYS}
  SELECT {row}.place, {row}.process, '', {row}.started_at, {row}.ended_at, NULL, 0, 0, {sign}
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
  SELECT i.place, i.process, {row}.element, {row}.opened_at, {row}.closed_at, {row}.due_at, {row}.paused_days, {back},
  {sign} {of_it} {decided} AND {row}.closed_by_id IS NOT NULL;"""


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


def upgrade() -> None:
    op.create_table(
        "monitoring_delta",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("figure", sa.String(length=10), nullable=False),
        sa.Column("place", PLACE, nullable=False),
        sa.Column("process", sa.String(length=100), nullable=False),
        sa.Column("version_id", sa.String(length=26), nullable=False),
        sa.Column("element", sa.String(length=100), nullable=False),
        sa.Column("detail", sa.String(length=30), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_delta")),
    )
    op.create_table(
        "monitoring_stay",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("place", PLACE, nullable=False),
        sa.Column("process", sa.String(length=100), nullable=False),
        sa.Column("element", sa.String(length=100), nullable=False),
        sa.Column("from_at", MOMENT, nullable=False),
        sa.Column("to_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("paused_days", sa.Integer(), nullable=False),
        sa.Column("is_return", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_stay")),
    )
    op.create_table(
        "monitoring_figure",
        sa.Column("figure", sa.String(length=10), nullable=False),
        sa.Column("place", PLACE, nullable=False),
        sa.Column("process", sa.String(length=100), nullable=False),
        sa.Column("version_id", sa.String(length=26), nullable=False),
        sa.Column("element", sa.String(length=100), nullable=False),
        sa.Column("detail", sa.String(length=30), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            *("figure", "place", "process", "version_id", "element", "detail", "day"),
            name=op.f("pk_monitoring_figure"),
        ),
    )
    op.create_index("ix_monitoring_figure_day", "monitoring_figure", ["figure", "place", "day"])
    op.create_table(
        "monitoring_mark",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("by_id", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_monitoring_mark")),
    )
    op.create_index("ix_runtime_instance_state_started", "runtime_instance", ["state", "started_at", "id"])
    op.create_index("ix_runtime_instance_ended", "runtime_instance", ["ended_at"])
    due = sa.text("state = 'open' AND due_at IS NOT NULL AND paused_at IS NULL")
    op.create_index(
        "ix_runtime_task_due", "runtime_task", ["due_at", "id"], sqlite_where=due, postgresql_where=due
    )
    connection = op.get_bind()
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    connection = op.get_bind()
    for one in every(connection.dialect.name):
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {one.name}")
        else:
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {one.name}() CASCADE")
    op.drop_index("ix_runtime_task_due", "runtime_task")
    op.drop_index("ix_runtime_instance_ended", "runtime_instance")
    op.drop_index("ix_runtime_instance_state_started", "runtime_instance")
    for table in ("mark", "figure", "stay", "delta"):
        op.drop_table(f"monitoring_{table}")
