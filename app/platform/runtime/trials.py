"""Trying a bundle out before it is read here: in a child under limits, so that no drawing can hold a worker up."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.platform.engine import Bundle, Catalogue, Problem
from app.platform.engine.trial import CPU_SECONDS, request
from app.platform.runtime.errors import Unpublishable

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 3 * CPU_SECONDS  # seconds by the clock, also on a busy machine


def try_out(process: str, files: Mapping[str, bytes], catalogue: Catalogue) -> None:
    """Let a child load one bundle and take its first step. Raises `Unpublishable` where that does not end in bounds."""
    try_all([(process, files, catalogue)])


def try_all(bundles: Sequence[tuple[str, Mapping[str, bytes], Catalogue]]) -> None:
    """Let one child try several bundles, one after the other. Raises `Unpublishable` for the first that fails."""
    if not bundles:
        return
    said, reason = "", ""
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "app.platform.engine.trial"],
            input=b"\n".join(request(Bundle(process, files), known) for process, files, known in bundles),
            capture_output=True,
            timeout=PATIENCE,
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
            check=False,
        )
        said, reason = ended.stdout.decode(), str(ended.returncode) if ended.returncode else ""
    except subprocess.TimeoutExpired as error:
        said, reason = (error.stdout or b"").decode(), "time"
    answers = [json.loads(line).get("fuse") for line in said.splitlines() if line.endswith("}")]
    failed = next((place for place, fuse in enumerate(answers) if fuse), None)
    if failed is None and reason:
        failed = min(len(answers), len(bundles) - 1)
    if failed is not None:
        process, files, _known = bundles[failed]
        name = next((name for name in files if name.endswith((".bpmn", ".bpmn20.xml"))), process)
        told = answers[failed] if failed < len(answers) and answers[failed] else reason
        raise Unpublishable((Problem("trial", name, None, {"reason": str(told)}),))
