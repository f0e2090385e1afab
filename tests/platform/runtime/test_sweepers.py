"""Sweepers that are real processes, stopped past their lease or killed: each timer still fires exactly once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import datetime

import pytest

from app.platform.runtime import doctor, firing
from tests.platform.runtime import clocks
from tests.platform.runtime.clocks import HOUR, guarded, publish, sweep
from tests.platform.runtime.steps import kinds
from tests.world import World

COUNT = 30


def victim(world: World, at: datetime, where: str) -> subprocess.Popen[str]:
    address = world.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.platform.runtime.sweeper", address, at.isoformat(), where]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def fired_once(world: World, made: list[str]) -> None:
    for instance in made:
        assert kinds(world, instance).count("fired") == 1
        assert world.open_elements(instance) == ["overdue"]
    assert clocks.timers(world) == []
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def test_a_process_stopped_past_its_lease_and_woken_writes_nothing(any_ground: World) -> None:
    world, due = any_ground, any_ground.now + 2 * HOUR
    publish(world, guarded())
    made = clocks.multiply(world, "tests_guarded", COUNT)
    with victim(world, due, "leased") as sleeper:
        assert os.WIFSTOPPED(os.waitpid(sleeper.pid, os.WUNTRACED)[1])
        assert sweep(world, due) == COUNT - firing.BATCH  # the rest is leased
        assert sweep(world, due + firing.LEASE) == firing.BATCH
        sleeper.send_signal(signal.SIGCONT)
        assert sleeper.communicate(timeout=60)[0].split() == [str(firing.BATCH), "0"]
    fired_once(world, made)


@pytest.mark.parametrize("where", ["inside", "after"])
def test_a_process_killed_while_it_fires_leaves_a_lease_that_runs_out(any_ground: World, where: str) -> None:
    world, due = any_ground, any_ground.now + 2 * HOUR
    publish(world, guarded())
    made = clocks.multiply(world, "tests_guarded", 3)
    with victim(world, due, where) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline().strip() == where
        killed.kill()  # SIGKILL
    assert sweep(world, due) == 0
    assert sweep(world, due + firing.LEASE) == (3 if where == "inside" else 2)
    fired_once(world, made)
