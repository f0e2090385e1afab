"""Workers in other processes and on other machines: Celery carries the hints, the rows stay the jobs.

Celery is imported only where a broker is configured. Nothing of it is trusted: a message is acknowledged when it
arrives, there is no result, no retry and no delay; a worker that dies, a broker that forgets everything or never
comes back cost only the time until the next sweep, which each worker process does by itself.
"""

from __future__ import annotations

import logging
import os
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from app.platform.jobs import running
from app.platform.jobs.hints import Hints, Send
from app.platform.jobs.worker import Chore, Worker

HINT = "chengpi.hint"
SWEEP = 5.0  # seconds between two looks for rows whose hint was lost
ANSWER = 2.0  # seconds a broker has to answer

Sessions = Callable[[], Session]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Broker:
    """Where hints go: an address (`redis://`, `rediss://`, `amqp://`, `amqps://`) and the queue there."""

    url: str = field(repr=False)  # it may hold a password
    queue: str = "chengpi"

    @property
    def is_redis(self) -> bool:
        """Whether it is a Redis, where names need a prefix and sockets their own patience."""
        return self.url.startswith("redis")

    @property
    def tls(self) -> dict[str, Any] | None:
        """How a `rediss` or `amqps` broker proves who it is: by a certificate for its name, no less."""
        parts = urlsplit(self.url)
        if parts.scheme == "rediss":
            return {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
        if parts.scheme == "amqps":
            return {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": parts.hostname}
        return None


def hints_to(broker: Broker | None) -> Hints | None:
    """What this process gives hints with, if there is a broker to give them to."""
    return Hints(connecting(broker)) if broker else None


def connecting(broker: Broker) -> Callable[[], Send]:
    """What `Hints` is made with: opens a connection to the broker and returns what sends over it."""

    def connect() -> Send:
        application = _application(broker)
        connection = application.connection_for_write(connect_timeout=ANSWER, heartbeat=0)
        connection.ensure_connection(max_retries=1, timeout=ANSWER)

        def send(job: str) -> None:
            application.send_task(
                HINT, args=(job,), queue=broker.queue, connection=connection, retry=False, ignore_result=True
            )

        return send

    return connect


def work(
    broker: Broker,
    open_sessions: Callable[[], Sessions],
    now: Callable[[], datetime],
    *,
    processes: int = 1,
    chores: Sequence[Chore] = (),
    every: float = SWEEP,
) -> None:
    """Work in `processes` children until told to stop; each listens for hints, sweeps, and does the chores.

    `open_sessions` is called in each child, which may share no connection with its parent.
    """
    from celery import signals

    child = _Child(open_sessions, now, chores, every)
    signals.worker_process_init.connect(child.begin, weak=False)
    signals.worker_process_shutdown.connect(child.end, weak=False)
    application = _application(broker)
    application.task(child.heed, name=HINT, ignore_result=True)
    application.worker_main(
        [
            "--quiet",
            "worker",
            "--pool=prefork",
            f"--concurrency={processes}",
            f"--queues={broker.queue}",
            f"--hostname=chengpi-{os.getpid()}@%h",
            "--loglevel=WARNING",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )


@dataclass
class _Child:
    """One worker process: the hints come in its main thread, the sweep is a thread beside."""

    open_sessions: Callable[[], Sessions]
    now: Callable[[], datetime]
    chores: Sequence[Chore]
    every: float
    sessions: Sessions | None = None
    sweep: Worker | None = None

    @property
    def name(self) -> str:
        return f"{socket.gethostname()[:40]}-{os.getpid()}"

    def begin(self, **_: Any) -> None:
        self.sessions = self.open_sessions()
        self.sweep = Worker(self.sessions, self.now, name=self.name, every=self.every, chores=self.chores)
        self.sweep.start()

    def end(self, **_: Any) -> None:
        if self.sweep is not None:
            self.sweep.stop()

    def heed(self, job: str) -> None:
        """Run the job a hint speaks of, if it is still to be done; nobody is told how it went but its row."""
        if self.sessions is None:
            return
        try:
            running.run_one(self.sessions, self.now, self.name, job)
        except Exception:  # the database is away, say: the sweep finds the row
            _log.exception("hint not heeded: %s", job)


def _application(broker: Broker) -> Any:
    from celery import Celery

    application = Celery("chengpi", broker=broker.url, set_as_current=False)
    application.conf.update(
        task_default_queue=broker.queue,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_publish_retry=False,
        broker_connection_timeout=ANSWER,
        broker_use_ssl=broker.tls,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # a worker waits for its broker as long as it takes
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,
        broker_transport_options={
            "global_keyprefix": f"{broker.queue}:",
            "socket_connect_timeout": ANSWER,
            "socket_timeout": 30,
            "socket_keepalive": True,
        }
        if broker.is_redis
        else {"max_retries": 1},
    )
    return application
