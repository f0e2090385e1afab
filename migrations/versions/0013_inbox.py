"""The inbox: questions at a task, what a return has named, views, phrases and presence."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PLACE = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("runtime_instance", sa.Column("items", sa.LargeBinary(), nullable=True))
    op.add_column("runtime_task", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("runtime_task", sa.Column("paused_days", sa.Integer(), server_default="0", nullable=False))
    op.add_column("runtime_draft", sa.Column("version", sa.Integer(), server_default="1", nullable=False))

    op.create_table(
        "runtime_question",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("instance_id", sa.String(length=26), nullable=False),
        sa.Column("task_id", sa.String(length=26), nullable=False),
        sa.Column("asked_by_id", sa.String(length=26), nullable=False),
        sa.Column("to_id", sa.String(length=26), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_pausing", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.String(length=26), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["runtime_instance.id"], name=op.f("fk_runtime_question_instance_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["runtime_task.id"], name=op.f("fk_runtime_question_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runtime_question")),
    )
    op.create_index("ix_runtime_question_task", "runtime_question", ["task_id", "closed_at"])
    op.create_index("ix_runtime_question_instance", "runtime_question", ["instance_id", "to_id"])
    op.create_index("ix_runtime_question_to", "runtime_question", ["to_id", "closed_at"])

    op.create_table(
        "runtime_phrase",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runtime_phrase")),
    )
    op.create_index("ix_runtime_phrase_person", "runtime_phrase", ["person_id", "position"])

    op.create_table(
        "runtime_presence",
        sa.Column("task_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("task_id", "person_id", name=op.f("pk_runtime_presence")),
    )

    op.create_table(
        "lists_view",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("list", sa.String(length=120), nullable=False),
        sa.Column("owner_id", sa.String(length=26), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("reach", sa.String(length=10), nullable=False),
        sa.Column("place", PLACE, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists_view")),
    )
    op.create_index("ix_lists_view_owner", "lists_view", ["owner_id", "position"])
    op.create_index("ix_lists_view_place", "lists_view", ["reach", "place"])


def downgrade() -> None:
    op.drop_index("ix_lists_view_place", table_name="lists_view")
    op.drop_index("ix_lists_view_owner", table_name="lists_view")
    op.drop_table("lists_view")
    op.drop_table("runtime_presence")
    op.drop_index("ix_runtime_phrase_person", table_name="runtime_phrase")
    op.drop_table("runtime_phrase")
    op.drop_index("ix_runtime_question_to", table_name="runtime_question")
    op.drop_index("ix_runtime_question_instance", table_name="runtime_question")
    op.drop_index("ix_runtime_question_task", table_name="runtime_question")
    op.drop_table("runtime_question")
    with op.batch_alter_table("runtime_draft") as table:
        table.drop_column("version")
    with op.batch_alter_table("runtime_task") as table:
        table.drop_column("paused_days")
        table.drop_column("paused_at")
    with op.batch_alter_table("runtime_instance") as table:
        table.drop_column("items")
