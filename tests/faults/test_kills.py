"""kill -9 at every statement, commit and file operation of each verb, then the same request again (F1a).

One flow by hand: `python -m tests.faults.rig approve postgresql`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.flows import FLOWS
from tests.platform.jobs.databases import KINDS
from tests.world import ROOT

FEWEST = 6  # points that even the shortest flow has: fewer, and the rig sees nothing


def walk(flow: str, *more: str) -> list[dict[str, Any]]:
    """What the rig says of a flow, its last line last."""
    command = [sys.executable, "-m", "tests.faults.rig", flow, *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


SMALL = {
    "sqlite": {"work", "approve", "claim", "send_back", "message", "answer"},
    "postgresql": {"approve", "work"},
}
"""Killed at every point on SQLite, at some on PostgreSQL, whenever the tests run; everything else takes the night."""


def walks() -> Iterator[Any]:
    for kind in KINDS:
        for flow in FLOWS:
            if flow in SMALL[kind]:
                stride = 1 if kind == "sqlite" else 7
                yield pytest.param(flow, kind, stride, id=f"{flow}-{kind}-{stride}")
            if flow not in SMALL[kind] or kind != "sqlite":
                yield pytest.param(flow, kind, 1, id=f"{flow}-{kind}", marks=pytest.mark.long)


@pytest.mark.parametrize(("flow", "kind", "stride"), list(walks()))
def test_killed_at_any_point_nothing_is_lost_doubled_or_stuck(flow: str, kind: str, stride: int) -> None:
    """F1a, I1-I7."""
    *wrong, last = walk(flow, kind, str(stride))
    assert wrong == []
    assert last["found"] == []
    assert last["points"] >= FEWEST
    print(
        f"\n{flow} on {kind}: killed at {len(range(1, last['points'] + 1, stride))} of {last['points']} points"
    )


BROKEN = [
    ("approve", "autocommit", ("I3", "I4", "I7")),
    ("work", "hasty", ("I4", "I5")),
    ("work", "rows_first", ("I6",)),
    ("approve", "beside", ("I3", "I7")),
    ("submit", "unheard", ("I4", "I5")),
    ("submit", "forgetful", ("the retry failed",)),
    ("approve", "late", ("the retry failed",)),
]
QUICK = {"autocommit", "rows_first"}


def broken() -> Iterator[Any]:
    for kind in KINDS:
        for flow, canary, seen in BROKEN:
            marks = () if kind == "sqlite" and canary in QUICK else (pytest.mark.long,)
            yield pytest.param(flow, kind, canary, seen, id=f"{canary}-{kind}", marks=marks)


@pytest.mark.parametrize(("flow", "kind", "canary", "seen"), list(broken()))
def test_a_build_broken_on_purpose_is_caught(
    flow: str, kind: str, canary: str, seen: tuple[str, ...]
) -> None:
    """A suite that has never failed proves nothing: each build is caught by the check named for it."""
    complaints = [line for point in walk(flow, kind, "1", canary) for line in point["found"]]
    assert complaints
    for check in seen:
        assert any(f": {check} " in line or line.startswith(check) for line in complaints), complaints[:5]
