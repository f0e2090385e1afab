"""Pictures people upload: looked at before they are decoded, then made anew with nothing hidden in them."""

import io
import threading
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageOps, UnidentifiedImageError

PIXELS = 40_000_000  # A4 at 600 dpi is 35 million
FORMATS = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png"}
COLOUR = 40  # of 255: how far a pixel's channels must lie apart to be ink of a colour
SHARE = 0.0005  # of the page that must be of such ink; a stamp is about ten times that
_LOOK = 900  # pixels of the longer side that suffice to see a stamp
Image.init()  # MPO, which phones write, is not among the formats Pillow loads by itself
_turns = threading.BoundedSemaphore(2)  # a decoded picture is 120 MB


class BadPicture(Exception):
    """`code`: type, broken, pixels."""

    def __init__(self, code: str, **parameters: int) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture made anew."""

    content: bytes
    type: str
    width: int
    height: int
    is_grey: bool


def remake(content: bytes) -> Picture:
    """Decode and encode `content` again: EXIF, comments, colour profiles and what is glued on are gone."""
    with _turns:
        try:
            kind, decoded = _decode(content)
        except UnidentifiedImageError as error:
            raise BadPicture("broken") from error
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise BadPicture("pixels", most=PIXELS // 1_000_000) from error
        except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, KeyError) as error:
            raise BadPicture("broken") from error  # what Pillow raises for torn files is all of these
        return _encode(kind, _flat(ImageOps.exif_transpose(decoded)))


def _decode(content: bytes) -> tuple[str, Image.Image]:
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
        width, height = image.size
        if width * height > PIXELS:
            raise BadPicture("pixels", most=PIXELS // 1_000_000)
        kind = FORMATS[image.format or ""]
        image.load()
        return kind, image


def _encode(kind: str, plain: Image.Image) -> Picture:
    plain.info.clear()
    target = io.BytesIO()
    if kind == "image/jpeg":
        plain.save(target, "JPEG", quality=90, optimize=False)
    else:
        plain.save(target, "PNG", compress_level=3)
    return Picture(target.getvalue(), kind, plain.width, plain.height, is_grey(plain))


def _flat(image: Image.Image) -> Image.Image:
    """Grey or RGB, on white paper where it was transparent."""
    if image.mode in ("1", "L"):
        return image.convert("L")
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(paper, image).convert("RGB")
    return image.convert("RGB")


def is_grey(image: Image.Image) -> bool:
    """Whether a scan has no colour in it: a red stamp would show (P-15)."""
    if image.mode == "L":
        return True
    small = image.copy()
    small.thumbnail((_LOOK, _LOOK), reducing_gap=2.0)
    red, green, blue = small.split()
    apart = ImageChops.lighter(ImageChops.difference(red, green), ImageChops.difference(green, blue))
    coloured = sum(apart.histogram()[COLOUR:])
    return coloured < SHARE * small.width * small.height
