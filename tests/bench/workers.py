"""Jobs a second with 1, 2 and 4 worker processes: on PostgreSQL where TEST_DATABASE_URL says so, else on SQLite."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform import jobs
from app.platform.data import new_id
from app.platform.jobs import Broker, Job
from tests.bench.harness import Row, plain
from tests.platform.jobs.child import effect
from tests.platform.jobs.databases import KINDS, fresh, opened
from tests.platform.jobs.servers import Redis, until
from tests.platform.jobs.test_brokers import working

JOBS = 1_000


def throughput(processes: int) -> Callable[[], Row]:
    """A row: how many jobs of one insert each such a worker does in a second, its own start not counted."""

    def measure() -> Row:
        if shutil.which("redis-server") is None:
            raise RuntimeError("needs a redis-server to start")
        with tempfile.TemporaryDirectory() as folder, fresh(KINDS[-1], Path(folder)) as address:
            engine, redis = opened(address), Redis(Path(folder))
            effect.create(engine)
            try:
                broker = Broker(redis.url, f"t{new_id()}")
                with working(address, broker, processes=processes, every=0.05) as workers:
                    assert until(lambda: len(workers.children()) == processes, 30)
                    time.sleep(3)  # the children's own start
                    with Session(engine) as session:
                        given = [{"what": str(number)} for number in range(JOBS)]
                        jobs.enqueue_each(session, "test/effect", given, datetime.now(UTC))
                    begun = time.perf_counter()
                    waiting = select(func.count()).select_from(Job).where(Job.state != "done")
                    while _count(engine, waiting):
                        time.sleep(0.02)
                    seconds = time.perf_counter() - begun
            finally:
                redis.kill()
                engine.dispose()
        return plain(f"jobs.workers_{processes}", JOBS / seconds, "jobs/s")

    return measure


def _count(engine: object, statement: object) -> int:
    with Session(engine) as session:  # type: ignore[arg-type]
        return session.scalar(statement) or 0  # type: ignore[call-overload,no-any-return]


ROWS = {f"jobs.workers_{count}": throughput(count) for count in (1, 2, 4)}
