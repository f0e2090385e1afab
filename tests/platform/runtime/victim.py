"""A worker that is killed in the middle: `python -m tests.platform.runtime.victim <address> <at> <verb> <n>`.

`verb` (`module:name.function`) is what the module of its job does to one instance after the other. It does `n`, says
so, and waits to be killed inside the transaction of the next.
"""

from __future__ import annotations

import importlib
import signal
import subprocess
import sys
from datetime import datetime
from typing import Any

from sqlalchemy.orm import sessionmaker

from app.platform import jobs
from app.platform.data import sealing
from tests import empty_world
from tests.platform.jobs.databases import opened
from tests.platform.runtime import chains
from tests.world import ROOT, World


def killed_inside(world: World, verb: str, count: int) -> None:
    """Have a worker of its own process do `count`, and kill it inside the next."""
    address = world.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", __name__, address, world.now.isoformat(), verb, str(count)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "inside\n"
        victim.kill()


def main(address: str, moment: str, verb: str, count: int) -> None:
    """Do what is due, and stop inside the instance after `count`."""
    empty_world.open_up()
    sealing.use(empty_world.KEYS)
    chains.plug()
    sessions, at = sessionmaker(opened(address)), datetime.fromisoformat(moment)
    job, _, path = verb.partition(":")
    name, _, function = path.partition(".")
    module = getattr(importlib.import_module(job), name)
    once, done = getattr(module, function), 0

    def counted(*given: Any) -> Any:
        nonlocal done
        answer = once(*given)
        if done == count:
            print("inside", flush=True)
            signal.pause()
        done += 1
        return answer

    setattr(module, function, counted)
    jobs.run_due(sessions, lambda: at, "victim")
    print("not killed", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:4], int(sys.argv[4]))
