"""A Redis of a test's own, which it may kill and empty, and patience for what comes up."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody listens at this port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(true: Callable[[], Any], seconds: float) -> bool:
    """Whether it becomes true within so many seconds."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


class Redis:
    """A server of the test's own, which keeps nothing when it dies."""

    def __init__(self, folder: Path, *, tls: bool = False, more: Sequence[str] = ()) -> None:
        self.port, self.folder, self.more = free_port(), folder, list(more)
        self.ports = ["--port", "0", "--tls-port"] if tls else ["--port"]
        self.url = f"rediss://localhost:{self.port}/0" if tls else f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        given = [*self.ports, str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen(["redis-server", *given, *self.more], stdout=subprocess.DEVNULL)
        assert until(self._answers, 10)

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5):
            return True
        return False

    def flush(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port), 2) as line:
            line.sendall(b"FLUSHALL\r\n")
            assert line.recv(100).startswith(b"+OK")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
