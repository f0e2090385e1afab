"""The generic record of free forms, and the indexes its lists walk along."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "records_value",
        sa.Column("instance_id", sa.String(length=26), nullable=False),
        sa.Column("form", sa.String(length=100), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("process", sa.String(length=100), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=True),
        sa.Column("number", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["runtime_instance.id"], name=op.f("fk_records_value_instance_id")
        ),
        sa.PrimaryKeyConstraint("instance_id", "form", "field", "position", name=op.f("pk_records_value")),
    )
    for name, column in (("ix_records_value_text", "text"), ("ix_records_value_number", "number")):
        op.create_index(name, "records_value", ["process", "form", "field", column, "instance_id"])
    op.create_index(
        "ix_runtime_instance_process_started", "runtime_instance", ["process", "started_at", "id"]
    )
    op.create_index("ix_runtime_instance_process_place", "runtime_instance", ["process", "place"])


def downgrade() -> None:
    op.drop_index("ix_runtime_instance_process_place", "runtime_instance")
    op.drop_index("ix_runtime_instance_process_started", "runtime_instance")
    op.drop_table("records_value")
