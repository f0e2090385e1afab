"""Takes the pictures of every guide, or of those named (`python -m tests.pictures [guide …]`)."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests import pictures
from tests.browser import chromium, demo_house
from tests.pictures.camera import Camera

BESIDE = {"__main__", "camera"}


def guides() -> dict[str, Callable[[Camera], None]]:
    """Every guide that has a way to walk, by its name."""
    names = [found.name for found in pkgutil.iter_modules(pictures.__path__)]
    return {
        name: importlib.import_module(f"tests.pictures.{name}").walk
        for name in names
        if name not in BESIDE and not name.startswith("test_")
    }


def main(asked: list[str]) -> int:
    """Walk them one after the other in one fresh demo; 1 if axe-core or the width complains of a page."""
    every = guides()
    unknown = set(asked) - set(every)
    if unknown or not every:
        print(f"no such guide: {', '.join(unknown) or 'none is written yet'}", file=sys.stderr)
        return 2
    complaints: list[str] = []
    with (
        tempfile.TemporaryDirectory() as directory,
        demo_house(Path(directory)) as house,
        chromium() as browser,
    ):
        for name in asked or sorted(every):
            print(f"… {name}", flush=True)
            camera = Camera(house, browser, name)
            every[name](camera)
            complaints += camera.complaints
    print("\n".join(complaints) or "axe-core finds nothing.")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
