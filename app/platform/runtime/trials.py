"""Trying a bundle out before it is read here: in a child under limits, so that no drawing can hold a worker up."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from app.platform.engine import Bundle, Catalogue, Problem
from app.platform.engine.trial import CPU_SECONDS, request
from app.platform.runtime.errors import Unpublishable

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 3 * CPU_SECONDS  # seconds by the clock, also on a busy machine


def try_out(process: str, files: Mapping[str, bytes], catalogue: Catalogue) -> None:
    """Let a child load the bundle and take its first step. Raises `Unpublishable` where that does not end in bounds."""
    name = next((name for name in files if name.endswith((".bpmn", ".bpmn20.xml"))), process)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "app.platform.engine.trial"],
            input=request(Bundle(process, files), catalogue),
            capture_output=True,
            timeout=PATIENCE,
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unpublishable((Problem("trial", name, None, {"reason": "time"}),)) from None
    if ended.returncode != 0:
        raise Unpublishable((Problem("trial", name, None, {"reason": str(ended.returncode)}),))
    fuse = json.loads(ended.stdout).get("fuse")
    if fuse:
        raise Unpublishable((Problem("trial", name, None, {"reason": str(fuse)}),))
