"""The arithmetic of a chain, pure, so that the audit and every instance's history link their rows alike.

A row is `(fields…, body sealed under its record's key, digest, link)`. The digest is a keyed hash of the
body, the link is SHA-256 of the link before, the digest and the fields: so the chain verifies without the
body, also after the record's key, and with it the text, has been erased.
"""

import hashlib
import hmac
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Field = str | int | bytes | datetime | None

START = bytes(32)
"""What the first row of a chain links to."""

_NONCE = 12
_TAG = 16


def canonical(fields: Sequence[Field]) -> bytes:
    """Write `fields` so that different ones never give the same bytes: type letter, length, value."""
    parts = []
    for field in fields:
        if field is None:
            kind, value = b"n", b""
        elif isinstance(field, str):
            kind, value = b"s", field.encode()
        elif isinstance(field, bytes):
            kind, value = b"b", field
        elif isinstance(field, datetime):
            kind, value = b"t", field.astimezone(UTC).isoformat(timespec="microseconds").encode()
        else:
            kind, value = b"i", str(int(field)).encode()
        parts.append(kind + len(value).to_bytes(4, "big") + value)
    return b"".join(parts)


def link(previous: bytes, fields: Sequence[Field], digest: bytes) -> bytes:
    """Return the link (32 bytes) of a row with `fields` and `digest` that follows `previous`."""
    return hashlib.sha256(previous + digest + canonical(fields)).digest()


def digest(key: bytes, body: bytes) -> bytes:
    """Return the keyed hash (32 bytes) of a row's body under its record's key."""
    return hmac.new(key, b"digest\0" + body, hashlib.sha256).digest()


@lru_cache(maxsize=256)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(hmac.new(key, b"seal", hashlib.sha256).digest())


def seal(key: bytes, body: bytes) -> bytes:
    """Encrypt a row's body under its record's key."""
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(key).encrypt(nonce, body, None)


def unseal(key: bytes, sealed: bytes) -> bytes:
    """Decrypt what `seal` made. Raises `cryptography.exceptions.InvalidTag`."""
    if len(sealed) < _NONCE + _TAG:
        raise InvalidTag
    return _cipher(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
