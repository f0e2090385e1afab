"""The commands of an installation."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from app import create_app
from app.config import Config
from app.extensions import db
from app.platform import jobs
from app.platform.data.sealing import Keys
from app.platform.identity import passwords
from app.platform.runtime import doctor as examiner
from tests.platform.jobs.databases import opened
from tests.platform.jobs.servers import Redis, until

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def flask(tmp_path):
    """Start a command of a fresh installation."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("CHENGPI_", "DATABASE_URL"))
    }
    environment = {**kept, "CHENGPI_INSTANCE": str(tmp_path), "CHENGPI_TESTING": "1", "PYTHONUNBUFFERED": "1"}

    def start(*arguments, **settings):
        return subprocess.Popen(
            [sys.executable, "-m", "flask", *arguments],
            cwd=ROOT,
            env={**environment, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def test_serve_says_where_it_answers_and_stops_when_told(flask):
    with flask("db", "upgrade") as upgrade:
        told = upgrade.communicate(timeout=60)[0]
        assert upgrade.returncode == 0, told
    with flask("serve", "--port", "0") as server:
        address = next(filter(None, (re.search(r"http://\S+", line) for line in server.stdout)))[0]
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert answer.status == 200
            assert "Server" not in answer.headers
        place = urlsplit(address)
        with socket.create_connection((place.hostname, place.port), timeout=10) as flood:
            flood.sendall(b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n")
            assert b" 413 " in flood.recv(100)  # without waiting for the rest
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0


def put_a_job(tmp_path):
    """A job of the house in the installation's database; what says whether it is done."""
    engine = opened(f"sqlite:///{tmp_path / 'chengpi.db'}")
    with Session(engine) as session:
        job = jobs.enqueue(session, "identity/sweep", {}, datetime.now(UTC))

    def is_done():
        with Session(engine) as session:
            return session.get_one(jobs.Job, job).state == "done"

    return is_done


@pytest.mark.parametrize("with_broker", [False, True])
def test_a_worker_runs_jobs_until_it_is_told_to_stop(flask, tmp_path, with_broker):
    settings = {}
    if with_broker:
        if shutil.which("redis-server") is None:
            pytest.skip("no redis-server to start")
        redis = Redis(tmp_path)
        settings["CHENGPI_BROKER"] = redis.url
    with flask("db", "upgrade") as upgrade:
        assert upgrade.wait(60) == 0
    with flask("worker", **settings) as worker:
        try:
            assert until(put_a_job(tmp_path), 30)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(timeout=30) == 0
        finally:
            worker.kill()
    if with_broker:
        redis.kill()


def test_serve_refuses_a_port_where_somebody_answers(flask):
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        flask("serve", "--port", str(taken.getsockname()[1])) as server,
    ):
        told = server.communicate(timeout=20)[0]
        assert server.returncode == 1
        assert "choose another PORT" in told


def test_a_fixed_captcha_answer_is_refused_on_real_installations(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "CHENGPI_INSTANCE": str(tmp_path),
        "CHENGPI_CAPTCHA_ANSWER": "1234",
    }
    done = subprocess.run(
        [sys.executable, "-m", "flask", "check"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "CHENGPI_CAPTCHA_ANSWER is only for demo and testing" in done.stderr


@pytest.fixture
def application(tmp_path):
    passwords.use(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    app = create_app(
        Config(
            database=f"sqlite:///{tmp_path / 'test.db'}",
            keys=Keys(data={1: b"k" * 32}, digest=b"d" * 32),
            secret="for tests only",
            instance=tmp_path,
            testing=True,
            https=False,
        )
    )
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_the_doctor_says_sound_or_names_what_it_found(application, monkeypatch):
    runner = application.test_cli_runner()
    done = runner.invoke(args=["doctor"])
    assert (done.exit_code, done.output) == (0, "sound\n")
    finding = examiner.Finding("I4", "01", "stuck", "no open task, no live job, no open incident")
    monkeypatch.setattr(examiner, "findings", lambda *_: iter([finding]))
    done = runner.invoke(args=["doctor"])
    assert done.exit_code == 1
    assert "I4 01 stuck: no open task" in done.output
    assert "1 findings in 1 instances" in done.output


def test_tick_fires_what_is_due_and_says_how_many(flask):
    with flask("db", "upgrade") as upgrade:
        told = upgrade.communicate(timeout=60)[0]
        assert upgrade.returncode == 0, told
    for arguments, code, said in (
        ((), 0, "0 timers"),
        (("--at", "2030-01-01T09:00"), 0, "0 timers"),
        (("--at", "morgen"), 1, "not a moment"),
    ):
        with flask("tick", *arguments) as ticking:
            assert said in ticking.communicate(timeout=60)[0]
            assert ticking.returncode == code
