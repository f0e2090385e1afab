"""Every sheet of the house by its name, so that work done later finds the same definition again."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable, Mapping

from app.platform.sheets.definition import Sheet

_sheets: dict[str, Sheet] = {}


def find(package: str, system: str) -> Mapping[str, Sheet]:
    """Sheets of one system by key: `SHEETS` of `<package>.<system>.sheets`, where there is such a file."""
    name = f"{package}.{system}.sheets"
    if importlib.util.find_spec(name) is None:
        return {}
    return {found.key: found for found in importlib.import_module(name).SHEETS}


def enter(system: str, sheets: Iterable[Sheet]) -> None:
    """Enter the sheets of a system; what it had before is forgotten."""
    for name in [name for name in _sheets if name.startswith(f"{system}/")]:
        del _sheets[name]
    _sheets.update({f"{system}/{sheet.key}": sheet for sheet in sheets})


def get(name: str) -> Sheet | None:
    """The sheet called `<system>/<key>`, or None."""
    return _sheets.get(name)


def every() -> Mapping[str, Sheet]:
    """All sheets by name."""
    return dict(_sheets)
