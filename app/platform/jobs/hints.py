"""Telling workers elsewhere that a job's row exists: a message is a hint, and its loss costs seconds, not work."""

import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable

Send = Callable[[str], None]

MOST = 1_000  # hints that may wait for the broker; the sweeps of the workers find what the others spoke of
PAUSE = 5.0  # seconds to leave a broker in peace that does not answer

_log = logging.getLogger(__name__)


class Hints:
    """A thread that sends job ids to a broker, so that no verb ever waits for one or fails with it.

    `connect` opens a connection and returns what sends one id over it; it is called again after an error.
    """

    def __init__(self, connect: Callable[[], Send], pause: float = PAUSE) -> None:
        self._connect = connect
        self._pause = pause
        self._lock = threading.Lock()
        self._process = 0
        self._waiting: queue.Queue[str] = queue.Queue(MOST)

    def give(self, job: str) -> None:
        """Send a hint soon, or never: at once for the caller in either case."""
        if self._process != os.getpid():
            self._begin()
        try:
            self._waiting.put_nowait(job)
        except queue.Full:
            _log.debug("hint dropped: %s", job)

    def _begin(self) -> None:
        """Start the thread: in each process its own, a fork does not bring it along."""
        with self._lock:
            if self._process != os.getpid():
                self._waiting = queue.Queue(MOST)
                threading.Thread(target=self._live, args=(self._waiting,), name="hints", daemon=True).start()
                self._process = os.getpid()

    def _live(self, waiting: "queue.Queue[str]") -> None:
        send: Send | None = None
        while True:
            job = waiting.get()
            try:
                send = self._send(send, job)
            except Exception as error:  # whatever a broker's client may raise: the row is there all the same
                send = None
                _log.warning("the broker does not answer (%s): hints dropped", type(error).__name__)
                time.sleep(self._pause)

    def _send(self, send: Send | None, job: str) -> Send:
        """Send over the line there is, or over a new one if that was cut while nobody spoke."""
        if send is not None:
            try:
                send(job)
                return send
            except Exception as error:
                _log.debug("the line to the broker was cut: %s", type(error).__name__)
        send = self._connect()
        send(job)
        return send


class _Current:
    hints: Hints | None = None


def use(hints: Hints | None) -> None:
    """Install what this process gives hints with; None: nobody elsewhere is told."""
    _Current.hints = hints


def give(jobs: Iterable[str]) -> None:
    """Hint at jobs that are due and whose rows are committed."""
    if _Current.hints is not None:
        for job in jobs:
            _Current.hints.give(job)
