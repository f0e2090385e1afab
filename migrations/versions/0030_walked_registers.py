"""When the instance of a recorded value began, and indexes from which a page of a register comes alone."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None

STARTED = ("ix_runtime_instance_process_started", "runtime_instance", ["process", "started_at", "id"])
ELIGIBLE = ("ix_runtime_task_eligible", "runtime_task", ["role", "state", "place", "opened_at"])
OF_INSTANCE = ("ix_runtime_task_instance", "runtime_task", ["instance_id", "state"])
INCLUDED = (
    (STARTED, ["starter_id", "place", "title", "number", "stage_zh", "ended"]),
    (ELIGIBLE, ["process", "instance_id"]),
    (OF_INSTANCE, ["role", "place"]),
)
PLACE = ("ix_runtime_instance_process_place", "runtime_instance")
FIELD = ["process", "form", "field"]
VALUES = {"text": "ix_records_value_text", "number": "ix_records_value_number"}


@contextmanager
def anew() -> Iterator[BatchOperations]:
    """The table, made anew on SQLite: those it refers to are read for it, whose indexes on expressions cannot be."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*expression-based index")
        with op.batch_alter_table("records_value") as table:
            yield table


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    op.add_column("records_value", sa.Column("started_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE records_value SET started_at = (SELECT runtime_instance.started_at FROM runtime_instance "
        "WHERE runtime_instance.id = records_value.instance_id)"
    )
    for name in VALUES.values():
        op.drop_index(name, "records_value")
    with anew() as table:
        table.alter_column("started_at", existing_type=sa.DateTime(timezone=True), nullable=False)
    for column, name in VALUES.items():
        there = sa.text(f"{column} IS NOT NULL")
        columns = [*FIELD, column, "started_at", "instance_id"]
        op.create_index(name, "records_value", columns, sqlite_where=there, postgresql_where=there)
    op.drop_index(*PLACE)
    op.create_index(*PLACE, ["process", "place", "id"])
    if is_postgresql:
        for index, included in INCLUDED:
            op.drop_index(*index[:2])
            op.create_index(*index, postgresql_include=included)
        op.execute("CREATE STATISTICS st_records_value (mcv) ON form, field, text FROM records_value")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP STATISTICS st_records_value")
        for index, _included in INCLUDED:
            op.drop_index(*index[:2])
            op.create_index(*index)
    op.drop_index(*PLACE)
    op.create_index(*PLACE, ["process", "place"])
    for name in VALUES.values():
        op.drop_index(name, "records_value")
    with anew() as table:
        table.drop_column("started_at")
    for column, name in VALUES.items():
        op.create_index(name, "records_value", [*FIELD, column, "instance_id"])
