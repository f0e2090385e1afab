"""Photos and scans of printed pages as people make them: crooked, in the shadow, badly compressed."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pypdfium2
from PIL import Image, ImageDraw, ImageFilter

TABLE = (139, 119, 101)


def pages_of(pdf: bytes, dpi: int = 150) -> list[Image.Image]:
    """The pages of a PDF as pictures."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in document]
    document.close()
    return pages


def stamped(page: Image.Image) -> Image.Image:
    """The page with a round red stamp and a signature on it, away from its code."""
    page = page.copy()
    width, height = page.size
    draw = ImageDraw.Draw(page)
    left, top, size = int(width * 0.55), int(height * 0.62), int(width * 0.19)
    draw.ellipse((left, top, left + size, top + size), outline=(200, 30, 30), width=max(3, width // 150))
    stroke = [(int(width * (0.3 + n / 100)), int(height * (0.7 + 0.01 * (n % 3)))) for n in range(12)]
    draw.line(stroke, fill=(20, 20, 90), width=max(2, width // 300))
    return page


def without_code(page: Image.Image) -> Image.Image:
    """The page with something lying on its code."""
    page = page.copy()
    width, height = page.size
    place = (int(width * 0.74), 0, width, int(height * 0.14))
    ImageDraw.Draw(page).rectangle(place, fill=(90, 90, 90))
    return page


def photo(
    page: Image.Image, *, turn: float = 3, shadow: bool = True, quality: int = 60, side: int = 0
) -> bytes:
    """A JPEG of the page lying on a table; `side` is the longer side of the picture in pixels."""
    room = page.width // 12
    table = Image.new("RGB", (page.width + 2 * room, page.height + 2 * room), TABLE)
    table.paste(page, (room, room))
    picture = table.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=TABLE)
    if shadow:
        dark = Image.linear_gradient("L").rotate(35, expand=True).resize(picture.size)
        dark = dark.point(lambda value: 90 + value * 165 // 255)
        picture = Image.composite(picture, Image.new("RGB", picture.size, (25, 22, 20)), dark)
    if side:
        share = side / max(picture.size)
        size = (round(picture.width * share), round(picture.height * share))
        picture = picture.resize(size, Image.Resampling.BICUBIC)
    picture = picture.filter(ImageFilter.GaussianBlur(0.6))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def scanned(pages: Sequence[Image.Image], *, quality: int = 75, dpi: int = 150) -> bytes:
    """A PDF as a scanner makes it: a picture per page."""
    out = io.BytesIO()
    first, *others = (page.convert("RGB") for page in pages)
    first.save(out, "PDF", save_all=True, append_images=others, resolution=dpi, quality=quality)
    return out.getvalue()
