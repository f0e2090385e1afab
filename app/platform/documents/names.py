"""File names people gave or will see: shown and offered for download, never used as paths (T18, C-30)."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

_FORBIDDEN = re.compile(r'[\\/:*?"<>|]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
BYTES = 200  # of 255 that file systems allow, so that `(2)` still fits


def clean_name(name: str, fallback: str = "文件") -> str:
    """Make a harmless name of at most 200 bytes that keeps its extension; folders before it are dropped."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    return _harmless(name, fallback)


def document_name(name: str) -> str:
    """The same for a name made of stored values, where `/` is a character to replace and not a folder."""
    return _harmless(unicodedata.normalize("NFC", name), "文件")


def numbered(names: Iterable[str]) -> list[str]:
    """Tell equal names apart for one folder or ZIP: the second gets `(2)` (C-30)."""
    taken: set[str] = set()
    result = []
    for name in names:
        path, number, candidate = PurePosixPath(name), 1, name
        while candidate.casefold() in taken:
            number += 1
            candidate = f"{path.stem}({number}){path.suffix}"
        taken.add(candidate.casefold())
        result.append(candidate)
    return result


def _harmless(name: str, fallback: str) -> str:
    # Cc control, Cf invisible (writing direction, zero width), Cs half characters, Co private, Cn none
    name = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C")
    name = _FORBIDDEN.sub("_", name).strip().lstrip(".").rstrip(". ")
    if not name:
        return fallback
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 10:
        stem, dot, extension = name, "", ""
    room = BYTES - len((dot + extension).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + extension
