"""Drafts of processes, the states they were saved in, and the contents of their files."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ID = sa.String(length=26)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "design_content",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_design_content")),
    )
    op.create_index(op.f("ix_design_content_used_at"), "design_content", ["used_at"])
    op.create_table(
        "design_draft",
        sa.Column("id", ID, nullable=False),
        sa.Column("process", sa.String(length=100), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("base_id", ID, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("made_by_id", ID, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("changed_by_id", ID, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("editor_id", ID, nullable=True),
        sa.Column("editor_window", sa.String(length=40), nullable=True),
        sa.Column("editor_seen_at", MOMENT, nullable=True),
        sa.Column("asked_by_id", ID, nullable=True),
        sa.Column("asked_window", sa.String(length=40), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_design_draft")),
    )
    op.create_index(
        "ux_design_draft_open",
        "design_draft",
        ["process"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "design_state",
        sa.Column("id", ID, nullable=False),
        sa.Column("draft_id", ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("aside", sa.Boolean(), nullable=False),
        sa.Column("saved_by_id", ID, nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["design_draft.id"], name=op.f("fk_design_state_draft_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_design_state")),
        sa.UniqueConstraint("draft_id", "revision", name=op.f("uq_design_state_draft_id_revision")),
    )


def downgrade() -> None:
    op.drop_table("design_state")
    op.drop_table("design_draft")
    op.drop_table("design_content")
