"""What waits for a person is walked in order: the indexes of open tasks, by whoever may take them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

FREE = "state = 'open' AND seats = 'one' AND assignee_id IS NULL AND claimed_by_id IS NULL"
BY = {
    "role": (),
    "province": (sa.text("substr(place, 1, 7)"),),
    "city": (sa.text("substr(place, 1, 14)"),),
    "place": ("place",),
    "process": ("process",),
    "due": ("due_at",),
}
ALSO = (("subject", ("subject",), "subject IS NOT NULL"), ("returned", (), "is_returned"))


def _where(text: str) -> dict[str, sa.TextClause]:
    on_sqlite = text.replace("is_returned", "is_returned = 1")
    return {"sqlite_where": sa.text(on_sqlite), "postgresql_where": sa.text(text)}


def upgrade() -> None:
    for name, columns in BY.items():
        op.create_index(
            f"ix_runtime_task_free_{name}",
            "runtime_task",
            ["role", *columns, "opened_at", "id"],
            unique=False,
            **_where(FREE),
        )
    for name, columns, also in ALSO:
        op.create_index(
            f"ix_runtime_task_free_{name}",
            "runtime_task",
            ["role", *columns, "opened_at", "id"],
            unique=False,
            **_where(f"{FREE} AND {also}"),
        )
    op.create_index(
        "ix_runtime_task_claimed",
        "runtime_task",
        ["claimed_by_id", "opened_at", "id"],
        unique=False,
        **_where("state = 'open' AND claimed_by_id IS NOT NULL"),
    )
    op.drop_index("ix_runtime_task_decider", table_name="runtime_task")
    op.create_index(
        "ix_runtime_task_decider", "runtime_task", ["closed_by_id", "closed_at", "id"], unique=False
    )
    op.create_index(
        "ix_runtime_instance_number",
        "runtime_instance",
        ["number"],
        unique=False,
        postgresql_ops={"number": "varchar_pattern_ops"},
    )
    op.create_index("ix_runtime_draft_person", "runtime_draft", ["person_id", "saved_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_runtime_draft_person", table_name="runtime_draft")
    op.drop_index("ix_runtime_instance_number", table_name="runtime_instance")
    op.drop_index("ix_runtime_task_decider", table_name="runtime_task")
    op.create_index("ix_runtime_task_decider", "runtime_task", ["closed_by_id", "closed_at"], unique=False)
    op.drop_index("ix_runtime_task_claimed", table_name="runtime_task")
    for name in ("returned", "subject", *BY):
        op.drop_index(f"ix_runtime_task_free_{name}", table_name="runtime_task")
