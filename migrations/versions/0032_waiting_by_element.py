"""Timers and subscriptions by the element of a process where an instance waits for them."""

from alembic import op

revision = "0032"
down_revision = "0030"
branch_labels = None
depends_on = None

TIMERS, SUBSCRIPTIONS = "runtime_timer", "runtime_subscription"
BY_ELEMENT = {
    TIMERS: ("ix_runtime_timer_element", ["process", "kind", "element", "instance_id"]),
    SUBSCRIPTIONS: ("ix_runtime_subscription_element", ["process", "element", "instance_id"]),
}


def upgrade() -> None:
    for table, (name, columns) in BY_ELEMENT.items():
        op.create_index(name, table, columns)
        op.drop_index(f"ix_{table}_process", table)  # the other begins as it did


def downgrade() -> None:
    for table, (name, _columns) in BY_ELEMENT.items():
        op.create_index(f"ix_{table}_process", table, ["process"])
        op.drop_index(name, table)
