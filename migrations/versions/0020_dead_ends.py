"""Steps that nobody can do somewhere, as the nightly look has found them."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ID = sa.String(length=26)
MOMENT = sa.DateTime(timezone=True)
PLACE = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "design_dead_end",
        sa.Column("id", ID, nullable=False),
        sa.Column("process", sa.String(length=100), nullable=False),
        sa.Column("element", sa.String(length=200), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column("place", PLACE, nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_design_dead_end")),
    )
    op.create_index(op.f("ix_design_dead_end_place"), "design_dead_end", ["place"])
    op.create_index("ix_design_dead_end_closed", "design_dead_end", ["closed_at", "since"])
    op.create_index(
        "ux_design_dead_end_open",
        "design_dead_end",
        ["process", "element", "place"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("design_dead_end")
