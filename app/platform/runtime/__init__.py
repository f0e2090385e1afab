"""Makes it happen, once: versions, instances, tasks, history, incidents, and who may do what."""

from app.platform.runtime import (
    asking,
    doctor,
    drafts,
    errors,
    history,
    instances,
    policy,
    receipts,
    submissions,
    substitutes,
    tasks,
    urging,
    versions,
    views,
    work,
)

__all__ = [
    "asking",
    "doctor",
    "drafts",
    "errors",
    "history",
    "instances",
    "policy",
    "receipts",
    "submissions",
    "substitutes",
    "tasks",
    "urging",
    "versions",
    "views",
    "work",
]
