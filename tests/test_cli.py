"""The commands of an installation."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]


def flask(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "flask", *words],
        cwd=ROOT,
        env={**os.environ, "CHENGPI_INSTANCE": str(folder), "CHENGPI_TESTING": "1", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_serve_says_where_it_answers_and_stops_worker_and_all_when_told(tmp_path: Path) -> None:
    with flask(tmp_path, "serve", "--port", "0") as server:
        assert server.stdout is not None
        address = next(filter(None, (re.search(r"http://\S+/", line) for line in server.stdout)))[0]
        with urllib.request.urlopen(f"{address}health", timeout=10) as answer:
            assert b"up" in answer.read()
            assert "waitress" not in (answer.headers.get("Server") or "")
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=30) == 0


def test_serve_refuses_a_port_where_somebody_answers(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        flask(tmp_path, "serve", "--port", str(taken.getsockname()[1])) as server,
    ):
        _, told = server.communicate(timeout=30)
        assert server.returncode == 1
        assert "choose another PORT" in told


def test_check_finds_the_repository_in_order(tmp_path: Path) -> None:
    with flask(tmp_path, "check") as checking:
        said, told = checking.communicate(timeout=30)
        assert checking.returncode == 0, told
        assert "permits_permission_application" in said


def test_the_captcha_cannot_be_fixed_outside_demo_and_tests(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CHENGPI_")}
    done = subprocess.run(
        [sys.executable, "-m", "flask", "check"],
        cwd=ROOT,
        env={**environment, "CHENGPI_INSTANCE": str(tmp_path), "CHENGPI_CAPTCHA_ANSWER": "1234"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "CHENGPI_CAPTCHA_ANSWER" in done.stderr
