"""Encryption at rest and keyed hashes: the only place that touches the installation's keys.

Keys are process configuration like the database address: `use` is called once at start. A sealed value is
`key number (1 byte) | nonce (12) | ciphertext and tag`, AES-256-GCM; the first key of the ring seals, all of
them open, so keys rotate online. Digests are HMAC-SHA-256 under a key of their own per purpose, so that equal
values can be found without being readable.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


class Unreadable(Exception):
    """A sealed value was made with a key this installation does not have, or was tampered with."""


@dataclass(frozen=True)
class Keys:
    """`data`: numbered 32-byte keys, the highest number seals. `digest`: 32 bytes for keyed hashes."""

    data: Mapping[int, bytes]
    digest: bytes


class _Ring:
    keys: Keys | None = None


def use(keys: Keys) -> None:
    """Install the keys of this process."""
    if not keys.data or any(len(key) != 32 for key in keys.data.values()) or len(keys.digest) != 32:
        raise ValueError("keys are 32 bytes each, at least one data key")
    _Ring.keys = keys


def _keys() -> Keys:
    if _Ring.keys is None:
        raise RuntimeError("no keys installed: call sealing.use() first")
    return _Ring.keys


@lru_cache(maxsize=64)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def seal(plain: bytes) -> bytes:
    """Encrypt `plain` under the newest data key."""
    keys = _keys()
    number = max(keys.data)
    nonce = os.urandom(NONCE)
    return bytes([number]) + nonce + _cipher(keys.data[number]).encrypt(nonce, plain, None)


def unseal(sealed: bytes) -> bytes:
    """Decrypt what `seal` made. Raises `Unreadable`."""
    key = _keys().data.get(sealed[0]) if sealed else None
    if key is None:
        raise Unreadable("unknown key number")
    try:
        return _cipher(key).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], None)
    except InvalidTag as error:
        raise Unreadable("wrong key or tampered value") from error


def digest(purpose: str, value: str) -> str:
    """Keyed hash of `value` for look-ups, 64 hex digits. Different purposes give unrelated hashes."""
    return hmac.new(_keys().digest, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()
