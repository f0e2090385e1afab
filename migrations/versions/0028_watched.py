"""Where the instance of a task is, and the indexes by which a million are looked after."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

PLACE = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
DUE = "state = 'open' AND due_at IS NOT NULL AND paused_at IS NULL"
OF_TASKS = {
    "due_province": (("substr(instance_place, 1, 7)", "due_at", "id"), DUE),
    "due_city": (("substr(instance_place, 1, 14)", "due_at", "id"), DUE),
    "due_place": (("instance_place", "due_at", "id"), DUE),
    "due_process": (("process", "due_at", "id"), DUE),
    "asked": (
        ("role", "place", "subject", "opened_at", "id"),
        "state = 'open' AND assignee_id IS NULL AND role IS NOT NULL",
    ),
    "avoided": (("substr(avoided, 1, 27)",), "state = 'open' AND avoided IS NOT NULL"),
    "kept_out": (
        ("opened_at", "id"),
        "state = 'open' AND (avoided_unit IS NOT NULL OR length(avoided) > 26)",
    ),
    "named": (
        ("opened_at", "id"),
        "state = 'open' AND assignee_id IS NOT NULL AND (avoided IS NOT NULL OR avoided_unit IS NOT NULL)",
    ),
    "nameless": (("opened_at", "id"), "state = 'open' AND assignee_id IS NULL AND role IS NULL"),
    "several": (("opened_at", "id"), "state = 'open' AND seats <> 'one'"),
}
OF_INSTANCES = {
    "state_province": ("state", "substr(place, 1, 7)", "started_at", "id"),
    "state_city": ("state", "substr(place, 1, 14)", "started_at", "id"),
    "state_place": ("state", "place"),
    "state_number": ("state", "number"),
}


def upgrade() -> None:
    op.add_column("runtime_task", sa.Column("instance_place", PLACE, nullable=False, server_default=""))
    op.execute(
        "UPDATE runtime_task SET instance_place = (SELECT place FROM runtime_instance i WHERE i.id = instance_id)"
        " WHERE state = 'open'"
    )
    for name, (columns, where) in OF_TASKS.items():
        op.create_index(
            f"ix_runtime_task_{name}",
            "runtime_task",
            _columns(columns),
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    for name, columns in OF_INSTANCES.items():
        op.create_index(f"ix_runtime_instance_{name}", "runtime_instance", _columns(columns))


def downgrade() -> None:
    for name in OF_INSTANCES:
        op.drop_index(f"ix_runtime_instance_{name}", table_name="runtime_instance")
    for name in OF_TASKS:
        op.drop_index(f"ix_runtime_task_{name}", table_name="runtime_task")
    op.execute("ALTER TABLE runtime_task DROP COLUMN instance_place")


def _columns(columns: tuple[str, ...]) -> list[object]:
    return [sa.text(one) if "(" in one else one for one in columns]
