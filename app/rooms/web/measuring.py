"""How long requests take and how many fail in this process, for whoever watches the installation from outside."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import Counter

from flask import Flask, Response, current_app, g, request

BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds; a request counts in the first bucket that holds it, and in none of these where it took longer."""


class Measured:
    """Counts of one process, by method and kind of answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0
        self.answers: Counter[tuple[str, str]] = Counter()

    def note(self, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        with self._lock:
            self.buckets[bisect_left(BOUNDS, seconds)] += 1
            self.seconds += seconds
            self.answers[method, f"{status // 100}xx"] += 1

    def copied(self) -> tuple[list[int], float, dict[tuple[str, str], int]]:
        """The counts as they are at one moment: buckets, seconds in all, answers."""
        with self._lock:
            return list(self.buckets), self.seconds, dict(self.answers)


def attach(app: Flask) -> None:
    """Measure every request but those of static files."""
    app.extensions["chengpi.measured"] = Measured()
    app.after_request(_end)


def measured() -> Measured:
    """What this process has counted."""
    found: Measured = current_app.extensions["chengpi.measured"]
    return found


def _end(response: Response) -> Response:
    if request.endpoint != "static" and "started" in g:
        measured().note(request.method, response.status_code, time.perf_counter() - g.started)
    return response
