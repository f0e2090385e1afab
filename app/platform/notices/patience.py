"""Leaving a silent server alone for a while, so that those who wait for it do not hold up all other work."""

import smtplib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from app.platform.jobs import PutOff

PAUSE = 30.0  # seconds: one delivery at a time finds out whether the server is back

_lock = threading.Lock()
_silent: dict[str, float] = {}


@contextmanager
def asking(target: str) -> Iterator[None]:
    """Talk to `target`. Raises `PutOff` while it is left alone: that is no try, only a wait."""
    with _lock:
        until = _silent.get(target, 0.0)
        if time.monotonic() < until:
            raise PutOff(timedelta(seconds=PAUSE))
    try:
        yield
    except OSError as error:
        if not _is_an_answer(error):
            with _lock:
                _silent[target] = time.monotonic() + PAUSE
        raise
    with _lock:
        _silent.pop(target, None)


def _is_an_answer(error: OSError) -> bool:
    """Whether a mail server has spoken, if only to refuse."""
    return isinstance(error, smtplib.SMTPException) and not isinstance(
        error, smtplib.SMTPServerDisconnected | smtplib.SMTPConnectError
    )


def forget() -> None:
    """Think well of everybody again."""
    with _lock:
        _silent.clear()
