"""Scans that are none: refused or left unverified within two seconds, in words (T5)."""

from __future__ import annotations

import contextlib
import io
import time
import zlib
from collections.abc import Callable

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
)

from app.platform import documents
from app.platform.documents import UploadRefused
from app.platform.registry import Call
from tests import photos
from tests.empty_world import EmptyWorld
from tests.platform.documents import prints

SOON = 3.0  # seconds: two on a machine of its own; this one may be shared


def drawn(content: bytes, width: float = 595, height: float = 842) -> bytes:
    """A PDF of one page with this content, pressed as tightly as it goes."""
    writer = PdfWriter()
    page = writer.add_blank_page(width, height)
    stream = DecodedStreamObject()
    stream.set_data(content)
    page[NameObject("/Contents")] = writer._add_object(stream.flate_encode(9))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def huge_picture() -> bytes:
    """A page that is one picture of 900 megapixels in a megabyte."""
    writer, side = PdfWriter(), 30_000
    page = writer.add_blank_page(595, 842)
    image = StreamObject()
    image._data = zlib.compress(b"\0" * (side * side // 8), 9)
    image.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(side),
            NameObject("/Height"): NumberObject(side),
            NameObject("/BitsPerComponent"): NumberObject(1),
            NameObject("/ColorSpace"): NameObject("/DeviceGray"),
            NameObject("/Filter"): NameObject("/FlateDecode"),
        }
    )
    objects = writer._add_object(image)
    resources = page[NameObject("/Resources")]
    resources[NameObject("/XObject")] = DictionaryObject({NameObject("/I"): objects})
    stream = DecodedStreamObject()
    stream.set_data(b"595 0 0 842 0 0 cm /I Do")
    page[NameObject("/Contents")] = writer._add_object(stream)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def nested() -> bytes:
    """Streams pressed twice over: a small file that grows by the square."""
    inner = zlib.compress(zlib.compress(b"0 0 m 1 1 l S " * 2_000_000, 9), 9)
    writer = PdfWriter()
    page = writer.add_blank_page(595, 842)
    stream = StreamObject()
    stream._data = inner
    stream[NameObject("/Filter")] = ArrayObject([NameObject("/FlateDecode"), NameObject("/FlateDecode")])
    page[NameObject("/Contents")] = writer._add_object(stream)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pages(count: int) -> bytes:
    one = PdfReader(io.BytesIO(photos.scanned([Image.new("RGB", (200, 280), "red")]))).pages[0]
    writer = PdfWriter()
    for _ in range(count):
        writer.add_page(one)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "two million strokes": lambda: drawn(b"0 0 m 500 800 l S\n" * 2_000_000),
    "a page of five metres": lambda: drawn(b"0 0 9000 9000 re f", 14_400, 14_400),
    "a picture of 900 megapixels": huge_picture,
    "pressed twice": nested,
    "a thousand states": lambda: drawn(b"q 0.5 0 0 0.5 1 1 cm\n" * 300_000 + b"0 0 9 9 re f"),
}


@pytest.fixture
def printed(bare_world: EmptyWorld) -> tuple[EmptyWorld, str]:
    prints.say(1)
    prints.publish(bare_world)
    return bare_world, prints.begin(bare_world)


@pytest.mark.parametrize("case", HOSTILE)
def test_a_bomb_is_refused_or_left_unverified_within_two_seconds(
    printed: tuple[EmptyWorld, str], case: str
) -> None:
    (world, instance), content = printed, HOSTILE[case]()
    assert len(content) < 8 << 20
    press = documents.settings().press
    press.read(photos.photo(Image.new("RGB", (300, 400), "white")), "image/jpeg")  # it is running
    began = time.monotonic()
    file, code = "", "broken"
    try:
        file = prints.upload(world, instance, content)
    except UploadRefused as refused:
        code = refused.code
    assert time.monotonic() - began < SOON
    assert code == "broken"
    if not file:
        return
    by, began = world.acting("报告人"), time.monotonic()
    with world.session() as session:
        call = Call(session, world.now, by, instance, "", "", {}, by.person)
        assert documents.verify(call, prints.TEMPLATE, [file]).facts["verdict"] == "unverified"
    assert time.monotonic() - began < SOON


def test_two_hundred_pages_are_no_scan_of_one(printed: tuple[EmptyWorld, str]) -> None:
    world, instance = printed
    file, began = prints.upload(world, instance, pages(200)), time.monotonic()
    (complaint,) = prints.entry(world, instance, [file]).complaints
    assert complaint.message("zh") == "【签章件】有200页，而打印件只有1页，请只上传签字盖章的页"
    assert time.monotonic() - began < SOON


def test_after_a_bomb_the_next_honest_scan_is_read(printed: tuple[EmptyWorld, str]) -> None:
    world, instance = printed
    with pytest.raises(UploadRefused):
        prints.upload(world, instance, HOSTILE["two million strokes"]())
    scan = photos.scanned(photos.pages_of(prints.newest(world, instance)[1]))
    entry = prints.entry(world, instance, [prints.upload(world, instance, scan)])
    assert entry.compared["scan"]["verdict"] == "verified"


def test_a_page_made_to_be_looked_at_is_bounded_too(printed: tuple[EmptyWorld, str]) -> None:
    press = documents.settings().press
    for case in ("a page of five metres", "a picture of 900 megapixels"):
        began = time.monotonic()
        with contextlib.suppress(documents.RenderFailed):
            picture = Image.open(io.BytesIO(press.picture(HOSTILE[case](), "application/pdf", 1, 1240)))
            assert max(picture.size) <= 4 * 1240
        assert time.monotonic() - began < 11
