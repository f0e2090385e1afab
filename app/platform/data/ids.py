"""Row ids: opaque, unique everywhere, and rising with time so that indexes stay dense."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26


def new_id() -> str:
    """Return a new id of 26 characters: 48 bits of milliseconds, then 80 random bits (UUIDv7's layout)."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    letters = []
    for _ in range(LENGTH):
        letters.append(_ALPHABET[number & 31])
        number >>= 5
    return "".join(reversed(letters))
