"""Real Celery workers, real brokers, and the killing of both: every job done, none twice (F1b).

RabbitMQ is asked where TEST_AMQP_URL says; Redis is a server that the test starts, and may kill, itself. Fewer
kills by default than in the long run: CHENGPI_WORKER_KILLS and CHENGPI_BROKER_KILLS say otherwise.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kombu.exceptions import OperationalError
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from app.platform import jobs
from app.platform.data import new_id
from app.platform.jobs import Broker, Job, brokers, hints
from tests.platform.jobs.certificates import certificate
from tests.platform.jobs.child import effect
from tests.platform.jobs.databases import KINDS, fresh, opened
from tests.platform.jobs.servers import Redis, free_port, until

LONG = (int(os.environ.get("CHENGPI_WORKER_KILLS", 200)), int(os.environ.get("CHENGPI_BROKER_KILLS", 5)))
AMQP = os.environ.get("TEST_AMQP_URL")
MOST = 60.0  # seconds until everything is done, whatever was killed


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server to start")
    server = Redis(tmp_path)
    yield server
    server.kill()


@pytest.fixture(params=["redis", "amqp"])
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    queue = f"t{new_id()}"
    if request.param == "redis":
        yield Broker(request.getfixturevalue("redis").url, queue)
        return
    if AMQP is None:
        pytest.skip("TEST_AMQP_URL is not set")
    yield Broker(AMQP, queue)
    connection = brokers._application(Broker(AMQP, queue)).connection_for_write()
    with connection, connection.channel() as channel:
        channel.queue_delete(queue)
        channel.exchange_delete(queue)


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh(request.param, tmp_path) as address:
        yield address


@pytest.fixture
def engine(address: str) -> Iterator[Engine]:
    engine = opened(address)
    effect.create(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return sessionmaker(engine)


@contextmanager
def hinting(broker: Broker) -> Iterator[None]:
    hints.use(hints.Hints(brokers.connecting(broker), pause=0.5))
    try:
        yield
    finally:
        hints.use(None)


class Workers:
    """Workers under a supervisor, which starts a new one where one has died."""

    def __init__(self, address: str, broker: Broker, count: int = 1, **given: object) -> None:
        self.lease = float(str(given.get("lease", 30)))
        settings = [f"{name}={value}" for name, value in given.items()]
        module = "tests.platform.jobs.brokered"
        self.command = [sys.executable, "-m", module, address, broker.url, broker.queue, *settings]
        self.running = [self._start() for _ in range(count)]

    def _start(self) -> subprocess.Popen[bytes]:
        quiet = subprocess.DEVNULL
        return subprocess.Popen(self.command, stdout=quiet, stderr=quiet, start_new_session=True)

    def children(self) -> list[int]:
        found = []
        for worker in self.running:
            with suppress(OSError):
                text = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text()
                found += [int(pid) for pid in text.split()]
        return found

    def kill(self, choose: random.Random) -> None:
        """Kill a child, a parent, or one parent with all of its children; the supervisor replaces parents.

        Or stop a child until its lease has run out, and wake it: it believes that it still has its job.
        """
        how, children = choose.choice(["child", "parent", "both", "stop"]), self.children()
        if how in ("child", "stop") and children:
            victim = choose.choice(children)
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL if how == "child" else signal.SIGSTOP)
            if how == "stop":
                threading.Timer(self.lease + 1, self._wake, (victim,)).start()
            return
        number = choose.randrange(len(self.running))
        parent = self.running[number]
        if how == "both":
            os.killpg(parent.pid, signal.SIGKILL)
        else:
            parent.kill()
        parent.wait()
        self.running[number] = self._start()

    @staticmethod
    def _wake(process: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)

    def end(self) -> None:
        for worker in self.running:
            with suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()


@contextmanager
def working(address: str, broker: Broker, count: int = 1, **given: object) -> Iterator[Workers]:
    workers = Workers(address, broker, count, **given)
    try:
        assert until(lambda: len(workers.children()) >= count, 30)
        yield workers
    finally:
        workers.end()


def put(sessions: sessionmaker[Session], what: str, seconds: float = 0) -> str:
    with sessions() as session:
        return jobs.enqueue(session, "test/effect", {"what": what, "seconds": seconds}, datetime.now(UTC))


def is_done(sessions: sessionmaker[Session], job: str) -> bool:
    with sessions() as session:
        return session.scalar(select(Job.state).where(Job.id == job)) == "done"


def effects(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return sorted(session.scalars(select(effect.c.what)))


def test_a_hint_alone_brings_the_work_at_once(sessions, address, broker) -> None:
    """The worker sweeps once an hour here, so whatever comes, comes by the broker."""
    with working(address, broker, every=3600), hinting(broker):
        time.sleep(3)
        for number in range(3):
            job = put(sessions, str(number))
            assert until(lambda job=job: is_done(sessions, job), 5)
    assert effects(sessions) == ["0", "1", "2"]


def test_a_lost_hint_costs_one_sweep(sessions, address, broker) -> None:
    with working(address, broker, every=1):
        job = put(sessions, "a")  # nobody is told
        assert until(lambda: is_done(sessions, job), 15)


def test_a_broker_that_is_away_neither_fails_nor_slows_a_verb(sessions) -> None:
    """A closed port, and one that accepts and never answers."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        for port in (free_port(), silent.getsockname()[1]):
            for scheme in ("redis", "amqp"):
                with hinting(Broker(f"{scheme}://127.0.0.1:{port}//")):
                    started = time.monotonic()
                    for number in range(20):
                        put(sessions, str(number))
                    assert time.monotonic() - started < 2
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Job).where(Job.state == "waiting")) == 80


def test_a_hint_twice_is_work_once(sessions, address, broker) -> None:
    with working(address, broker, every=3600), hinting(broker):
        job = put(sessions, "a", 0.5)
        hints.give([job] * 5)
        assert until(lambda: is_done(sessions, job), 15)
        time.sleep(1)
    assert effects(sessions) == ["a"]


def test_a_broker_behind_tls_must_prove_who_it_is(tmp_path, monkeypatch) -> None:
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server to start")
    file = str(certificate(tmp_path))
    given = [
        "--tls-cert-file",
        file,
        "--tls-key-file",
        file,
        "--tls-ca-cert-file",
        file,
        "--tls-auth-clients",
        "no",
    ]
    try:
        server = Redis(tmp_path, tls=True, more=given)
    except AssertionError:
        pytest.skip("this redis-server speaks no TLS")
    try:
        with pytest.raises(OperationalError):
            brokers.connecting(Broker(server.url, "q"))()
        monkeypatch.setenv("SSL_CERT_FILE", file)
        brokers.connecting(Broker(server.url, "q"))()("job")
        with pytest.raises(OperationalError):
            brokers.connecting(Broker(server.url.replace("localhost", "127.0.0.1"), "q"))()
    finally:
        server.kill()


class Load:
    """Puts a job now and then, as verbs would."""

    def __init__(self, sessions: sessionmaker[Session], pause: float) -> None:
        self.sessions, self.pause = sessions, pause
        self.put: list[str] = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._live)
        self.thread.start()

    def _live(self) -> None:
        while not self.over.wait(self.pause):
            what = f"{len(self.put):05}"
            put(self.sessions, what, 0.1)
            self.put.append(what)

    def end(self) -> list[str]:
        self.over.set()
        self.thread.join()
        return self.put


def kill_and_count(
    sessions: sessionmaker[Session],
    address: str,
    redis: Redis,
    kills: int,
    broker_kills: int,
    lease: float,
    report: Callable[[str, object], None],
) -> None:
    """Kill workers, and the broker now and then, under load; then everything is done in time, once."""
    broker, choose = Broker(redis.url, f"t{new_id()}"), random.Random(kills)
    steps = ["worker"] * kills + ["broker", "flush"] * broker_kills
    choose.shuffle(steps)
    with working(address, broker, 2, lease=lease, every=2) as workers, hinting(broker):
        load = Load(sessions, 0.15)
        for step in steps:
            time.sleep(choose.uniform(0.5, 3.0))
            if step == "worker":
                workers.kill(choose)
            elif step == "flush":
                redis.flush()
            else:
                redis.kill()
                time.sleep(choose.uniform(0, 2))
                redis.start()
        wanted = load.end()
        ended = time.monotonic()
        done = until(lambda: len(effects(sessions)) >= len(wanted), MOST)
        report("seconds until all was done", round(time.monotonic() - ended, 1))
        time.sleep(1)
    with sessions() as session:
        states = dict(session.execute(select(Job.state, func.count()).group_by(Job.state)).all())
        losses = session.scalar(select(func.sum(Job.losses)))
    report("jobs", len(wanted))
    report("leases lost", losses)
    assert effects(sessions) == wanted
    assert done
    assert states == {"done": len(wanted)}


def test_workers_and_broker_killed_under_load_lose_and_double_nothing(
    sessions, address, redis, record_property
) -> None:
    kill_and_count(sessions, address, redis, 6, 1, 5, record_property)


@pytest.mark.long
def test_many_workers_and_brokers_killed_lose_and_double_nothing(
    sessions, address, redis, record_property
) -> None:
    def report(name: str, value: object) -> None:
        record_property(name, value)
        print(f"\n{name}: {value}")

    kill_and_count(sessions, address, redis, *LONG, 30, report)
