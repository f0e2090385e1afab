"""Who gets what at the pages of the monitor, one module a part: `ROWS`, as in tests/rooms/test_guards.py."""

from __future__ import annotations

import importlib
import pkgutil

from tests.rooms.matrix import Row

Rows = dict[tuple[str, str], list[Row]]


def every() -> Rows:
    """The rows of all modules beside this file."""
    found: Rows = {}
    for module in pkgutil.iter_modules(__path__):
        for route, rows in importlib.import_module(f"{__name__}.{module.name}").ROWS.items():
            assert route not in found, f"{route} has rows in two modules"
            found[route] = rows
    return found
