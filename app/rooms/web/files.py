"""Hands out stored files under the policy of the instance they belong to; nothing in them may run."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, abort

from app.platform import documents
from app.platform.documents import StoredFile
from app.platform.runtime import policy
from app.rooms.web.acting import me, session

ACCEPTED = frozenset({"image/jpeg", "image/png", "application/pdf"})
SEALED_OFF = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def hand_out(file: str, *, inline: bool) -> Response:
    """Answer with a file: to whoever stored it, or may read the instance it belongs to; 404 to all others."""
    known = documents.facts(session(), file)
    if known is None or not _may_have(known):
        abort(404)
    found = documents.open_file(session(), documents.settings().storage, file)
    if found is None:
        abort(404)
    response = Response(found[1], mimetype=known.type)
    how = "inline" if inline and known.type in ACCEPTED else "attachment"
    response.headers["Content-Disposition"] = _disposition(how, known.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = _policy(known.type)
    return response


def _may_have(file: StoredFile) -> bool:
    if file.instance is None:
        return file.owner == me().person
    return policy.may_read(session(), me(), file.instance)


def _policy(kind: str) -> str:
    """Nothing may run in what we hand out. (Chromium's own PDF viewer does not start under `sandbox`.)"""
    return SEALED_OFF if kind == "application/pdf" else f"sandbox; {SEALED_OFF}"


def _disposition(how: str, name: str) -> str:
    """Content-Disposition after RFC 6266: a plain name for old readers, the real one beside it."""
    plain = "".join(
        letter if (letter.isascii() and letter.isalnum()) or letter in "-_." else "_" for letter in name
    )
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
