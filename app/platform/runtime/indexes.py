"""The indexes by which open tasks are walked in the order of their arrival, by whoever may take them (`waiting`)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, text

FREE = "state = 'open' AND seats = 'one' AND assignee_id IS NULL AND claimed_by_id IS NULL"
CLAIMED = "state = 'open' AND claimed_by_id IS NOT NULL"


def of_waiting() -> tuple[Index, ...]:
    """What is free for a role: everywhere, by where it is, and by what readers filter and sort; what is claimed."""
    return (
        _free("role"),
        _free("province", text("substr(place, 1, 7)")),
        _free("city", text("substr(place, 1, 14)")),
        _free("place", "place"),
        _free("process", "process"),
        _free("due", "due_at"),
        _free("subject", "subject", also=" AND subject IS NOT NULL"),
        _free("returned", also=" AND is_returned"),
        Index(
            "ix_runtime_task_claimed",
            "claimed_by_id",
            "opened_at",
            "id",
            sqlite_where=text(CLAIMED),
            postgresql_where=text(CLAIMED),
        ),
    )


def _free(name: str, *columns: Any, also: str = "") -> Index:
    where, on_sqlite = text(FREE + also), text((FREE + also).replace("is_returned", "is_returned = 1"))
    columns = ("role", *columns, "opened_at", "id")
    return Index(f"ix_runtime_task_free_{name}", *columns, sqlite_where=on_sqlite, postgresql_where=where)
