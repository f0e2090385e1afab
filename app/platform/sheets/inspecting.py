"""A workbook looked at from outside, before it is opened: the directory of its archive tells bombs apart (T5)."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterable

from app.platform.sheets.refusing import SheetRefused

LIMIT = 20 << 20  # bytes uploaded
ENTRIES = 2_000
EXPANDED = 320 << 20  # bytes, all entries together
ENTRY = 200 << 20  # bytes, the largest one: 100,000 rows of 12 columns are about 60 MB
RATIO, SMALL = 150, 4 << 20  # how often an entry larger than `SMALL` may be folded
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ARCHIVES = (".zip", ".xlsx", ".xlsm", ".xlsb", ".docx", ".pptx", ".gz", ".7z", ".rar", ".tar", ".jar")
_ACTIVE = ("vbaproject.bin", "/embeddings/", "/activex/", "/externallinks/", "/macrosheets/")


def inspect(content: bytes) -> None:
    """Raise `SheetRefused` unless `content` is an archive that may be opened. Expands nothing."""
    if not content:
        raise SheetRefused("empty")
    if len(content) > LIMIT:
        raise SheetRefused("too_large", most=LIMIT >> 20)
    if content.startswith(_OLD):
        raise SheetRefused("old")
    if not content.startswith(b"PK\x03\x04"):
        raise SheetRefused("type")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError) as error:
        raise SheetRefused("broken") from error
    _judge(entries, len(content))


def _judge(entries: Iterable[zipfile.ZipInfo], size: int) -> None:
    names, expanded, folded = set(), 0, 0
    for number, entry in enumerate(entries, 1):
        expanded += entry.file_size
        folded += entry.compress_size
        if number > ENTRIES or expanded > EXPANDED or folded > size or _is_bomb(entry):
            raise SheetRefused("bomb")
        _judge_one(entry)
        if entry.filename.lower() in names:
            raise SheetRefused("broken")
        names.add(entry.filename.lower())
    if not {"[content_types].xml", "xl/workbook.xml"} <= names:
        raise SheetRefused("type")


def _judge_one(entry: zipfile.ZipInfo) -> None:
    name = entry.filename.lower()
    if entry.flag_bits & 0x1:
        raise SheetRefused("locked")
    if name.endswith(_ARCHIVES) or any(part in name for part in _ACTIVE):
        raise SheetRefused("active")
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    if is_link or ".." in name.split("/") or name.startswith("/") or "\\" in name:
        raise SheetRefused("broken")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise SheetRefused("broken")


def _is_bomb(entry: zipfile.ZipInfo) -> bool:
    ratio = entry.file_size / max(1, entry.compress_size)
    return entry.file_size > ENTRY or (entry.file_size > SMALL and ratio > RATIO)
