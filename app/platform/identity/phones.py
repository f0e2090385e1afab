"""Phone numbers as people write them, and as they are compared."""

import re
import unicodedata

_MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")


def normal(text: str) -> str | None:
    """Return the eleven digits of a mainland mobile number however it is written, or None if it is none."""
    plain = re.sub(r"[\s().\-‐‑–—]", "", unicodedata.normalize("NFKC", text))
    found = _MOBILE.fullmatch(plain)
    return found.group(1) if found else None
