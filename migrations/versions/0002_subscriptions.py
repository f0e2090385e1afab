"""subscriptions: messages and signals waited for."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PLACE = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "runtime_subscription",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("instance_id", sa.String(length=26), nullable=True),
        sa.Column("process", sa.String(length=100), nullable=False),
        sa.Column("element", sa.String(length=100), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("correlation", sa.Text(), nullable=False),
        sa.Column("sender_role", sa.String(length=80), nullable=True),
        sa.Column("sender_place", PLACE, nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["runtime_instance.id"], name=op.f("fk_runtime_subscription_instance_id")
        ),
        sa.ForeignKeyConstraint(
            ["process"], ["runtime_process.key"], name=op.f("fk_runtime_subscription_process")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runtime_subscription")),
        sa.UniqueConstraint("instance_id", "visit", name=op.f("uq_runtime_subscription_instance_id_visit")),
    )
    with op.batch_alter_table("runtime_subscription", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_runtime_subscription_process"), ["process"], unique=False)
        batch_op.create_index("ix_runtime_subscription_wanted", ["kind", "name", "correlation"], unique=False)


def downgrade() -> None:
    op.drop_table("runtime_subscription")
