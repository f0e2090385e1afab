"""Which columns of a list a person has chosen to see."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lists_choice",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("list", sa.String(length=120), nullable=False),
        sa.Column("hidden", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "list", name=op.f("pk_lists_choice")),
    )


def downgrade() -> None:
    op.drop_table("lists_choice")
