"""Work that outlives a request: durable rows with a lease, run by a thread here or by any worker."""

from app.platform.jobs.entities import Job
from app.platform.jobs.running import (
    LEASE,
    PAUSES,
    Failed,
    LeaseLost,
    forget_done,
    run_due,
    run_one,
    two_phase,
)
from app.platform.jobs.waiting import again, enqueue, retry
from app.platform.jobs.worker import Chore, Worker, poke

__all__ = [
    "LEASE",
    "PAUSES",
    "Chore",
    "Failed",
    "Job",
    "LeaseLost",
    "Worker",
    "again",
    "enqueue",
    "forget_done",
    "poke",
    "retry",
    "run_due",
    "run_one",
    "two_phase",
]
