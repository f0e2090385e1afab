"""What is done to many instances at once: runs and their rows."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "monitoring_bulk",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("verb", sa.String(length=10), nullable=False),
        sa.Column("wish", sa.LargeBinary(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by_id", sa.String(length=26), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("errand_id", sa.String(length=26), nullable=True),
        sa.Column("file_id", sa.String(length=26), nullable=True),
        sa.Column("undoing_id", sa.String(length=26), nullable=True),
        sa.ForeignKeyConstraint(
            ["undoing_id"], ["monitoring_bulk.id"], name=op.f("fk_monitoring_bulk_undoing_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_bulk")),
    )
    op.create_index("ix_monitoring_bulk_asker", "monitoring_bulk", ["asked_by_id", "asked_at"])
    op.create_index("ix_monitoring_bulk_asked", "monitoring_bulk", ["asked_at"])
    op.create_index("ux_monitoring_bulk_undoing", "monitoring_bulk", ["undoing_id"], unique=True)
    op.create_table(
        "monitoring_bulk_row",
        sa.Column("bulk_id", sa.String(length=26), nullable=False),
        sa.Column("instance_id", sa.String(length=26), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("from_id", sa.String(length=26), nullable=True),
        sa.Column("to_id", sa.String(length=26), nullable=True),
        sa.Column("result", sa.String(length=10), nullable=True),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["bulk_id"], ["monitoring_bulk.id"], name=op.f("fk_monitoring_bulk_row_bulk_id")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["runtime_instance.id"], name=op.f("fk_monitoring_bulk_row_instance_id")
        ),
        sa.PrimaryKeyConstraint("bulk_id", "instance_id", name=op.f("pk_monitoring_bulk_row")),
    )
    op.create_index(
        "ix_monitoring_bulk_row_result", "monitoring_bulk_row", ["bulk_id", "result", "instance_id"]
    )


def downgrade() -> None:
    op.drop_table("monitoring_bulk_row")
    op.drop_table("monitoring_bulk")
