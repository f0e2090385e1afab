"""Role before state in the index of eligible tasks: every part of an inbox is then one range of it."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEX = "ix_runtime_task_eligible"


def upgrade() -> None:
    with op.batch_alter_table("runtime_task") as batch:
        batch.drop_index(INDEX)
        batch.create_index(INDEX, ["role", "state", "place", "opened_at"])


def downgrade() -> None:
    with op.batch_alter_table("runtime_task") as batch:
        batch.drop_index(INDEX)
        batch.create_index(INDEX, ["state", "role", "place", "opened_at"])
