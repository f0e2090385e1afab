"""Measures a thing beside its floor, the least that the same work could cost, so that the machine cancels out.

A row of `bench/results.json` is `{name, value, unit, floor, ratio, limit, holds}`, and `spread` where a floor was
measured. With a floor, `limit` bounds `ratio`, and `holds` is judged at the limit plus the floor's own spread: a
machine that cannot repeat the floor cannot condemn the subject. Without one, `limit` bounds `value`.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

WARM = 20
SECONDS = {"s": 1.0, "ms": 1e3, "µs": 1e6}


class Row(TypedDict):
    """One line of the table. `floor`, `ratio` and `limit` are None where there is none."""

    name: str
    value: float
    unit: str
    floor: float | None
    ratio: float | None
    limit: float | None
    spread: float | None
    holds: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """Medians in seconds; `spread` is half the floor's interquartile range over its median."""

    subject: float
    floor: float
    spread: float
    runs: int


def alternate(subject: Callable[[], object], floor: Callable[[], object], runs: int = 500) -> Pair:
    """Time both alternately in this process, so that what slows the machine slows both.

    What a run needs anew (a fresh task, a copied state) is prepared by `prepared`, outside the clock.
    """
    for _ in range(min(WARM, runs)):
        _timed(subject)
        _timed(floor)
    times: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    was_on = gc.isenabled()
    gc.disable()
    try:
        for run in range(runs):
            # who goes first changes with every run
            for which in (0, 1) if run % 2 else (1, 0):
                times[which].append(_timed((subject, floor)[which]))
    finally:
        if was_on:
            gc.enable()
    lower, middle, upper = statistics.quantiles(times[1], n=4)
    return Pair(statistics.median(times[0]), middle, (upper - lower) / 2 / middle, runs)


@dataclass(frozen=True, slots=True)
class prepared:
    """A run in two halves: `make()` outside the clock gives what `run` is then timed with."""

    make: Callable[[], object]
    run: Callable[[object], object]

    def __call__(self) -> object:
        """Both halves, for who does not time."""
        return self.run(self.make())


def _timed(call: Callable[[], object]) -> float:
    if isinstance(call, prepared):
        given = call.make()
        begun = time.perf_counter()
        call.run(given)
    else:
        begun = time.perf_counter()
        call()
    return time.perf_counter() - begun


def against(name: str, pair: Pair, limit: float, unit: str = "ms") -> Row:
    """The row of a subject that may cost at most `limit` times its floor."""
    ratio = pair.subject / pair.floor
    return Row(
        name=name,
        value=pair.subject * SECONDS[unit],
        unit=unit,
        floor=pair.floor * SECONDS[unit],
        ratio=ratio,
        limit=limit,
        spread=pair.spread,
        holds=ratio <= limit * (1 + pair.spread),
    )


def plain(name: str, value: float, unit: str, limit: float | None = None) -> Row:
    """The row of a figure without a floor: bytes, statements, a count; at most `limit` where there is one."""
    return Row(
        name=name,
        value=value,
        unit=unit,
        floor=None,
        ratio=None,
        limit=limit,
        spread=None,
        holds=limit is None or value <= limit,
    )
