"""A sweeper that is stopped or killed: run as `python -m tests.platform.runtime.sweeper <address> <moment> <where>`.

`where`: `leased` (stops itself with what it has taken; woken, it goes on and says what it wrote), `inside` (before the
commit of the first firing), `after` (the first commit): there it waits to be killed.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from typing import Any

from sqlalchemy.orm import sessionmaker

from app.platform.data import sealing
from app.platform.runtime import firing, stepping
from tests.empty_world import KEYS
from tests.platform.jobs.databases import opened


def main(address: str, moment: str, where: str) -> None:
    """Take what is due, and fire it as far as told."""
    sealing.use(KEYS)
    sessions, at = sessionmaker(opened(address)), datetime.fromisoformat(moment)
    with sessions() as session:
        fence, due = firing.take(session, at, "victim", firing.BATCH)
    if where == "leased":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif where == "inside":
        save = stepping.save

        def pause(held: Any) -> None:
            save(held)
            print(where, flush=True)
            signal.pause()

        stepping.save = pause
    written = 0
    for timer in due:
        with sessions() as session:
            written += firing.fire(session, timer, fence, at)
        if where == "after":
            print(where, flush=True)
            signal.pause()
    print(len(due), written, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
