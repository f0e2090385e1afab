"""The embedded worker: one thread that runs due jobs, woken by a commit, else sweeping every few seconds."""

import logging
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.platform.jobs import running

_log = logging.getLogger(__name__)
_awake: "weakref.WeakSet[Worker]" = weakref.WeakSet()


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do again and again: `run(session, now)` every so many seconds (0: at each sweep)."""

    run: Callable[[Session, datetime], object]
    every: float = 0.0


def poke() -> None:
    """Wake the workers of this process: there may be something to do."""
    for worker in list(_awake):
        worker.wake()


class Worker:
    """A daemon thread that runs due jobs, and the chores it is given (timers, old files)."""

    def __init__(
        self,
        sessions: Callable[[], Session],
        now: Callable[[], datetime],
        *,
        name: str = "embedded",
        every: float = 2.0,
        chores: Sequence[Chore] = (),
    ) -> None:
        self._sessions = sessions
        self._now = now
        self._name = name
        self._every = every
        self._chores = dict.fromkeys(chores, float("-inf"))  # and when each was last done
        self._something = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._live, name=f"jobs-{self._name}", daemon=True)
            _awake.add(self)
            self._thread.start()

    def wake(self) -> None:
        """Look for work now rather than at the next sweep."""
        self._something.set()

    def stop(self, seconds: float = 25.0) -> bool:
        """Finish the job at hand and end; False if it did not within `seconds` (its lease then runs out)."""
        self._stopping.set()
        self._something.set()
        _awake.discard(self)
        thread, self._thread = self._thread, None
        if thread is None:
            return True
        thread.join(seconds)
        return not thread.is_alive()

    def _live(self) -> None:
        while not self._stopping.is_set():
            self._something.clear()
            for chore in self._chores:
                self._guarded(self._do, chore)
            self._guarded(running.run_due, self._sessions, self._now, self._name, until=self._stopping.is_set)
            self._something.wait(self._every)

    def _do(self, chore: Chore) -> None:
        if time.monotonic() - self._chores[chore] < chore.every:
            return
        self._chores[chore] = time.monotonic()
        with self._sessions() as session:
            chore.run(session, self._now())

    @staticmethod
    def _guarded(run: Callable[..., object], *arguments: Any, **more: Any) -> None:
        try:
            run(*arguments, **more)
        except Exception:  # the database is away, say: the next sweep tries again
            _log.exception("a sweep failed")
