"""timers, escalations, and which calendar was used."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_source",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("known", sa.String(length=60), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_source")),
    )
    op.create_table(
        "runtime_timer",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("instance_id", sa.String(length=26), nullable=True),
        sa.Column("version_id", sa.String(length=26), nullable=False),
        sa.Column("process", sa.String(length=100), nullable=False),
        sa.Column("element", sa.String(length=100), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.String(length=26), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("armed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(length=100), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("leased_by", sa.String(length=120), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["runtime_instance.id"], name=op.f("fk_runtime_timer_instance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runtime_timer")),
    )
    with op.batch_alter_table("runtime_timer", schema=None) as batch_op:
        batch_op.create_index("ix_runtime_timer_due", ["due_at"], unique=False)
        batch_op.create_index("ix_runtime_timer_next", ["next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_runtime_timer_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_runtime_timer_process"), ["process"], unique=False)

    op.create_table(
        "runtime_escalation",
        sa.Column("task_id", sa.String(length=26), nullable=False),
        sa.Column("instance_id", sa.String(length=26), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column(
            "place", sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("subject", sa.String(length=60), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["runtime_instance.id"], name=op.f("fk_runtime_escalation_instance_id")
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_runtime_escalation")),
    )
    with op.batch_alter_table("runtime_escalation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_runtime_escalation_instance_id"), ["instance_id"], unique=False)

    with op.batch_alter_table("runtime_task", schema=None) as batch_op:
        for name in ("is_due_provisional", "is_escalated"):
            batch_op.add_column(sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("runtime_task", schema=None) as batch_op:
        batch_op.drop_column("is_escalated")
        batch_op.drop_column("is_due_provisional")
    op.drop_table("runtime_escalation")
    op.drop_table("runtime_timer")
    op.drop_table("calendar_source")
