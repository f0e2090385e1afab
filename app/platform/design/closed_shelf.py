"""A storage that keeps in memory what a rehearsal stores: what lies on the real one is read, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from app.platform.documents.storage import Storage, name_of


class ClosedShelf:
    """Stands for `real` as long as a rehearsal lasts."""

    def __init__(self, real: Storage) -> None:
        self._real = real
        self._kept: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        """Keep it here, under the name it would have."""
        name = name_of(content)
        self._kept[name] = content
        return name

    def get(self, name: str) -> bytes:
        """What was stored here, else what lies on the real one. Raises as that does."""
        return self._kept[name] if name in self._kept else self._real.get(name)

    def has(self, name: str) -> bool:
        """Whether either has it."""
        return name in self._kept or self._real.has(name)

    def names(self, older_than: float) -> Iterator[str]:
        """Nothing: a rehearsal sweeps nothing."""
        return iter(())

    def discard(self, name: str, older_than: float) -> bool:
        """Forget what was stored here; what is real stays."""
        return self._kept.pop(name, None) is not None

    def tidy(self, older_than: float) -> None:
        """Nothing to do."""

    def held(self) -> AbstractContextManager[None]:
        """Nothing is swept here anyway."""
        return nullcontext()

    def is_held(self) -> bool:
        """Never."""
        return False

    def copy(self, name: str, target: Path) -> None:
        """Refused: a rehearsal writes no files."""
        raise OSError("a rehearsal writes no files")

    def take_in(self, name: str, source: Path) -> None:
        """Refused likewise."""
        raise OSError("a rehearsal writes no files")
