"""Every list of the house by its name, so that work done later finds the same definition again."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable, Mapping

from app.platform.lists.definition import List

_lists: dict[str, List] = {}


def find(package: str, system: str) -> Mapping[str, List]:
    """Lists of one system by key: `LISTS` of `<package>.<system>.lists`, where there is such a file."""
    name = f"{package}.{system}.lists"
    if importlib.util.find_spec(name) is None:
        return {}
    return {found.key: found for found in importlib.import_module(name).LISTS}


def enter(system: str, lists: Iterable[List]) -> None:
    """Enter the lists of a system; what it had before is forgotten. As one change for all threads."""
    global _lists
    kept = {name: one for name, one in _lists.items() if not name.startswith(f"{system}/")}
    _lists = kept | {f"{system}/{listing.key}": listing for listing in lists}


def get(name: str) -> List | None:
    """The list called `<system>/<key>`, or None."""
    return _lists.get(name)


def name_of(listing: List) -> str | None:
    """What a list is called; None for one that is in no catalogue: nobody can choose its columns or take it out."""
    return next((name for name, known in _lists.items() if known is listing), None)
