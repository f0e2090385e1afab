"""Open tasks by step and deadline, and instances that go on by place, for the list below a process's drawing."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

OPEN, LIVE = sa.text("state = 'open'"), sa.text("state IN ('running', 'suspended')")


def upgrade() -> None:
    op.create_index(
        "ix_runtime_task_element",
        "runtime_task",
        ["process", "element", "due_at", "instance_id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(
        "ix_runtime_instance_live",
        "runtime_instance",
        ["process", "place", "started_at", "id"],
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )


def downgrade() -> None:
    op.drop_index("ix_runtime_instance_live", table_name="runtime_instance")
    op.drop_index("ix_runtime_task_element", table_name="runtime_task")
