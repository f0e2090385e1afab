"""A database with two people, a mail server, a text message file and an endpoint that answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy.orm import Session, sessionmaker

from app.platform import jobs, notices
from app.platform.data import sealing, transaction
from app.platform.identity import roles
from app.platform.identity.entities import Person
from app.platform.notices import patience
from app.platform.registry import Acting, Post
from tests.platform.jobs.databases import KINDS, fresh, opened
from tests.platform.jobs.servers import free_port

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
KEEPER = Acting("keeper", "平台", "keeper", (Post("p", "platform.administrator"),))
LOOPBACK = (ip_network("127.0.0.0/8"),)


class Answering(BaseHTTPRequestHandler):
    """Keeps what comes and answers what it was told."""

    server: Any

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.kept.append((self.path, dict(self.headers), body))
        status = self.server.answers.pop(0) if self.server.answers else 204
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


class Receiver(ThreadingHTTPServer):
    """An outside system on this machine."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.kept: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?a=1"


@dataclass
class Letters:
    """What a mail server was handed; `refuse` answers with an error instead."""

    kept: list[Any] = field(default_factory=list)
    refuse: str | None = None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.refuse:
            return self.refuse
        self.kept.append(envelope)
        return "250 kept"


@dataclass
class Place:
    """The outside as a test sees it, and a clock."""

    sessions: sessionmaker[Session]
    letters: Letters
    receiver: Receiver
    sms: Path
    at: datetime = MORNING

    def now(self) -> datetime:
        return self.at

    def work(self, seconds: float = 0) -> int:
        self.at += timedelta(seconds=seconds)
        return jobs.run_due(self.sessions, self.now, "w")


@pytest.fixture(autouse=True)
def keys() -> None:
    sealing.use(sealing.Keys(data={1: b"k" * 32}, digest=b"d" * 32))
    roles.plug()
    patience.forget()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def letters() -> Iterator[tuple[Letters, int]]:
    letters = Letters()
    port = free_port()
    controller = Controller(letters, hostname="127.0.0.1", port=port)
    controller.start()
    yield letters, port
    controller.stop()


@pytest.fixture(params=KINDS)
def place(
    request: pytest.FixtureRequest, tmp_path: Path, receiver: Receiver, letters: tuple[Letters, int]
) -> Iterator[Place]:
    mail = notices.Mail(f"smtp://127.0.0.1:{letters[1]}", "呈批 <noreply@chengpi.example>")
    sms = notices.SmsFile(tmp_path / "sms.jsonl")
    with fresh(request.param, tmp_path) as address:
        engine = opened(address)
        sessions = sessionmaker(engine)
        with sessions() as session, transaction(session):
            session.add(
                Person(
                    id="anna", name="安娜", email="anna@example.org", phone="13800001234", created_at=MORNING
                )
            )
            session.add(Person(id="bo", name="波", created_at=MORNING))
        notices.use(notices.Settings(mail, sms, LOOPBACK))
        yield Place(sessions, letters[0], receiver, sms.file)
        notices.use(notices.Settings())
        engine.dispose()
