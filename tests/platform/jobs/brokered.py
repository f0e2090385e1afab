"""A real Celery worker for tests: `python -m tests.platform.jobs.brokered <database> <broker> <queue> <processes>`.

Its jobs write one row each when they are done, after a moment in which they can be killed.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from app.platform import jobs
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


def main(address: str, url: str, queue: str, processes: str) -> None:
    """Work until killed."""
    jobs.brokers.work(
        jobs.Broker(url, queue),
        lambda: sessionmaker(opened(address)),
        lambda: datetime.now(UTC),
        processes=int(processes),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
