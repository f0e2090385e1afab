"""Whose office a saved view is for: the role beside the place. A view saved before has none: its owner's alone."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lists_view", sa.Column("role", sa.String(length=80), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("lists_view") as table:
        table.drop_column("role")
