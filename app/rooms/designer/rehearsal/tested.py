"""The saved tests of what is rehearsed, played once for the same files and remembered for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from threading import Lock

from sqlalchemy.orm import Session

from app.platform.design import rehearsal_tests
from app.platform.design.rehearsal_tests import Judged
from app.platform.runtime import versions

KEPT = 32
_kept: OrderedDict[tuple[int, str], Judged] = OrderedDict()
_lock = Lock()


def known(session: Session, files: Mapping[str, bytes]) -> Judged | None:
    """What is remembered of the tests that lie in `files`; None where nothing is."""
    with _lock:
        return _kept.get(_key(session, files))


def _key(session: Session, files: Mapping[str, bytes]) -> tuple[int, str]:
    return (id(session.get_bind()), versions.digest_of(files))


def judged(
    session: Session, process: str, files: Mapping[str, bytes], now: datetime, *, anew: bool
) -> Judged:
    """What has come of the tests that lie in `files`; `anew` plays them again. Raises `Unpublishable`."""
    key = _key(session, files)
    with _lock:
        found = None if anew else _kept.get(key)
    if found is None:
        found = rehearsal_tests.judge(session, process, files, now)
        with _lock:
            _kept[key] = found
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
    return found
