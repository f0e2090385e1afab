"""Takes one page at both widths and keeps the files small enough for a repository."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page

from tests.browser import DESKTOP, PHONE, ROOT, House, complaints_of_axe, scrolls_sideways, sign_in, watch

TARGET = ROOT / "docs" / "guide" / "pictures"
LIMIT = 150 * 1000
TALLEST = 2400
COLOURS = (256, 128, 64, 32, 16)


class TooLarge(Exception):
    """A picture cannot be kept under the limit: show less of the page."""


@dataclass
class Camera:
    """Walks a house for one guide. `complaints`: what axe-core, the width and the browser said of its pages."""

    house: House
    browser: Browser
    guide: str
    target: Path = TARGET
    complaints: list[str] = field(default_factory=list)
    watched: list[list[str]] = field(default_factory=list)

    def person(self, username: str | None = None) -> Page:
        """A fresh browser of a person, signed in when named."""
        context = self.browser.new_context(viewport=DESKTOP, locale="zh-CN", timezone_id="Asia/Shanghai")
        page = context.new_page()
        self.watched.append(watch(page))
        if username:
            sign_in(page, self.house, username)
        return page

    def take(self, page: Page, name: str, *, whole: bool = False) -> None:
        """Take the page as it stands, at both widths; `whole` takes more than the window shows."""
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            page.wait_for_load_state("networkidle")
            page.evaluate("document.fonts.ready.then(() => true)")
            where = f"{self.guide}-{name}-{size['width']}"
            self.complaints += [f"{where}: {complaint}" for complaint in complaints_of_axe(page)]
            if scrolls_sideways(page):
                self.complaints.append(f"{where}: wider than its window")
            if whole:  # a window as tall as the page, so that what sticks to its foot stands at the foot
                tall = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({**size, "height": min(max(tall, size["height"]), TALLEST)})
                page.evaluate("window.scrollTo(0, 0)")
            content = page.screenshot(animations="disabled", caret="hide")
            keep(self.target / f"{where}.png", content)
        page.set_viewport_size(DESKTOP)
        for seen in self.watched:
            self.complaints += [f"{self.guide}-{name}: {what}" for what in seen]
            seen.clear()


def compressed(content: bytes) -> bytes:
    """A palette PNG of at most `LIMIT` bytes, with as many colours as that allows."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, TALLEST)))
    for colours in COLOURS:
        out = io.BytesIO()
        few = picture.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(out, "PNG", optimize=True)
        if out.tell() <= LIMIT:
            return out.getvalue()
    raise TooLarge(f"{out.tell()} bytes with {colours} colours")


def keep(path: Path, content: bytes) -> None:
    """Write the picture unless the one there looks the same, so that a refresh changes only what changed."""
    made = compressed(content)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and _alike(path.read_bytes(), made):
        return
    path.write_bytes(made)


def _alike(one: bytes, other: bytes) -> bool:
    first, second = (Image.open(io.BytesIO(content)).convert("RGB") for content in (one, other))
    return first.size == second.size and ImageChops.difference(first, second).getbbox() is None
