"""Files on disk: named by what is in them, encrypted, whole or not there at all (T18, F3)."""

import contextlib
import errno
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from app.platform.data import new_id, sealing
from app.platform.documents.storage import HOLD, NAME, StorageFull, checked, name_of

_PART = ".part"
_ASIDE = ".aside"
_HELD = ".held"


class DiskStorage:
    """A folder of encrypted files, as `Storage` promises."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, content: bytes) -> str:
        """Write `content` to the disk for good and return its name. Raises `StorageFull`.

        What is there already is not written again but touched, so that a sweep running now leaves it.
        """
        name = name_of(content)
        path = self._path(name)
        with contextlib.suppress(FileNotFoundError):
            os.utime(path)
            return name
        part = path.with_name(f"{new_id()}{_PART}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(part, sealing.seal(content))
            os.replace(part, path)
            _sync_folder(path.parent)
        except OSError as error:
            part.unlink(missing_ok=True)
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise StorageFull from error
            raise
        return name

    def get(self, name: str) -> bytes:
        """Read a file. Raises `FileNotFoundError`, and `sealing.Unreadable` if it was tampered with."""
        return sealing.unseal(self._path(name).read_bytes())

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Let nothing be swept meanwhile: a backup copies what the rows of its moment point to."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark = self._root / f"{new_id()}{_HELD}"
        mark.touch(mode=0o600)
        try:
            yield
        finally:
            mark.unlink(missing_ok=True)

    def is_held(self) -> bool:
        """Whether somebody, on whatever machine, holds the files."""
        since = time.time() - HOLD
        for mark in self._root.glob(f"*{_HELD}"):
            with contextlib.suppress(FileNotFoundError):
                if mark.stat().st_mtime >= since:
                    return True
        return False

    def copy(self, name: str, target: Path) -> None:
        """Copy a file, encrypted as it is. Raises `FileNotFoundError`."""
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(self._path(name), target)

    def take_in(self, name: str, source: Path) -> None:
        """Take an encrypted file from a backup; one that is there already stays."""
        path = self._path(name)
        if path.exists():
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_name(f"{new_id()}{_PART}")
        try:
            _write(part, source.read_bytes())
            os.replace(part, path)
            _sync_folder(path.parent)
        except OSError:
            part.unlink(missing_ok=True)
            raise

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return self._path(name).is_file()

    def names(self, older_than: float) -> Iterator[str]:
        """Names of the files last written or touched more than `older_than` seconds ago."""
        before = time.time() - older_than
        for path in self._root.glob("??/*"):
            with contextlib.suppress(FileNotFoundError):
                if NAME.fullmatch(path.name) and path.stat().st_mtime < before:
                    yield path.name

    def discard(self, name: str, older_than: float) -> bool:
        """Remove a file nobody needs, unless `put` has touched it meanwhile; say whether it is gone.

        It is moved aside before its age is read: a `put` from now on finds nothing and writes it anew.
        """
        path = self._path(name)
        aside = path.with_name(name + _ASIDE)
        try:
            os.rename(path, aside)
            if aside.stat().st_mtime >= time.time() - older_than:
                os.replace(aside, path)
                return False
            aside.unlink()
        except FileNotFoundError:
            return False
        return True

    def tidy(self, older_than: float) -> None:
        """Clear up after processes that died while writing or discarding."""
        for aside in self._root.glob(f"??/*{_ASIDE}"):
            with contextlib.suppress(FileNotFoundError):
                os.replace(aside, aside.with_name(aside.name.removesuffix(_ASIDE)))
        before = time.time() - older_than
        for path in self._root.glob(f"??/*{_PART}"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()

    def _path(self, name: str) -> Path:
        return self._root / name[:2] / checked(name)


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    for each in (folder, folder.parent):  # the entry in the folder, and the folder's own entry
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
