"""kill -9 at every statement, commit and file operation of each verb, then the same request again (F1a).

One flow by hand: `python -m tests.faults.rig approve`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.world import ROOT  # isort: skip  # first: without permits it asks to skip this file
from tests.faults.flows import FLOWS

FEWEST = 15  # points that even the shortest flow has: fewer, and the rig sees nothing


def walk(flow: str, *more: str) -> list[dict[str, Any]]:
    """What the rig says of a flow, its last line last."""
    command = [sys.executable, "-m", "tests.faults.rig", flow, *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("flow", FLOWS)
def test_killed_at_any_point_nothing_is_lost_doubled_or_stuck(flow: str) -> None:
    """F1a, I1-I5, I7; every point there is."""
    *wrong, last = walk(flow)
    assert wrong == []
    assert last["found"] == []
    assert last["points"] >= FEWEST
    print(f"\n{flow}: killed at each of {last['points']} points")


@pytest.mark.parametrize(
    ("flow", "canary", "seen"),
    [
        ("approve", "autocommit", ("I3", "I4", "I7")),
        ("work", "hasty", ("I4", "I5")),
        pytest.param("approve", "beside", ("I3", "I7"), marks=pytest.mark.long),
        pytest.param("submit", "forgetful", (), marks=pytest.mark.long),
    ],
)
def test_a_build_broken_on_purpose_is_caught(flow: str, canary: str, seen: tuple[str, ...]) -> None:
    """A suite that has never failed proves nothing."""
    complaints = [line for point in walk(flow, "1", canary) for line in point["found"]]
    assert complaints
    for invariant in seen:
        assert any(f": {invariant} " in line for line in complaints), (invariant, complaints[:5])
