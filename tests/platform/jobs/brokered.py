"""A real Celery worker for tests: `python -m tests.platform.jobs.brokered <database> <broker> <queue> [setting=…]`.

Its jobs write one row each when they are done, after a moment in which they can be killed. Settings: `processes`,
`every` (seconds between sweeps), `lease` (seconds).
"""

import sys
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from app.platform import jobs
from app.platform.jobs import leases, running
from app.platform.registry import house
from tests.platform.jobs.child import effect
from tests.platform.jobs.databases import opened


@house.job("test/effect")
@jobs.two_phase
def work(session: Session, arguments: dict[str, Any], now: datetime) -> Callable[[datetime], None]:
    time.sleep(arguments.get("seconds", 0))

    def write(now: datetime) -> None:
        session.execute(effect.insert().values(what=arguments["what"]))
        time.sleep(arguments.get("seconds", 0) / 4)

    return write


def main(address: str, url: str, queue: str, *more: str) -> None:
    """Work until killed."""
    given = dict(setting.split("=") for setting in more)
    running.LEASE = leases.LEASE = timedelta(seconds=float(given.get("lease", 30)))  # type: ignore[misc]
    warnings.filterwarnings("ignore", "You're running the worker with superuser")
    jobs.brokers.work(
        jobs.Broker(url, queue),
        lambda: sessionmaker(opened(address)),
        lambda: datetime.now(UTC),
        processes=int(given.get("processes", 1)),
        every=float(given.get("every", jobs.brokers.SWEEP)),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
