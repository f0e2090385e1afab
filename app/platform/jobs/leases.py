"""Keeping a job's lease alive while its function prints or talks to the outside, longer than a lease lasts."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.jobs.entities import Job

LEASE = timedelta(seconds=30)
BEAT = 10.0  # seconds: two beats may fail before the lease is lost
LONGEST = timedelta(minutes=30)  # who works longer than this hangs, and loses the job

_log = logging.getLogger(__name__)
_job = Job.__table__


@contextmanager
def renewed(
    sessions: Callable[[], Session], job: str, fence: str, now: Callable[[], datetime]
) -> Iterator[None]:
    """Renew the lease at each beat as long as the body runs; fenced, so that a lost one stays lost."""
    over = threading.Event()
    thread = threading.Thread(
        target=_beat, args=(sessions, job, fence, now, over), name=f"lease-{job}", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(BEAT)


def _beat(
    sessions: Callable[[], Session],
    job: str,
    fence: str,
    now: Callable[[], datetime],
    over: threading.Event,
) -> None:
    last = now() + LONGEST
    while not over.wait(BEAT) and now() < last:
        try:
            if not _renew(sessions, job, fence, now()):
                return
        except Exception:  # the database is away, say: the next beat tries again
            _log.exception("lease of %s not renewed", job)


def _renew(sessions: Callable[[], Session], job: str, fence: str, now: datetime) -> bool:
    with sessions() as session, transaction(session):
        kept = session.execute(
            update(Job)
            .where(_job.c.id == job, _job.c.state == "running", _job.c.leased_by == fence)
            .values(lease_until=now + LEASE)
            .returning(_job.c.id)
        )
        return kept.first() is not None
