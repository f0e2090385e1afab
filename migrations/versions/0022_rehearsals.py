"""Rehearsals: the moves made so far, kept for a day."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ID = sa.String(length=26)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "design_rehearsal",
        sa.Column("id", ID, nullable=False),
        sa.Column("before_id", ID, nullable=True),
        sa.Column("process", sa.String(length=100), nullable=False),
        sa.Column("draft_id", ID, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("version_id", ID, nullable=True),
        sa.Column("moves", sa.LargeBinary(), nullable=False),
        sa.Column("base_at", MOMENT, nullable=False),
        sa.Column("made_by_id", ID, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_design_rehearsal")),
    )
    op.create_index(op.f("ix_design_rehearsal_made_at"), "design_rehearsal", ["made_at"])


def downgrade() -> None:
    op.drop_table("design_rehearsal")
