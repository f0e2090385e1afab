"""What goes over the wire goes compressed: static files as they were packed at set-up, pages as they are made."""

from __future__ import annotations

import gzip
import mimetypes
import zlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, request, send_from_directory

from app.rooms.web import acting
from app.rooms.web.guards import open_to_all

LEAST = 500  # bytes: below, the answer is one packet either way
LEVEL = 6
TYPES = {"text/html", "application/json", "application/problem+json"}


def attach(app: Flask) -> None:
    """Hand out static files packed, and pack every page on its way out, after all else has been said about it."""

    @open_to_all
    def static(filename: str) -> Response:
        return _file(filename)

    app.view_functions["static"] = static
    app.after_request(_pack)


def _file(filename: str) -> Response:
    """A static file, packed where the browser takes that and the packed one holds the same (assets.py)."""
    folder = Path(str(current_app.static_folder))
    lifetime = current_app.get_send_file_max_age(filename)
    packed = f"{filename}.gz"
    if not _takes_gzip() or not _is_current(folder, filename, packed):
        answer = send_from_directory(folder, filename, max_age=lifetime)
    else:
        kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        answer = send_from_directory(folder, packed, max_age=lifetime, mimetype=kind)
        answer.content_encoding = "gzip"
    answer.vary.add("Accept-Encoding")
    return answer


def _is_current(folder: Path, filename: str, packed: str) -> bool:
    """Whether the packed one holds what the file holds: times tell nothing where a release is unpacked or copied."""
    try:
        states = [(folder / name).stat() for name in (filename, packed)]
        marks = tuple((state.st_mtime_ns, state.st_ctime_ns, state.st_size) for state in states)
        return _holds_the_same(folder / filename, folder / packed, marks)
    except (OSError, ValueError):
        return False


@lru_cache(maxsize=512)
def _holds_the_same(file: Path, packed: Path, _marks: tuple[tuple[int, int, int], ...]) -> bool:
    """Whether check sum and length at the end of the packed one (RFC 1952) are the file's; read once for each state."""
    body, end = file.read_bytes(), packed.read_bytes()[-8:]
    return end == zlib.crc32(body).to_bytes(4, "little") + (len(body) & 0xFFFFFFFF).to_bytes(4, "little")


def _pack(answer: Response) -> Response:
    if answer.mimetype not in TYPES or answer.is_streamed or answer.direct_passthrough:
        return answer
    answer.vary.add("Accept-Encoding")
    answer.vary.add("Sec-Fetch-Site")
    body = b"" if answer.content_encoding else answer.get_data()
    if len(body) >= LEAST and _takes_gzip() and _is_asked_from_here():
        answer.set_data(gzip.compress(body, LEVEL, mtime=0))
        answer.content_encoding = "gzip"
    return answer


def _takes_gzip() -> bool:
    return request.accept_encodings.quality("gzip") > 0


def _is_asked_from_here() -> bool:
    """Whether nobody else can have made the browser ask, and then measure the answer (BREACH, decision 0029).

    A program that shows its own token is asked by nobody's page; and what goes over the wire in the open has no
    secrets from whoever measures it.
    """
    if not request.is_secure or acting.bearer():
        return True
    return request.headers.get("Sec-Fetch-Site") in ("same-origin", "none")
