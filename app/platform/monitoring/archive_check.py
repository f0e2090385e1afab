"""Says whether an archive pack is as it was packed; it travels in the pack as check.py and needs Python alone.

用法 / usage: python3 check.py [归档包.zip 或解压后的文件夹 / the pack or the folder it was unpacked to]
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

MANIFEST, HISTORY = "manifest.json", "history.json"
CHUNK = 1 << 20
BROKEN = (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, EOFError, RuntimeError)
"""What is raised for a member that cannot be read any more; RuntimeError: one that says it is encrypted."""
SAID = {
    "changed": ("已被改动", "was changed"),
    "missing": ("缺少该文件", "is missing"),
    "extra": ("不属于归档包", "does not belong to the pack"),
    "twice": ("出现了不止一次", "is there more than once"),
    "chain": ("流转记录的链条对不上，第 {at} 条起不可信", "the chain of records breaks at row {at}"),
}


class Finding(NamedTuple):
    """What is wrong with one file; `code` is one of `SAID`."""

    name: str
    code: str
    at: int = 0

    def words(self) -> str:
        """The sentence in both languages."""
        zh, en = SAID[self.code]
        return f"{self.name}：{zh.format(at=self.at)} / {en.format(at=self.at)}"


def canonical(manifest: dict[str, Any]) -> bytes:
    """A manifest as it is written: one text for one content."""
    return (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()


def seal_of(manifest: dict[str, Any]) -> str:
    """The SHA-256 of a manifest without its own seal."""
    return hashlib.sha256(canonical({key: manifest[key] for key in manifest if key != "seal"})).hexdigest()


def check(path: Path) -> list[Finding]:
    """Examine a ZIP or a folder; nothing found means that every file is as it was packed."""
    if path.is_dir():
        files = {one.relative_to(path).as_posix(): one for one in path.rglob("*") if one.is_file()}
        return _examine(
            list(files),
            lambda name: _digest_of(files[name].open("rb")),
            lambda name: files[name].read_bytes(),
        )
    with zipfile.ZipFile(path) as archive:
        names = [one.filename for one in archive.infolist() if not one.is_dir()]
        twice = (
            sorted({name for name in names if names.count(name) > 1}) if len(names) > len(set(names)) else []
        )
        found = _examine(names, lambda name: _digest_of(archive.open(name)), archive.read)
        return [Finding(name, "twice") for name in twice] + found


def _examine(names: list[str], digest: Callable[[str], str], read: Callable[[str], bytes]) -> list[Finding]:
    if MANIFEST not in names:
        return [Finding(MANIFEST, "missing")]
    manifest = _manifest(read)
    if manifest is None:
        return [Finding(MANIFEST, "changed")]
    listed = {str(one["name"]): str(one["sha256"]) for one in manifest["files"]}
    found = [Finding(name, "missing") for name in listed if name not in names]
    found += [Finding(name, "extra") for name in sorted(set(names) - set(listed) - {MANIFEST})]
    for name, wanted in listed.items():
        if name in names and _tried(digest, name) != wanted:
            found.append(Finding(name, "changed"))
    if HISTORY in names and not any(one.name == HISTORY for one in found):
        row = _first_bad_row(json.loads(read(HISTORY)), manifest["history"])
        found += [Finding(HISTORY, "chain", row)] if row else []
    return found


def _manifest(read: Callable[[str], bytes]) -> dict[str, Any] | None:
    """The manifest, where it is whole: every byte as it is written, and its seal its own."""
    try:
        text = read(MANIFEST)
        manifest = json.loads(text)
        is_whole = text == canonical(manifest) and manifest["seal"] == seal_of(manifest)
    except (*BROKEN, KeyError, TypeError, AttributeError):
        return None
    return manifest if is_whole else None


def _tried(digest: Callable[[str], str], name: str) -> str:
    """The digest of a file; nothing where the ZIP itself cannot read it any more."""
    try:
        return digest(name)
    except BROKEN:
        return ""


def _digest_of(stream: Any) -> str:
    found = hashlib.sha256()
    with stream:
        while part := stream.read(CHUNK):
            found.update(part)
    return found.hexdigest()


def _first_bad_row(history: dict[str, Any], end: dict[str, Any]) -> int:
    """The first row that does not follow from the one before it; 0 where the chain holds to its head."""
    link, rows = bytes(32), history["rows"]
    for place, row in enumerate(rows, 1):
        fields = (
            history["instance"], row["seq"], ("t", row["at"]), row["kind"], row["element"], row["task"], row["by"],
            row["outcome"], row["entry"],
        )  # fmt: skip
        link = hashlib.sha256(link + bytes.fromhex(row["digest"]) + _written(fields)).digest()
        if row["seq"] != place or row["link"] != link.hex():
            return place
    return 0 if (len(rows), link.hex()) == (end["rows"], end["head"]) else len(rows) + 1


def _written(fields: tuple[Any, ...]) -> bytes:
    """Fields as the record writes them: type letter, length, value."""
    parts = []
    for field in fields:
        if field is None:
            kind, value = b"n", b""
        elif isinstance(field, tuple):
            kind, value = b"t", field[1].encode()
        elif isinstance(field, int):
            kind, value = b"i", str(field).encode()
        else:
            kind, value = b"s", str(field).encode()
        parts.append(kind + len(value).to_bytes(4, "big") + value)
    return b"".join(parts)


def main(arguments: list[str]) -> int:
    """Tell what was found, and end with 1 where it is anything."""
    path = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    try:
        found = check(path)
    except (OSError, zipfile.BadZipFile) as error:
        print(f"无法读取 / cannot be read: {path}: {error}")
        return 2
    for one in found:
        print("✗", one.words())
    if found:
        print(
            f"\n共 {len(found)} 处不符 / {len(found)} found. 归档包不完整或已被改动 / the pack is not as it was packed."
        )
        return 1
    print(
        "✓ 所有文件与归档时一致，流转记录链条完整 / every file is as it was packed, and the chain of records holds."
    )
    return 0


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main(sys.argv[1:]))
