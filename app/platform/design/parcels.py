"""Files going in and out: a diagram or a whole bundle, as .bpmn or .zip, bounded before anything of it is read."""

from __future__ import annotations

import io
import re
import secrets
import zipfile
from collections.abc import Mapping
from contextlib import suppress

from app.platform.design import contents, drafts
from app.platform.design.errors import Rejected
from app.platform.engine.foreign import Line, translate
from app.platform.engine.front import LARGEST_FILE, NotAdmitted, admit
from app.platform.engine.outline import name_of, outline
from app.platform.engine.problems import Problem
from app.platform.engine.vocabulary import BPMN
from app.platform.registry import Words
from app.platform.runtime.bundles import DIAGRAMS

MOMENT = (1980, 1, 1, 0, 0, 0)
"""All entries of a .zip are of this moment: the same files make the same bytes."""


def unpack(name: str, content: bytes) -> dict[str, bytes]:
    """The files in what was uploaded: one diagram, or a .zip of a bundle. Raises `Rejected`."""
    if content[:4] == b"PK\x03\x04":
        return _unzip(content)
    if len(content) > LARGEST_FILE:
        raise Rejected(Words(f"文件超过 {LARGEST_FILE // 1024} kB", "The file is too large"), "file")
    base = re.split(r"[\\/]", name)[-1]
    stem = re.sub(r"(\.bpmn20)?\.(bpmn|xml)$", "", base, flags=re.IGNORECASE)
    plain = re.sub(r"[^\w-]+", "_", stem) or "diagram"
    return {f"{plain}.bpmn": content}


def _unzip(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parcel:
            entries = [one for one in parcel.infolist() if not one.is_dir()]
            if (
                len(entries) > contents.MOST_FILES
                or sum(one.file_size for one in entries) > contents.LARGEST_DRAFT
            ):
                raise Rejected(
                    Words(
                        "压缩包过大：最多 100 个文件、8 MB",
                        "The archive is too large: at most 100 files, 8 MB",
                    ),
                    "file",
                )
            found = {}
            for one in entries:
                with parcel.open(one) as entry:  # the size it says of itself may be a lie
                    content = entry.read(LARGEST_FILE + 1)
                if len(content) > LARGEST_FILE:
                    raise Rejected(
                        Words(f"“{one.filename[:60]}”过大", f"“{one.filename[:60]}” is too large"), "file"
                    )
                found[one.filename] = content
            return found
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise Rejected(Words("压缩包无法读取", "The archive cannot be read"), "file") from error


def translated(files: Mapping[str, bytes]) -> tuple[dict[str, bytes], list[Line]]:
    """The files in our words, forms that foreign diagrams held beside them, and line by line what became of what."""
    found, lines = dict(files), list[Line]()
    for name, content in files.items():
        if name.endswith((*DIAGRAMS, ".dmn")):
            done = translate(content)
            found[name] = done.content
            lines += done.lines
            for beside, form in done.files.items():
                found.setdefault(beside, form)
    return found, lines


def pack(files: Mapping[str, bytes]) -> bytes:
    """A .zip of files, by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parcel:
        for name, content in sorted(files.items()):
            parcel.writestr(zipfile.ZipInfo(name, MOMENT), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def main_process(files: Mapping[str, bytes]) -> tuple[str, str]:
    """The id and name of the process a bundle is about: the first that no other calls. Raises `Rejected`."""
    outlines = {name: outline(content) for name, content in files.items() if name.endswith(DIAGRAMS)}
    called = frozenset().union(*(one.calls for one in outlines.values()))
    for name, one in sorted(outlines.items()):
        for process in one.processes:
            if process not in called:
                words = name_of(files[name], process)
                return process, words.zh if words else ""
    _refuse_unreadable(files)
    raise Rejected(Words("文件中没有流程图", "There is no process diagram in the file"), "file")


def _refuse_unreadable(files: Mapping[str, bytes]) -> None:
    """Say of a diagram that cannot be read why, rather than that there is none."""
    for name, content in sorted(files.items()):
        if name.endswith(DIAGRAMS):
            try:
                admit(content)
            except NotAdmitted as refused:
                problem = Problem(refused.code, name, None, refused.parameters)
                zh, en = (problem.message(language) for language in ("zh", "en"))
                raise Rejected(Words(zh, en), "file") from refused


def names(files: Mapping[str, bytes]) -> dict[str, str]:
    """What the elements of the diagrams are called, by id; those without a name are left out."""
    found = {}
    for name, content in files.items():
        if name.endswith(DIAGRAMS):
            with suppress(NotAdmitted):
                for each in admit(content).iter(f"{{{BPMN}}}*"):
                    if each.get("id") and (each.get("name") or "").strip():
                        found[each.get("id", "")] = each.get("name", "").strip()
    return found


def under_a_key(files: Mapping[str, bytes], process: str) -> tuple[str, dict[str, bytes]]:
    """The files with a key of ours for the process: its own where that is one, else a new one."""
    if drafts.KEY.fullmatch(process) and len(process) <= 60:
        return process, dict(files)
    key = f"office_{secrets.token_hex(4)}"
    return key, renamed(files, process, key)


def renamed(files: Mapping[str, bytes], process: str, key: str) -> dict[str, bytes]:
    """The files with another id for a process wherever a diagram says it; forms are left alone."""
    whole = re.compile(rf"(?<=[\"'])(?:{re.escape(process)})(?=[\"'])".encode())
    return {
        name: whole.sub(key.encode(), content) if name.endswith(DIAGRAMS) else content
        for name, content in files.items()
    }
