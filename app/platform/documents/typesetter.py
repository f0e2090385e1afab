"""What a child of the press does that sets PDFs: pages from HTML, and a QR code drawn on each (see `child.py`)."""

import base64
import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import segno
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject
from reportlab.lib.units import mm  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFontFile  # type: ignore[import-untyped]
from xhtml2pdf import pisa
from xhtml2pdf.config.resources import ResourceAccessPolicy

GETA = "〓"  # the printers' mark for a character the fonts do not have
_EMPTY_TEXT = re.compile(rb"BT /F1 [0-9.]+ Tf [0-9.]+ TL ET")  # reportlab: no text, in a font not embedded
HARMLESS = ("border-collapse",)


class Complaints(logging.Handler):
    """Collects what the renderer only mumbles: a missing font, a blocked picture."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep everything that is not known to be harmless."""
        text = record.getMessage()
        if not any(harmless in text for harmless in HARMLESS):
            self.said.append(text[:300])


def readable(html: str, fonts: Path) -> tuple[str, list[str]]:
    """Replace characters no font can draw by a geta mark; return the text and those characters."""
    known = _known(fonts)
    missing = sorted({letter for letter in html if ord(letter) > 126 and ord(letter) not in known})
    return html.translate({ord(letter): GETA for letter in missing}), missing


_cache: dict[Path, set[int]] = {}


def _known(fonts: Path) -> set[int]:
    if fonts not in _cache:
        maps = [set(TTFontFile(str(file)).charToGlyph) for file in sorted(fonts.glob("*.ttf"))]
        _cache[fonts] = set.intersection(*maps) if maps else set()
    return _cache[fonts]


def typeset(html: str, base: str, fonts: Path) -> dict[str, Any]:
    """Turn HTML into a PDF; every warning is a failure."""
    complaints = Complaints()
    log = logging.getLogger("xhtml2pdf")
    log.addHandler(complaints)
    html, missing = readable(html, fonts)
    policy = ResourceAccessPolicy(allow_remote=False, base_dir=base, extra_roots=(str(fonts),))
    target = io.BytesIO()
    try:
        result = pisa.CreatePDF(html, dest=target, encoding="utf-8", resource_policy=policy)
    finally:
        log.removeHandler(complaints)
    if result.err or complaints.said:
        return {"error": "warnings", "warnings": complaints.said or ["the renderer gave up"]}
    pdf = target.getvalue()
    return {"pdf": _packed(pdf), "pages": len(PdfReader(io.BytesIO(pdf)).pages), "missing": missing}


def stamp(pdf: bytes, codes: list[str], title: str, place: dict[str, float]) -> dict[str, Any]:
    """Draw one QR code on each page, as vectors, `place` millimetres from its top right corner."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    for page, code in zip(writer.pages, codes, strict=True):
        size = place["size"] * mm
        left = float(page.mediabox.width) - place["right"] * mm - size
        low = float(page.mediabox.height) - place["top"] * mm - size
        dots = " ".join(f"{left + x:.2f} {low + y:.2f} {w:.2f} {w:.2f} re" for x, y, w in _dots(code, size))
        drawn = page.get_contents()
        before = _EMPTY_TEXT.sub(b"", drawn.get_data() if drawn is not None else b"")
        stream = StreamObject()
        stream.set_data(b"q\n" + before + b"\nQ\nq 0 g " + dots.encode() + b" f Q\n")
        page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
        fonts = cast(DictionaryObject, cast(DictionaryObject, page["/Resources"])["/Font"])
        for name in [name for name in fonts if name.encode() + b" " not in before]:
            del fonts[name]
    writer.add_metadata({"/Title": title, "/Producer": "Chengpi", "/Creator": "Chengpi"})
    writer.compress_identical_objects(remove_unreferenced=True)
    target = io.BytesIO()
    writer.write(target)
    return {"pdf": _packed(target.getvalue())}


def _dots(code: str, size: float) -> Iterator[tuple[float, float, float]]:
    matrix = [list(row) for row in segno.make_qr(code, error="q", boost_error=False).matrix]
    side = size / len(matrix)
    for down, row in enumerate(matrix):
        for across, dark in enumerate(row):
            if dark:  # a hair too wide, so that printers leave no white seams
                yield across * side, size - (down + 1) * side, side * 1.02


def _packed(content: bytes) -> str:
    return base64.b64encode(content).decode()


def answer(request: dict[str, Any], fonts: Path) -> dict[str, Any]:
    """Do what one line asks."""
    if request["do"] == "typeset":
        return typeset(request["html"], request["base"], fonts)
    pdf = base64.b64decode(request["pdf"])
    return stamp(pdf, request["codes"], request["title"], request["place"])
