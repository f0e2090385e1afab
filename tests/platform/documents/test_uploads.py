"""Hostile and honest uploads, all made here (C-21, P-15, T5, T17, T18)."""

import io
import random
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw
from pypdf import PdfWriter
from pypdf.actions import JavaScript
from pypdf.generic import NameObject, StreamObject

from app.platform.documents import (
    Press,
    Received,
    UploadRefused,
    check_upload,
    clean_name,
    document_name,
    numbered,
)
from app.platform.documents.pictures import is_grey

PICTURES = frozenset({"image/jpeg", "image/png"})
ALL = PICTURES | {"application/pdf"}


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (300, 400), mode: str = "RGB", **more: object
) -> bytes:
    image = Image.new(mode, size, "white")
    if mode == "RGB":
        ImageDraw.Draw(image).ellipse((150, 250, 250, 350), outline=(200, 20, 30), width=6)
    target = io.BytesIO()
    image.save(target, kind, **more)
    return target.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_flood(width: int, height: int) -> bytes:
    """A valid small PNG of very many pixels."""
    packer = zlib.compressobj(9)
    row = b"\0" + b"\0" * width
    body = b"".join(packer.compress(row) for _ in range(min(height, 10_000))) + packer.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pdf(
    pages: int = 1,
    *,
    script: bool = False,
    password: str | None = None,
    attach: bool = False,
    blank: bool = False,
) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        page = writer.add_blank_page(595, 842)
        drawn = StreamObject()
        drawn.set_data(b"10 10 50 50 re f" if not blank else b"")
        page[NameObject("/Contents")] = writer._add_object(drawn)
    if script:
        writer.add_open_action(JavaScript("app.alert('x')"))
    if attach:
        writer.add_attachment("a.exe", b"MZ")
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", "x")
    return target.getvalue()


def many_objects() -> bytes:
    objects = b"".join(b"%d 0 obj<</A %d 0 R>>endobj\n" % (n, n + 1) for n in range(2, 100_000))
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n" + objects + b"trailer<</Root 1 0 R>>\n%%EOF"
    )


HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "nothing": ("a.jpg", lambda: b"", "empty"),
    "fifty megabytes": ("a.jpg", lambda: picture() + b"\0" * (50 << 20), "too_large"),
    "html": ("a.jpg", lambda: b"<!DOCTYPE html><script>alert(1)</script>", "type"),
    "html named pdf": ("a.pdf", lambda: b"<html><script>alert(1)</script>", "type"),
    "svg": ("a.svg", lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "type"),
    "svg named png": ("a.png", lambda: b"<?xml version='1.0'?><svg/>", "type"),
    "gif with script": ("a.png", lambda: b"GIF89a/*" + b"\0" * 40 + b"*/=1;alert(1)", "type"),
    "program": ("a.jpg", lambda: b"MZ\x90\0" + b"\0" * 1000, "type"),
    "program behind two extensions": ("a.pdf.exe", pdf, "extension"),
    "archive": ("a.png", zipped, "type"),
    "bmp": ("a.png", lambda: picture("BMP"), "type"),
    "tiff": ("a.png", lambda: picture("TIFF"), "type"),
    "picture named pdf": ("a.pdf", picture, "extension"),
    "pdf named picture": ("a.jpg", pdf, "extension"),
    "png named jpg": ("a.jpg", lambda: picture("PNG"), "extension"),
    "no extension": ("scan", picture, "extension"),
    "picture with an archive behind": ("a.jpg", lambda: picture() + zipped(), "type"),
    "picture with a page behind": ("a.jpg", lambda: picture() + b"<html><script>x</script></html>", "type"),
    "picture with a page in its comment": ("a.jpg", lambda: picture(comment=b"<script>x</script>"), "type"),
    "pdf with a page in its head": ("a.pdf", lambda: b"%PDF-1.4\n<script>x</script>\n" + pdf(), "type"),
    "pdf with an archive behind": ("a.pdf", lambda: pdf() + zipped() + b"%%EOF", "type"),
    "100 megapixels": ("a.png", lambda: png_flood(10_000, 10_000), "pixels"),
    "2,500 megapixels": ("a.png", lambda: png_flood(50_000, 50_000), "pixels"),
    "torn jpg": ("a.jpg", lambda: picture()[:-200], "broken"),
    "head of a jpg": ("a.jpg", lambda: b"\xff\xd8\xff\xe0", "broken"),
    "torn png": ("a.png", lambda: picture("PNG")[:-30], "broken"),
    "png of a wrong checksum": ("a.png", lambda: picture("PNG").replace(b"IDAT", b"IDAX"), "broken"),
    "noise called jpg": ("a.jpg", lambda: b"\xff\xd8\xff" + random.Random(1).randbytes(50_000), "broken"),
    "head of a pdf": ("a.pdf", lambda: b"%PDF-1.7\n", "broken"),
    "torn pdf": ("a.pdf", lambda: pdf(3)[:300] + b"%%EOF", "broken"),
    "pdf of many objects": ("a.pdf", many_objects, "broken"),
    "blank pdf": ("a.pdf", lambda: pdf(2, blank=True), "broken"),
    "pdf with a script": ("a.pdf", lambda: pdf(script=True), "active"),
    "pdf with a file in it": ("a.pdf", lambda: pdf(attach=True), "active"),
    "pdf with a password": ("a.pdf", lambda: pdf(password="x"), "locked"),
    "pdf of 300 pages": ("a.pdf", lambda: pdf(300), "pages"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_uploads_are_refused_quickly(case: str, press: Press) -> None:
    name, make, code = HOSTILE[case]
    content = make()
    press.warm()
    began = time.monotonic()
    with pytest.raises(UploadRefused) as refused:
        check_upload(name, content, ALL, press=press)
    assert refused.value.code == code
    assert time.monotonic() - began < 2


def test_a_stream_of_any_length_is_read_to_the_limit_only() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            assert 0 < size <= 1001
            self.given += size
            return b"\xff" * size

    stream = Endless()
    with pytest.raises(UploadRefused, match="too_large"):
        check_upload("a.jpg", stream, PICTURES, limit=1000)  # type: ignore[arg-type]
    assert stream.given == 1001


def test_a_flood_of_pixels_is_refused_before_it_takes_memory() -> None:
    content = png_flood(10_000, 10_000)
    tracemalloc.start()
    try:
        with pytest.raises(UploadRefused, match="pixels"):
            check_upload("a.png", content, PICTURES)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_pdf_is_refused_where_pictures_are_asked_for(press: Press) -> None:
    with pytest.raises(UploadRefused) as refused:
        check_upload("a.pdf", pdf(), PICTURES, press=press)
    assert (refused.value.code, refused.value.parameters) == ("type", {"accept": ["image/jpeg", "image/png"]})


def test_a_picture_is_made_anew_without_its_exif() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif[0x0112] = 6  # turned by 90 degrees
    received = check_upload("扫描件.JPG", picture(exif=exif, comment=b"SecretPlace"), PICTURES)
    assert isinstance(received, Received)
    assert (received.type, received.name) == ("image/jpeg", "扫描件.JPG")
    assert (received.width, received.height) == (400, 300)
    assert b"Secret" not in received.content
    assert not Image.open(io.BytesIO(received.content)).getexif()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_pictures_of_every_mode_become_grey_or_rgb(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    target = io.BytesIO()
    Image.new(mode, (50, 40)).save(target, kind)
    name = "a.jpg" if kind == "JPEG" else "a.png"
    received = check_upload(name, target.getvalue(), PICTURES)
    with Image.open(io.BytesIO(received.content)) as made:
        assert (made.size, made.mode in ("L", "RGB")) == ((50, 40), True)


def test_what_was_transparent_is_white_paper() -> None:
    clear = io.BytesIO()
    Image.new("RGBA", (5, 5), (0, 0, 0, 0)).save(clear, "PNG")
    received = check_upload("a.png", clear.getvalue(), PICTURES)
    with Image.open(io.BytesIO(received.content)) as made:
        assert made.getpixel((2, 2)) == (255, 255, 255)


def test_an_honest_pdf_is_taken_as_it_is(press: Press) -> None:
    content = pdf(3)
    received = check_upload("汇总表.pdf", content, ALL, press=press)
    assert (received.content, received.pages, received.width, received.height) == (content, 3, 595, 842)


def page_of(ink: tuple[int, int, int], noise: int = 0) -> Image.Image:
    """An A4 scan at 100 dpi with text in black and a round stamp in `ink`, with grain in it."""
    dice = random.Random(7)
    image = Image.new("RGB", (827, 1169), (250, 250, 250))
    draw = ImageDraw.Draw(image)
    for line in range(100, 800, 30):
        draw.line((80, line, 740, line), fill=(30, 30, 30), width=6)
    draw.ellipse((500, 850, 660, 1010), outline=ink, width=5)
    for _ in range(noise):
        x, y, grey = dice.randrange(827), dice.randrange(1169), dice.randrange(90, 250)
        image.putpixel((x, y), (grey, min(255, grey + 8), max(0, grey - 8)))
    return image


def test_a_scan_with_a_red_stamp_is_in_colour() -> None:
    assert not is_grey(page_of((205, 40, 50)))
    assert not is_grey(page_of((170, 90, 95)))  # a faint one


def test_a_blue_signature_is_colour() -> None:
    assert not is_grey(page_of((40, 60, 160)))


def test_a_grey_scan_stored_as_colour_is_grey() -> None:
    assert is_grey(page_of((90, 90, 90), noise=20_000))
    grey = io.BytesIO()
    page_of((90, 90, 90), noise=5000).convert("L").convert("RGB").save(grey, "JPEG", quality=60)
    assert check_upload("a.jpg", grey.getvalue(), PICTURES).is_grey


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("扫描件.jpg", "扫描件.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\..\\表.pdf", "表.pdf"),
        ("a\0b\r\nc.png", "abc.png"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        (".htaccess", "htaccess"),
        ("...", "文件"),
        ("", "文件"),
        ("a?b*c.jpg", "a_b_c.jpg"),
        ("e\u0301.png", "é.png"),
    ],
)
def test_names_are_made_harmless(given: str, shown: str) -> None:
    assert clean_name(given) == shown


def test_long_chinese_names_keep_their_extension() -> None:
    name = clean_name("很" * 300 + ".pdf")
    assert len(name.encode()) <= 200
    assert name.endswith("很.pdf")


def test_a_slash_in_a_stored_value_is_replaced_not_cut() -> None:
    assert document_name("张三-邯山/丛台-权限申请表.pdf") == "张三-邯山_丛台-权限申请表.pdf"


def test_equal_names_in_one_folder_are_numbered() -> None:
    assert numbered(["a.pdf", "b.pdf", "A.pdf", "a.pdf", "a(2).pdf"]) == [
        "a.pdf",
        "b.pdf",
        "A(2).pdf",
        "a(3).pdf",
        "a(2)(2).pdf",
    ]
