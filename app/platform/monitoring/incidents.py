"""What an incident is called, and the step it is at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.platform.monitoring import wording
from app.platform.registry import Words
from app.platform.runtime import versions

OTHER = Words("出现故障", "Something failed")


def failed(row: Mapping[str, Any]) -> Words:
    """What failed and at which `step`, of a row with `kind` that `with_steps` has looked at."""
    said, step = wording.INCIDENTS.get(row["kind"], OTHER), row["step"]
    return Words(f"{said.zh}（{step.zh}）", f"{said.en} ({step.en})") if step else said


def with_steps(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rows of incidents with the names of their steps; versions are read once."""
    return [
        {
            **row,
            "step": versions.name_of(session, row["version_id"], row["element"]) if row["element"] else None,
        }
        for row in rows
    ]
