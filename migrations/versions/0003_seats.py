"""seats, substitutes and copies."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PLACE = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("runtime_task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seats", sa.String(length=12), server_default="one", nullable=False))
        batch_op.add_column(sa.Column("avoided", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("avoided_unit", PLACE, nullable=True))
        batch_op.add_column(sa.Column("closed_for_id", sa.String(length=26), nullable=True))

    op.create_table(
        "runtime_seat",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("task_id", sa.String(length=26), nullable=False),
        sa.Column("instance_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("is_personal", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=60), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.String(length=26), nullable=True),
        sa.Column("decided_as", sa.Integer(), nullable=True),
        sa.Column("variables", sa.LargeBinary(), nullable=True),
        sa.Column("added_by_id", sa.String(length=26), nullable=True),
        sa.Column("delegated_by_id", sa.String(length=26), nullable=True),
        sa.Column("seat_id", sa.String(length=26), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.String(length=26), nullable=True),
        sa.Column("closed_reason", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["runtime_instance.id"], name=op.f("fk_runtime_seat_instance_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["runtime_task.id"], name=op.f("fk_runtime_seat_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runtime_seat")),
    )
    with op.batch_alter_table("runtime_seat", schema=None) as batch_op:
        batch_op.create_index("ix_runtime_seat_task", ["task_id", "position"], unique=False)
        batch_op.create_index("ix_runtime_seat_person", ["person_id", "state"], unique=False)
        batch_op.create_index("ix_runtime_seat_instance", ["instance_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_runtime_seat_decided_by_id"), ["decided_by_id"], unique=False)

    op.create_table(
        "runtime_substitute",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("substitute_id", sa.String(length=26), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processes", sa.Text(), nullable=True),
        sa.Column("appointed_by_id", sa.String(length=26), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runtime_substitute")),
    )
    with op.batch_alter_table("runtime_substitute", schema=None) as batch_op:
        batch_op.create_index("ix_runtime_substitute_substitute", ["substitute_id", "until_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_runtime_substitute_person_id"), ["person_id"], unique=False)

    op.create_table(
        "runtime_copy",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("instance_id", sa.String(length=26), nullable=False),
        sa.Column("task_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("by_id", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["runtime_instance.id"], name=op.f("fk_runtime_copy_instance_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["runtime_task.id"], name=op.f("fk_runtime_copy_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runtime_copy")),
        sa.UniqueConstraint("task_id", "person_id", name=op.f("uq_runtime_copy_task_id_person_id")),
    )
    with op.batch_alter_table("runtime_copy", schema=None) as batch_op:
        batch_op.create_index("ix_runtime_copy_person", ["person_id", "read_at", "at"], unique=False)
        batch_op.create_index("ix_runtime_copy_instance", ["instance_id", "person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("runtime_copy")
    op.drop_table("runtime_substitute")
    op.drop_table("runtime_seat")
    with op.batch_alter_table("runtime_task", schema=None) as batch_op:
        batch_op.drop_column("closed_for_id")
        batch_op.drop_column("avoided_unit")
        batch_op.drop_column("avoided")
        batch_op.drop_column("seats")
