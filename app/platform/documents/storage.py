"""Where stored files lie: what a disk (`disk.py`) and S3 (`s3.py`) both promise (T18, F3).

Files are named by what is in them, as a keyed digest that tells nothing of it; they are sealed before they leave this
process, whole or not there at all, and touched when they are stored again, so that a sweep running now leaves them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from app.platform.data import sealing

NAME = re.compile(r"[0-9a-f]{64}")
HOLD = 6 * 3600.0  # seconds after which a hold counts as left behind by a process that died


class StorageFull(Exception):
    """There is no room; nothing was written."""


class StorageAway(Exception):
    """The storage does not answer; nothing was written."""


class Storage(Protocol):
    """A place of sealed files. Names it did not give raise `ValueError`."""

    def put(self, content: bytes) -> str:
        """Store for good and return the name; what is there already is touched. Raises `StorageFull`, `StorageAway`."""

    def get(self, name: str) -> bytes:
        """Read a file. Raises `FileNotFoundError`, `StorageAway`, and `sealing.Unreadable` if it was tampered with."""

    def has(self, name: str) -> bool:
        """Whether the file is there."""

    def names(self, older_than: float) -> Iterator[str]:
        """Names of the files last written or touched more than `older_than` seconds ago."""

    def discard(self, name: str, older_than: float) -> bool:
        """Remove a file nobody needs, unless `put` has touched it meanwhile; say whether it is gone."""

    def tidy(self, older_than: float) -> None:
        """Clear up after processes that died while writing or discarding."""

    def held(self) -> AbstractContextManager[None]:
        """Let nothing be swept meanwhile: a backup copies what the rows of its moment point to."""

    def is_held(self) -> bool:
        """Whether somebody, on whatever machine, holds the files."""

    def copy(self, name: str, target: Path) -> None:
        """Copy a file, sealed as it is, to the disk. Raises `FileNotFoundError`."""

    def take_in(self, name: str, source: Path) -> None:
        """Take a sealed file from a backup; one that is there already stays."""


def name_of(content: bytes) -> str:
    """The name content is stored under."""
    return sealing.digest("documents.content", hashlib.sha256(content).hexdigest())


def checked(name: str) -> str:
    """The name, if it is one of ours: it becomes part of a path. Raises `ValueError`."""
    if not NAME.fullmatch(name):
        raise ValueError("not a name of this storage")
    return name
