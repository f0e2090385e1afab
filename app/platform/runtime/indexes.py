"""The indexes by which open tasks are walked, in the order of their arrival by whoever may take them (`waiting`), and
by when they are due by whoever looks after them; and those by which he walks the instances themselves."""

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


DUE = "state = 'open' AND due_at IS NOT NULL AND paused_at IS NULL"
ASKED = "state = 'open' AND assignee_id IS NULL AND role IS NOT NULL"
AVOIDING = "state = 'open' AND avoided IS NOT NULL"
KEPT_OUT = "state = 'open' AND (avoided_unit IS NOT NULL OR length(avoided) > 26)"
NAMED = "state = 'open' AND assignee_id IS NOT NULL AND (avoided IS NOT NULL OR avoided_unit IS NOT NULL)"
NAMELESS = "state = 'open' AND assignee_id IS NULL AND role IS NULL"
SEVERAL = "state = 'open' AND seats <> 'one'"


def of_due() -> tuple[Index, ...]:
    """Open tasks by the moment they are due, for whoever looks after them; not while that stands still.

    Everywhere, by where their instance is, and by process.
    """
    return (
        _of_task("due", "due_at", "id", where=DUE),
        _of_task("due_province", text("substr(instance_place, 1, 7)"), "due_at", "id", where=DUE),
        _of_task("due_city", text("substr(instance_place, 1, 14)"), "due_at", "id", where=DUE),
        _of_task("due_place", "instance_place", "due_at", "id", where=DUE),
        _of_task("due_process", "process", "due_at", "id", where=DUE),
    )


def of_unattended() -> tuple[Index, ...]:
    """Open tasks by whom they are asked of, so that those nobody answers are found without looking at each.

    `asked`: by role, place and subject. `avoided`: by the one who is kept out; `kept_out`: where that is several, or
    a unit. `named`: of somebody who may be kept out. `nameless`: of nobody. `several`: with seats.
    """
    return (
        _of_task("asked", "role", "place", "subject", "opened_at", "id", where=ASKED),
        _of_task("avoided", text("substr(avoided, 1, 27)"), where=AVOIDING),
        _of_task("kept_out", "opened_at", "id", where=KEPT_OUT),
        _of_task("named", "opened_at", "id", where=NAMED),
        _of_task("nameless", "opened_at", "id", where=NAMELESS),
        _of_task("several", "opened_at", "id", where=SEVERAL),
    )


def of_instances() -> tuple[Index, ...]:
    """Instances of a state: everywhere, in a province, in a city, in a county or a unit; and by number."""
    return (
        _of_instance("state_started", "started_at", "id"),
        _of_instance("state_province", text("substr(place, 1, 7)"), "started_at", "id"),
        _of_instance("state_city", text("substr(place, 1, 14)"), "started_at", "id"),
        _of_instance("state_place", "place"),
        _of_instance("state_number", "number"),
    )


def _of_task(name: str, *columns: Any, where: str) -> Index:
    return Index(f"ix_runtime_task_{name}", *columns, sqlite_where=text(where), postgresql_where=text(where))


def _of_instance(name: str, *columns: Any) -> Index:
    return Index(f"ix_runtime_instance_{name}", "state", *columns)


def of_live() -> Index:
    """Instances that go on, by process and place: most have ended, and are not looked at by whoever watches."""
    where = text("state IN ('running', 'suspended')")
    columns = ("process", "place", "started_at", "id")
    return Index("ix_runtime_instance_live", *columns, sqlite_where=where, postgresql_where=where)


def of_elements() -> Index:
    """Open tasks by the step they stand at, and there by their deadline."""
    where = text("state = 'open'")
    columns = ("process", "element", "due_at", "instance_id")
    return Index("ix_runtime_task_element", *columns, sqlite_where=where, postgresql_where=where)


def _free(name: str, *columns: Any, also: str = "") -> Index:
    where, on_sqlite = text(FREE + also), text((FREE + also).replace("is_returned", "is_returned = 1"))
    columns = ("role", *columns, "opened_at", "id")
    return Index(f"ix_runtime_task_free_{name}", *columns, sqlite_where=on_sqlite, postgresql_where=where)
