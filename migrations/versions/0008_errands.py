"""errands."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "jobs_errand",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("title_zh", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("owner_id", sa.String(length=26), nullable=False),
        sa.Column("post_id", sa.String(length=26), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("job_id", sa.String(length=26), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs_errand")),
    )
    with op.batch_alter_table("jobs_errand", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_jobs_errand_finished_at"), ["finished_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_jobs_errand_job_id"), ["job_id"], unique=False)
        batch_op.create_index("ix_jobs_errand_owner", ["owner_id", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("jobs_errand", schema=None) as batch_op:
        batch_op.drop_index("ix_jobs_errand_owner")
        batch_op.drop_index(batch_op.f("ix_jobs_errand_job_id"))
        batch_op.drop_index(batch_op.f("ix_jobs_errand_finished_at"))

    op.drop_table("jobs_errand")
