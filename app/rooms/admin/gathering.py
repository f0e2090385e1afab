"""Gathers what the modules of a folder define: the lists, sheets and pages of the room, each in a file of its own."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any


def modules(package: str) -> Iterator[Any]:
    """Import every module beside a package's `__init__`, in the order of their names."""
    for found in pkgutil.iter_modules(importlib.import_module(package).__path__):
        yield importlib.import_module(f"{package}.{found.name}")
