"""What a move has just shown, kept for the page its answer leads to, so that the same moves are not played twice.

Only for the person, the language and the moment: where another process answers, or it is read later, all is played.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from time import monotonic
from typing import Any, Final

MOST: Final = 16
SECONDS: Final = 30.0
_kept: OrderedDict[tuple[str, str, str], tuple[float, dict[str, Any]]] = OrderedDict()
_lock = Lock()


def keep(rehearsal: str, person: str, language: str, shown: dict[str, Any]) -> None:
    """Keep what the page of `rehearsal` shows, for one reading."""
    with _lock:
        _drop_old()
        _kept[rehearsal, person, language] = (monotonic(), shown)
        while len(_kept) > MOST:
            _kept.popitem(last=False)


def take(rehearsal: str | None, person: str, language: str) -> dict[str, Any] | None:
    """What was kept, once; None where nothing was, or too long ago."""
    with _lock:
        _drop_old()
        found = _kept.pop((rehearsal or "", person, language), None)
    return found[1] if found else None


def _drop_old() -> None:
    while _kept and next(iter(_kept.values()))[0] < monotonic() - SECONDS:
        _kept.popitem(last=False)
