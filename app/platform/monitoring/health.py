"""How the installation itself fares: what waits, what lags, what failed lately, and when it was last saved."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.platform.jobs.entities import Job
from app.platform.monitoring.entities import Mark
from app.platform.notices import Delivery
from app.platform.runtime.entities import Incident, Timer

BACKUP: Final = "backup"
CHECKED: Final = "backup checked"
LATELY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Health:
    """Counts, seconds (`oldest`, `timer_lag`), milliseconds (`latency`), bytes (`disk_free` of `disk_size`).

    `errors`: jobs given up and incidents opened in the last quarter of an hour. `undelivered`: messages that were
    given up in the last day. `backup_at` and `checked_at`: when a backup was last written, and last found whole.
    """

    waiting: int
    running: int
    failed: int
    oldest: float
    timers_late: int
    timer_lag: float
    errors: int
    undelivered: int
    latency: float
    disk_free: int
    disk_size: int
    backup_at: datetime | None
    checked_at: datetime | None


def look(session: Session, folder: Path, now: datetime) -> Health:
    """Look at queue, timers, outbox, disk of `folder`, and what was noted. Three statements."""
    began = time.perf_counter()
    session.execute(text("SELECT 1"))
    latency = (time.perf_counter() - began) * 1e3
    due = Job.due_at <= now
    row = session.execute(
        select(
            _jobs("waiting").where(due).scalar_subquery(),
            _jobs("running").scalar_subquery(),
            _jobs("failed").scalar_subquery(),
            select(func.min(Job.due_at)).where(text("state = 'waiting'"), due).scalar_subquery(),
            select(func.count()).select_from(Timer).where(Timer.next_at <= now).scalar_subquery(),
            select(func.min(Timer.next_at)).where(Timer.next_at <= now).scalar_subquery(),
            _jobs("failed").where(Job.created_at > now - LATELY).scalar_subquery(),
            select(func.count())
            .select_from(Incident)
            .where(Incident.closed_at.is_(None), Incident.opened_at > now - LATELY)
            .scalar_subquery(),
            select(func.count())
            .select_from(Delivery)
            .where(Delivery.state == "failed", Delivery.created_at > now - timedelta(days=1))
            .scalar_subquery(),
        )
    ).one()
    waiting, running, failed, oldest, late, lag, gave_up, incidents, undelivered = row
    noted = {
        mark.key: mark.at
        for mark in session.execute(select(Mark.key, Mark.at).where(Mark.key.in_((BACKUP, CHECKED))))
    }
    disk = shutil.disk_usage(folder)
    return Health(
        *(waiting, running, failed, _since(oldest, now), late, _since(lag, now), gave_up + incidents),
        *(undelivered, latency, disk.free, disk.total, noted.get(BACKUP), noted.get(CHECKED)),
    )


def _jobs(state: str) -> Any:
    """Count the jobs of a state; spelled out, so that its partial index answers."""
    return select(func.count()).select_from(Job).where(text(f"state = '{state}'"))


def _since(at: datetime | None, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds()) if at is not None else 0.0
