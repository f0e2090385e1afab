"""Makes it happen, once: versions, instances, tasks, history, incidents, and who may do what."""

from app.platform.runtime import (
    asking,
    bulk,
    diagram,
    doctor,
    drafts,
    errors,
    history,
    instances,
    policy,
    receipts,
    submissions,
    tasks,
    versions,
    views,
    work,
)

__all__ = [
    "asking",
    "bulk",
    "diagram",
    "doctor",
    "drafts",
    "errors",
    "history",
    "instances",
    "policy",
    "receipts",
    "submissions",
    "tasks",
    "versions",
    "views",
    "work",
]
