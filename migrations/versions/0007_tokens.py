"""tokens of programs."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity_token",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["identity_person.id"], name=op.f("fk_identity_token_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_identity_token_hash")),
    )
    with op.batch_alter_table("identity_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_token_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("identity_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_token_person_id"))

    op.drop_table("identity_token")
