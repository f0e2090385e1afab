"""Imports: their records, and the rows that were refused."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sheets_import",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("sheet", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("post_id", sa.String(length=26), nullable=False),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column(
            "place",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("file_id", sa.String(length=26), nullable=False),
        sa.Column("heads", sa.Text(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("handled", sa.Integer(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("failures_id", sa.String(length=26), nullable=True),
        sa.Column("errand_id", sa.String(length=26), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheets_import")),
    )
    op.create_index("ix_sheets_import_sheet_place", "sheets_import", ["sheet", "place", "id"], unique=False)

    op.create_table(
        "sheets_failure",
        sa.Column("import_id", sa.String(length=26), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["sheets_import.id"], name=op.f("fk_sheets_failure_import_id")
        ),
        sa.PrimaryKeyConstraint("import_id", "row", name=op.f("pk_sheets_failure")),
    )


def downgrade() -> None:
    op.drop_table("sheets_failure")
    op.drop_index("ix_sheets_import_sheet_place", table_name="sheets_import")

    op.drop_table("sheets_import")
