"""Systems that live in the tests: the house is tested on them, whoever lives in `app/systems`.

They are built by the recipe (docs/adding-a-system.md), with `processes/` and `forms/` beside them.
"""

from __future__ import annotations

from pathlib import Path

from app import planting

HERE = Path(__file__).parent


def programs() -> dict[str, bytes]:
    """The diagrams, forms and templates of these systems, by the path they would have in the repository."""
    return planting.programs(HERE)
