"""history: find what happened since a moment."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("runtime_history", schema=None) as batch_op:
        batch_op.create_index("ix_runtime_history_at", ["at"], unique=False, postgresql_using="brin")


def downgrade() -> None:
    with op.batch_alter_table("runtime_history", schema=None) as batch_op:
        batch_op.drop_index("ix_runtime_history_at")
