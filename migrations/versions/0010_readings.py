"""readings."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "documents_reading",
        sa.Column("file_id", sa.String(length=26), nullable=False),
        sa.Column("pages", sa.LargeBinary(), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=True),
        sa.Column("document_id", sa.String(length=26), nullable=True),
        sa.Column("print_hash", sa.String(length=64), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["documents_file.id"],
            name=op.f("fk_documents_reading_file_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_documents_reading")),
    )
    # not in a batch: SQLite would make the table anew, and documents refer to its rows
    op.add_column(
        "documents_file", sa.Column("is_screened", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("documents_file", "is_screened")
    op.drop_table("documents_reading")
