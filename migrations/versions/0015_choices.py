"""Kinds of notices, and by which ways each person wants them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notices_notice", sa.Column("kind", sa.String(length=20), nullable=True))
    op.add_column("notices_notice", sa.Column("task_id", sa.String(length=26), nullable=True))
    op.create_table(
        "notices_choice",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("email", sa.Boolean(), nullable=False),
        sa.Column("sms", sa.Boolean(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["identity_person.id"], name=op.f("fk_notices_choice_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_notices_choice")),
    )
    op.create_index("ix_notices_choice_kind", "notices_choice", ["kind"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_notices_choice_kind", table_name="notices_choice")
    op.drop_table("notices_choice")
    op.drop_column("notices_notice", "task_id")
    op.drop_column("notices_notice", "kind")
