"""What people type, made storable: normalised, trimmed, and without characters that do not belong in text."""

import re
import unicodedata

from app.platform.forms.complaints import Wrong

_LINE_ENDS = re.compile("\r\n|\r|\u2028|\u2029|\x85")
_NOISE = re.compile("[\u200b\u2060\ufeff\u00ad]")  # invisible leftovers of copying from pages and documents
_SURROGATES = re.compile("[\ud800-\udfff]")
# Controls, bidirectional overrides (they disguise text), halves of pairs, and code points that are no
# characters. Unassigned ones stay: rare names use ideographs newer than this Python's tables.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff]"
    "|[" + "".join(chr(plane * 0x10000 + end) for plane in range(1, 17) for end in (0xFFFE, 0xFFFF)) + "]"
)


def tidy(text: str, *, lines: bool = False) -> str:
    """Return `text` in NFC, trimmed, tabs as spaces; line breaks stay only with `lines`.

    Raises `Wrong("control")` for control characters and their like.
    """
    text = _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text)).replace("\t", " ")
    text = _NOISE.sub("", text).strip()
    if _FORBIDDEN.search(text) or ("\n" in text and not lines):
        raise Wrong("control")
    return "\n".join(line.rstrip() for line in text.split("\n")) if lines else text


def narrow(text: str) -> str:
    """Return `tidy` text with full-width digits and letters made ordinary, for numbers and addresses."""
    return tidy(unicodedata.normalize("NFKC", text))


def presentable(text: str) -> str:
    """Return typed text as it can be kept and shown again: only what no JSON can carry is replaced."""
    return _SURROGATES.sub("\ufffd", text)
