"""Hands out stored files under the policy of the instance they belong to; nothing in them may run."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from urllib.parse import quote

from flask import Response, abort

from app.platform import documents
from app.platform.documents import StoredFile
from app.rooms.web.acting import me, session

ACCEPTED = frozenset({"image/jpeg", "image/png", "application/pdf"})
PAGE_WIDTH = 1240  # pixels: A4 at 150 dpi
SEALED_OFF = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def hand_out(file: str, *, inline: bool) -> Response:
    """Answer with a file: to whoever stored it, or may read the instance it belongs to; 404 to all others."""
    known = documents.facts(session(), file)
    if known is None or not documents.may_have(session(), me(), known):
        abort(404)
    found = documents.open_file(session(), documents.settings().storage, file)
    if found is None:
        abort(404)
    response = Response(found[1], mimetype=known.type)
    how = "inline" if inline and known.type in ACCEPTED else "attachment"
    response.headers["Content-Disposition"] = disposition(how, known.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = _policy(known.type)
    return response


def hand_out_page(file: str, number: int) -> Response:
    """Answer with one page of a file as a picture for the screen, under the same policy; 404 to all others."""
    known = documents.facts(session(), file)
    if (
        known is None
        or not documents.may_have(session(), me(), known)
        or not 1 <= number <= (known.pages or 1)
    ):
        abort(404)
    picture = _pictures.get((known.content, number))
    if picture is None:
        place = documents.settings()
        try:
            content = place.storage.get(known.content)
            picture = place.press.picture(content, known.type, number, PAGE_WIDTH)
        except (FileNotFoundError, documents.RenderFailed):
            abort(404)
        _pictures.put((known.content, number), picture)
    response = Response(picture, mimetype="image/jpeg")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = _policy("image/jpeg")
    return response


def readable(file: str) -> StoredFile:
    """The facts of a file the person may have; 404 otherwise."""
    known = documents.facts(session(), file)
    if known is None or not documents.may_have(session(), me(), known):
        abort(404)
    return known


class _Pictures:
    """The pages last looked at, by content, in the memory of this process alone."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, int], bytes] = OrderedDict()

    def get(self, key: tuple[str, int]) -> bytes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: tuple[str, int], picture: bytes) -> None:
        with self._lock:
            self._kept[key] = picture
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


_pictures = _Pictures(60)  # some 20 MB


def _policy(kind: str) -> str:
    """Nothing may run in what we hand out. (Chromium's own PDF viewer does not start under `sandbox`.)"""
    return SEALED_OFF if kind == "application/pdf" else f"sandbox; {SEALED_OFF}"


def disposition(how: str, name: str) -> str:
    """Content-Disposition after RFC 6266: a plain name for old readers, the real one beside it."""
    plain = "".join(
        letter if (letter.isascii() and letter.isalnum()) or letter in "-_." else "_" for letter in name
    )
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
