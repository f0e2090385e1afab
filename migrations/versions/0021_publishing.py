"""Publications of drafts, forecasts of what a version does to running instances, and instances carried over."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ID = sa.String(length=26)
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("state IN ('waiting', 'planned')")


def upgrade() -> None:
    op.create_table(
        "design_publication",
        sa.Column("id", ID, nullable=False),
        sa.Column("process", sa.String(length=100), nullable=False),
        sa.Column("draft_id", ID, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("of_id", ID, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_by_id", ID, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("planned_at", MOMENT, nullable=True),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version_id", ID, nullable=True),
        sa.Column("carries", sa.Boolean(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["of_id"], ["runtime_version.id"], name=op.f("fk_design_publication_of_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["runtime_version.id"], name=op.f("fk_design_publication_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_design_publication")),
    )
    op.create_index("ix_design_publication_process", "design_publication", ["process", "asked_at"])
    op.create_index("ix_design_publication_version", "design_publication", ["version_id"])
    op.create_index(
        "ux_design_publication_open",
        "design_publication",
        ["draft_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "design_study",
        sa.Column("id", ID, nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("process", sa.String(length=100), nullable=False),
        sa.Column("errand_id", ID, nullable=True),
        sa.Column("asked_by_id", ID, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_design_study")),
    )
    op.create_index("ix_design_study_about", "design_study", ["about", "asked_at"])
    op.create_table(
        "design_studied",
        sa.Column("study_id", ID, nullable=False),
        sa.Column("instance_id", ID, nullable=False),
        sa.Column("becomes", sa.String(length=14), nullable=False),
        sa.Column("version_id", ID, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("waits", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["runtime_instance.id"], name=op.f("fk_design_studied_instance_id")
        ),
        sa.ForeignKeyConstraint(["study_id"], ["design_study.id"], name=op.f("fk_design_studied_study_id")),
        sa.PrimaryKeyConstraint("study_id", "instance_id", name=op.f("pk_design_studied")),
    )
    op.create_index("ix_design_studied_becomes", "design_studied", ["study_id", "becomes", "instance_id"])
    op.create_table(
        "design_carrying",
        sa.Column("id", ID, nullable=False),
        sa.Column("process", sa.String(length=100), nullable=False),
        sa.Column("version_id", ID, nullable=True),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("asked_by_id", ID, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("errand_id", ID, nullable=True),
        sa.Column("file_id", ID, nullable=True),
        sa.Column("undoing_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["undoing_id"], ["design_carrying.id"], name=op.f("fk_design_carrying_undoing_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["runtime_version.id"], name=op.f("fk_design_carrying_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_design_carrying")),
    )
    op.create_index("ix_design_carrying_process", "design_carrying", ["process", "asked_at"])
    op.create_index("ux_design_carrying_undoing", "design_carrying", ["undoing_id"], unique=True)
    op.create_table(
        "design_carried",
        sa.Column("carrying_id", ID, nullable=False),
        sa.Column("instance_id", ID, nullable=False),
        sa.Column("from_id", ID, nullable=False),
        sa.Column("to_id", ID, nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("result", sa.String(length=10), nullable=True),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["carrying_id"], ["design_carrying.id"], name=op.f("fk_design_carried_carrying_id")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["runtime_instance.id"], name=op.f("fk_design_carried_instance_id")
        ),
        sa.PrimaryKeyConstraint("carrying_id", "instance_id", name=op.f("pk_design_carried")),
    )
    op.create_index("ix_design_carried_result", "design_carried", ["carrying_id", "result", "instance_id"])


def downgrade() -> None:
    for table in ("carried", "carrying", "studied", "study", "publication"):
        op.drop_table(f"design_{table}")
