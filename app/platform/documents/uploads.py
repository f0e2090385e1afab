"""What a person uploads, judged by its content before anything is stored (C-21, T5, T17)."""

import io
import re
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from app.platform.documents import pictures
from app.platform.documents.names import clean_name
from app.platform.documents.press import Press, RenderFailed
from app.platform.documents.screening import Infected, ScannerAway
from app.platform.documents.settings import scanner

EXTENSIONS = {
    "image/jpeg": frozenset({"jpg", "jpeg", "jpe", "jfif"}),
    "image/png": frozenset({"png"}),
    "application/pdf": frozenset({"pdf"}),
}
LIMIT = 20 * 1024 * 1024  # C-21
PAGES = 200
_LOOK = 1.6  # seconds a foreign PDF may take to open
_MARKUP = re.compile(rb"<\s*(!doctype|html|script|svg|body|iframe|\?php)", re.IGNORECASE)
_ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)\b")


class UploadRefused(Exception):
    """`code`: empty, too_large, type, extension, pixels, broken, locked, active, pages, infected, unscreened."""

    def __init__(self, code: str, **parameters: object) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters


@dataclass(frozen=True, slots=True)
class Received:
    """An upload that may be stored: pictures made anew, PDFs as they came."""

    name: str
    type: str
    content: bytes = field(repr=False)
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    is_grey: bool = False
    is_screened: bool = False


def check_upload(
    name: str,
    content: bytes | BinaryIO,
    accept: frozenset[str],
    limit: int = LIMIT,
    *,
    press: Press | None = None,
) -> Received:
    """Return what may be stored, or raise `UploadRefused`. Reads at most `limit` bytes and one more.

    `accept` are media types; `press` looks into PDFs and is needed only where they are accepted.
    """
    body = _read(content, limit)
    kind = _kind(body)
    if kind not in accept:
        raise UploadRefused("type", accept=sorted(accept))
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in EXTENSIONS[kind]:
        raise UploadRefused("extension", extension=extension[:10], type=kind)
    if _is_two_things(body):
        raise UploadRefused("type", accept=sorted(accept))
    is_screened = screen(body)
    if kind == "application/pdf":
        return replace(_pdf(clean_name(name), body, press), is_screened=is_screened)
    try:
        picture = pictures.remake(body)
    except pictures.BadPicture as bad:
        raise UploadRefused(bad.code, **bad.parameters) from bad
    return Received(
        clean_name(name),
        picture.type,
        picture.content,
        width=picture.width,
        height=picture.height,
        is_grey=picture.is_grey,
        is_screened=is_screened,
    )


def screen(content: bytes) -> bool:
    """Let the virus scanner look, where there is one; say whether it has. Raises `UploadRefused`.

    What a scanner could not look into is refused, never passed.
    """
    looks = scanner()
    if looks is None:
        return False
    try:
        looks.screen(content)
    except Infected as error:
        raise UploadRefused("infected") from error
    except ScannerAway as error:
        raise UploadRefused("unscreened") from error
    return True


def _read(content: bytes | BinaryIO, limit: int) -> bytes:
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    body = stream.read(limit + 1)
    if not body:
        raise UploadRefused("empty")
    if len(body) > limit:
        raise UploadRefused("too_large", most=limit)
    return body


def _kind(body: bytes) -> str:
    if body.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if re.match(rb"%PDF-[12]\.\d", body):
        return "application/pdf"
    return ""


def _is_two_things(body: bytes) -> bool:
    """Markup or an archive in the head or tail: a file that another program would read as something else."""
    return bool(
        _MARKUP.search(body[:2048]) or _MARKUP.search(body[-2048:]) or b"PK\x05\x06" in body[-66_000:]
    )


def _pdf(name: str, body: bytes, press: Press | None) -> Received:
    if press is None:
        raise RuntimeError("PDFs are accepted only with a press that looks into them")
    if b"%%EOF" not in body[-2048:]:
        raise UploadRefused("broken")
    if _ACTIVE.search(body):
        raise UploadRefused("active")
    try:
        seen = press.check(body, PAGES, _LOOK)
    except RenderFailed as failed:
        raise UploadRefused("broken") from failed
    if "error" in seen:
        code = seen["error"] if seen["error"] in ("locked", "active", "pages") else "broken"
        raise UploadRefused(code, **({"most": PAGES} if code == "pages" else {}))
    return Received(name, "application/pdf", body, seen["width"], seen["height"], seen["pages"])
