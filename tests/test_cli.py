"""The commands of an installation."""

import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

PROGRAM = """
from datetime import UTC, datetime
from types import SimpleNamespace
from flask import Flask
from app import cli
app = Flask("small")
app.extensions["chengpi"] = SimpleNamespace(clock=lambda: datetime.now(UTC))
cli.jobs.Worker = lambda *_: SimpleNamespace(start=lambda: print("worker on"), stop=lambda: print("worker off"))
cli.attach(app)
app.get("/")(lambda: "here")
with app.app_context():
    cli.serve.main(["--port", {port!r}])
"""


def serve(port):
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(port=str(port))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_serve_says_where_it_answers_and_stops_worker_and_all_when_told():
    with serve(0) as server:
        address = next(filter(None, (re.search(r"http://\S+", line) for line in server.stdout)))[0]
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert answer.read() == b"here"
            assert "waitress" not in (answer.headers.get("Server") or "")
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0
        assert "worker off" in server.stdout.read()


def test_serve_refuses_a_port_where_somebody_answers():
    with socket.create_server(("127.0.0.1", 0)) as taken, serve(taken.getsockname()[1]) as server:
        _, told = server.communicate(timeout=20)
        assert server.returncode == 1
        assert "choose another PORT" in told


@pytest.mark.parametrize("option", ["--help"])
def test_serve_explains_itself(option):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(port="0").replace("[\"--port\", '0']", f"[{option!r}]")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "0 takes a free one" in done.stdout
