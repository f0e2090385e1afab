"""Hints: given at once, sent soon or never, whatever the line to the broker does."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import pytest

from app.platform.jobs import hints
from app.platform.jobs.hints import Hints
from tests.platform.jobs.servers import until


class Line:
    """A line to a broker that is cut after so many hints."""

    def __init__(self, lasts: int = 1_000) -> None:
        self.lasts, self.sent, self.opened = lasts, [], 0  # type: int, list[str], int

    def connect(self) -> Callable[[str], None]:
        self.opened += 1
        left = self.lasts

        def send(job: str) -> None:
            nonlocal left
            if left == 0:
                raise ConnectionResetError
            left -= 1
            self.sent.append(job)

        return send


def test_a_line_cut_while_nobody_spoke_costs_no_hint() -> None:
    line = Line(lasts=2)
    told = Hints(line.connect, pause=60)
    for number in range(5):
        told.give(str(number))
    assert until(lambda: line.sent == ["0", "1", "2", "3", "4"], 5)
    assert line.opened == 3


def test_a_broker_that_comes_back_is_told_again() -> None:
    line = Line(lasts=0)
    told = Hints(line.connect, pause=0.05)
    told.give("a")
    assert until(lambda: line.opened >= 1, 5)
    line.lasts = 1_000
    time.sleep(0.1)
    told.give("b")
    assert until(lambda: line.sent == ["b"], 5)


def test_more_hints_than_can_wait_are_dropped_at_once() -> None:
    held = threading.Event()

    def connect() -> Callable[[str], None]:
        return lambda _job: held.wait(30) and None

    told = Hints(connect)
    begun = time.monotonic()
    for number in range(3 * hints.MOST):
        told.give(str(number))
    assert time.monotonic() - begun < 2
    held.set()


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # that it has threads is the point
def test_a_forked_process_speaks_for_itself(tmp_path) -> None:
    """gunicorn forks its workers after the application is made: no thread comes along."""
    heard = tmp_path / "heard"

    def connect() -> Callable[[str], None]:
        return lambda job: heard.write_text(
            heard.read_text() + f"{job}:{os.getpid()} " if heard.exists() else job
        )

    told = Hints(connect)
    told.give("parent")
    assert until(heard.exists, 5)
    child = os.fork()
    if child == 0:
        told.give("child")
        until(lambda: "child" in heard.read_text(), 5)
        os._exit(0)
    os.waitpid(child, 0)
    assert heard.read_text().startswith("parentchild:")
    assert str(child) in heard.read_text()
