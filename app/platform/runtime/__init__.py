"""Makes it happen, once: versions, instances, tasks, history, incidents, and who may do what."""

from app.platform.runtime import (
    asking,
    drafts,
    errors,
    history,
    instances,
    policy,
    receipts,
    tasks,
    versions,
    views,
    work,
)

__all__ = [
    "asking",
    "drafts",
    "errors",
    "history",
    "instances",
    "policy",
    "receipts",
    "tasks",
    "versions",
    "views",
    "work",
]
