"""Passwords: which are good enough, how they are kept, and how new ones are drawn."""

import re
import secrets
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.platform.identity.messages import Refusal

LONGEST = 128
_ALPHABET = "23456789abcdefghjkmnpqrstvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
UNUSABLE = "!"
"""What is kept where no password was ever given: none matches, after the same work as any other (0032)."""
_GENERATED = 14  # 5.75 bits a letter: 80 bits

_COMMON = frozenset(
    re.findall(
        r"\S+",
        """
        123456 password passw0rd p@ssw0rd p@ssword admin administrator root test guest user welcome login
        letmein iloveyou woaini aini woaiwojia woaiwoziji woaizhongguo zhongguo china beijing shanghai
        guangdong hebei woshishui wodemima mima mimamima zhangsan lisi wangwu nihao nihaoma woaibaobao baobao
        laopo laogong qwerty qwertyui qwertyuiop qwer qwertasdf asdf asdfgh asdfghjk asdfghjkl zxcv zxcvbn
        zxcvbnm qazwsx qazwsxedc qweasd qweasdzxc 1q2w3e 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc q1w2e3r4
        zaq12wsx a1b2c3d4 abc abcd abcde abcdef abcdefg abcdefgh abcabc a b q w z x aa bb qq aaa qqq aaaa qqqq
        sunshine monkey dragon football baseball princess master superman michael shadow hello helloworld
        secret changeme default demo jiaoyu xuexiao laoshi xuesheng kaoshi guanliyuan jidian gongan zhengfu
        keji shenpi
        """,
    )
)
"""What people choose when they do not choose; with digits or signs behind it, it is no better."""

_WALKS = ("01234567890123456789", "09876543210987654321", "abcdefghijklmnopqrstuvwxyz")
_HABITS = re.compile(r"(5201314|1314520|520520|1314|520|123|321|147258369|147258|666|888|168|19\d\d|20\d\d)+")


class _Hashing:
    hasher = PasswordHasher()


def use(hasher: PasswordHasher) -> None:
    """Install other Argon2id costs: process configuration, and cheap ones for tests."""
    _Hashing.hasher = hasher


def hashed(password: str) -> str:
    """Return the Argon2id hash to keep. Takes a tenth of a second: never inside a transaction."""
    return _Hashing.hasher.hash(_plain(password))


def matches(kept: str | None, password: str) -> bool:
    """Return whether `password` is the one behind `kept`. None costs the same work and is a no."""
    hasher = _Hashing.hasher
    kept = None if kept == UNUSABLE else kept
    try:
        return hasher.verify(kept or _dummy(hasher), _plain(password)[:LONGEST]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Return whether `kept` was made with other costs than today's."""
    return _Hashing.hasher.check_needs_rehash(kept)


@lru_cache(maxsize=8)
def _dummy(hasher: PasswordHasher) -> str:
    return hasher.hash(secrets.token_hex(16))


def _plain(password: str) -> str:
    """Return one spelling of what was typed: full-width letters and composed ones are the same password."""
    return unicodedata.normalize("NFKC", password)


def generated() -> str:
    """Draw a password of 80 random bits, without letters that look alike."""
    while True:
        drawn = "".join(secrets.choice(_ALPHABET) for _ in range(_GENERATED))
        if complaint(drawn) is None:
            return drawn


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """A password drawn at random, and its hash: made before a transaction, since that takes a tenth of a second."""

    secret: str = field(repr=False)
    kept: str = field(repr=False)


def draw() -> FirstPassword:
    """Draw a password for somebody who will change it at once."""
    secret = generated()
    return FirstPassword(secret, hashed(secret))


def complaint(password: str, *, name: str = "", phone: str = "", username: str = "") -> Refusal | None:
    """Return why `password` is not good enough for this person, or None."""
    plain = _plain(password)
    classes = sum(bool(re.search(kind, plain)) for kind in (r"[A-Z]", r"[a-z]", r"\d", r"[^A-Za-z\d]"))
    if len(plain) > LONGEST:
        return Refusal("password_long", "password", limit=LONGEST)
    if len(plain) < 10 and (len(plain) < 8 or classes < 3):
        return Refusal("password_short", "password")
    lower = plain.casefold()
    personal = (_plain(name).casefold(), phone, phone[-6:], _plain(username).casefold())
    if any(len(part) >= 2 and part in lower for part in personal):
        return Refusal("password_personal", "password")
    if _is_common(lower):
        return Refusal("password_common", "password")
    return None


def _is_common(lower: str) -> bool:
    core = lower.strip("!@#$%^&*()_+-=.,?~ ")
    without_tail = core.rstrip("0123456789!@#$%^&*()_+-=.,?~ ")
    without_head = core.lstrip("0123456789!@#$%^&*()_+-=.,?~ ")
    if {lower, core, without_tail, without_head} & _COMMON:
        return True
    if len(set(lower)) <= 3 or any(core in walk for walk in _WALKS):
        return True
    half = len(core) // 2
    if len(core) >= 8 and core[:half] == core[half:] and len(set(core)) <= 6:
        return True
    return _HABITS.sub("", core) == "" or _HABITS.sub("", core) in _COMMON
