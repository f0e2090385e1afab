"""What a child of the press does with foreign files: judges PDFs, finds our codes, makes pages to look at.

Nothing a code says leaves this process unless it has the form of one of ours; of others only their number is told.
"""

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp
from PIL import Image, ImageFilter

OURS = re.compile(r"[A-Z]{1,8}\d{4}-\d{6,9}\.\d{1,4}/\d{1,4}\.[0-9A-F]{16}")
DPI = 200
PIXELS = 12_000_000  # of a page as rendered: A4 at 200 dpi is 3.9 million
_SIZES = (2400, 0, 1400)  # longest side of the tries; 0 is as it came
_MOST = 50  # codes looked at on a page
Image.init()
Image.MAX_IMAGE_PIXELS = 50_000_000


class Refused(Exception):
    """The PDF is not one we take; the text is a code."""


def check(pdf: bytes, most_pages: int) -> dict[str, Any]:
    """Open a foreign PDF: not encrypted, not active, of a sensible number of pages, not all of them blank."""
    document = _open(pdf)
    pages = len(document)
    if not 1 <= pages <= most_pages:
        raise Refused("pages")
    raw = document.raw
    if pdfium.FPDFDoc_GetJavaScriptActionCount(raw) > 0 or pdfium.FPDFDoc_GetAttachmentCount(raw) > 0:
        raise Refused("active")
    if document.get_formtype() in (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND):
        raise Refused("active")
    if not any(_has_something(document[number]) for number in range(pages)):
        raise Refused("blank")
    width, height = document.get_page_size(0)
    document.close()
    return {"pages": pages, "width": round(width), "height": round(height)}


def _open(pdf: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise Refused("locked" if "assword" in str(error) else "broken") from error


def _has_something(page: Any) -> bool:
    found = int(pdfium.FPDFPage_CountObjects(page.raw)) > 0
    page.close()
    return found


def read(content: bytes, kind: str, first: int, last: int) -> dict[str, Any]:
    """The codes of ours on pages `first` to `last` (from 1), page by page, and how many others there were."""
    pages = []
    for image in _images(content, kind, first, last):
        ours, foreign = codes(image)
        pages.append({"ours": ours, "foreign": foreign})
    return {"pages": pages}


def _images(content: bytes, kind: str, first: int, last: int) -> Iterator[Image.Image]:
    if kind != "application/pdf":
        yield _grey(content)
        return
    document = _open(content)
    for number in range(first - 1, min(last, len(document))):
        yield _rendered(document[number], DPI / 72, grey=True)
    document.close()


def _grey(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
        image.draft("L", image.size)
        return image.convert("L")


def _rendered(page: Any, scale: float, *, grey: bool) -> Image.Image:
    width, height = page.get_size()
    most = (PIXELS / max(width * height, 1)) ** 0.5
    bitmap = page.render(scale=min(scale, most), grayscale=grey, fill_color=(255, 255, 255, 255))
    image: Image.Image = bitmap.to_pil()
    image.load()
    page.close()
    return image


def codes(image: Image.Image) -> tuple[list[str], int]:
    """Codes of ours in a picture, and how many others: small and soft first, which is quick and reads most."""
    ours: dict[str, None] = {}
    foreign = 0
    for longest in _SIZES:
        tried = image
        if longest:
            tried = image.copy()
            tried.thumbnail((longest, longest))
        if longest == _SIZES[-1]:
            tried = tried.filter(ImageFilter.GaussianBlur(1))
        found = zxingcpp.read_barcodes(
            tried, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
        )[:_MOST]
        texts = [one.text for one in found]
        ours.update(dict.fromkeys(text for text in texts if OURS.fullmatch(text)))
        foreign = max(foreign, sum(1 for text in texts if not OURS.fullmatch(text)))
        if ours:
            break
    return list(ours), foreign


def picture(content: bytes, kind: str, number: int, width: int) -> dict[str, Any]:
    """Page `number` (from 1) as a JPEG `width` pixels wide at most, to be looked at on a screen."""
    if kind == "application/pdf":
        document = _open(content)
        if not 1 <= number <= len(document):
            raise Refused("pages")
        page = document[number - 1]
        image = _rendered(page, width / max(page.get_width(), 1), grey=False)
    else:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as opened:
            opened.draft("RGB", (width, width))
            image = opened.convert("RGB")
    image.thumbnail((width, width * 4))
    target = io.BytesIO()
    image.convert("RGB").save(target, "JPEG", quality=84, optimize=True)
    return {
        "jpeg": base64.b64encode(target.getvalue()).decode(),
        "width": image.width,
        "height": image.height,
    }


def answer(request: dict[str, Any], _fonts: Path) -> dict[str, Any]:
    """Do what one line asks."""
    content = base64.b64decode(request["content"])
    try:
        if request["do"] == "check":
            return check(content, request["most_pages"])
        if request["do"] == "read":
            return read(content, request["type"], request["first"], request["last"])
        return picture(content, request["type"], request["page"], request["width"])
    except Refused as refused:
        return {"error": str(refused)}
