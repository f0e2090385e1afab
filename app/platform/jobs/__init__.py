"""Work that outlives a request: durable rows with a lease, run by a thread here or by any worker."""

from app.platform.jobs import brokers, errands, hints
from app.platform.jobs.brokers import Broker
from app.platform.jobs.entities import Errand, Job
from app.platform.jobs.health import Health, health
from app.platform.jobs.leases import LEASE
from app.platform.jobs.running import (
    PAUSES,
    Failed,
    LeaseLost,
    PutOff,
    before_each,
    forget_done,
    run_due,
    run_one,
    two_phase,
)
from app.platform.jobs.waiting import again, asked_for, enqueue, enqueue_each, free, retry
from app.platform.jobs.worker import Chore, Worker, poke

__all__ = [
    "LEASE",
    "PAUSES",
    "Broker",
    "Chore",
    "Errand",
    "Failed",
    "Health",
    "Job",
    "LeaseLost",
    "PutOff",
    "Worker",
    "again",
    "asked_for",
    "before_each",
    "brokers",
    "enqueue",
    "enqueue_each",
    "errands",
    "forget_done",
    "free",
    "health",
    "hints",
    "poke",
    "retry",
    "run_due",
    "run_one",
    "two_phase",
]
