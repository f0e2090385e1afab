"""A worker that is killed: run as `python -m tests.platform.jobs.child <address> <moment> <where>`.

`where` is the place at which it waits to be killed: `before`, `inside` (after its effect, before the commit),
`after` (the commit), or `never`.
"""

import signal
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Column, MetaData, String, Table
from sqlalchemy.orm import Session, sessionmaker

from app.platform import jobs
from app.platform.registry import house
from tests.platform.jobs.databases import opened

effect = Table("test_effect", MetaData(), Column("what", String(40)))


def _wait_here(wanted: str, here: str) -> None:
    if wanted == here:
        print(here, flush=True)
        signal.pause()


def main(address: str, moment: str, where: str) -> None:
    """Run what is due and say so."""

    @house.job("test/effect")
    @jobs.two_phase
    def work(session: Session, arguments: dict[str, Any], now: datetime) -> Callable[[datetime], None]:
        _wait_here(where, "before")

        def write(now: datetime) -> None:
            session.execute(effect.insert().values(what=arguments["what"]))
            _wait_here(where, "inside")

        return write

    count = jobs.run_due(sessionmaker(opened(address)), lambda: datetime.fromisoformat(moment), "child")
    _wait_here(where, "after")
    print("done", count, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
