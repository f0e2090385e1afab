"""The time that all machines of an installation agree on: their database's, asked seldom and carried on in between."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

from sqlalchemy import Engine, text

ASK_EVERY = 20.0  # seconds; a machine's own counter drifts by less than a millisecond in that time
JITTER = timedelta(seconds=1)

_NOW = text("SELECT clock_timestamp()")


class DatabaseClock:
    """Called, says what time it is at the database (PostgreSQL), as an aware UTC datetime.

    The wall clock of this machine is never looked at: between two answers of the database its monotonic counter
    carries on. Small corrections never take it backwards; a database set back by more than a second is believed.
    Where the database does not answer, the counter goes on alone, and the verb will hear of it soon enough.
    """

    def __init__(self, engine: Engine, counter: Callable[[], float] = time.monotonic) -> None:
        self._engine, self._counter = engine, counter
        self._lock = Lock()
        self._asked: tuple[float, datetime] | None = None
        self._last = datetime.min.replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        """The moment, in UTC."""
        with self._lock:
            counted = self._counter()
            if self._asked is None or counted - self._asked[0] >= ASK_EVERY:
                self._asked = self._ask(self._asked)
                counted = self._counter()
            then, moment = self._asked
            found = moment + timedelta(seconds=counted - then)
            if found < self._last < found + JITTER:
                return self._last
            self._last = found
            return found

    def _ask(self, before: tuple[float, datetime] | None) -> tuple[float, datetime]:
        begun = self._counter()
        try:
            with self._engine.connect() as connection:
                begun = self._counter()  # what connecting took is none of the answer's way
                said: datetime = connection.execute(_NOW).scalar_one()
        except Exception:
            if before is None:
                raise
            return begun, before[1] + timedelta(seconds=begun - before[0])
        return (begun + self._counter()) / 2, said.astimezone(UTC)
