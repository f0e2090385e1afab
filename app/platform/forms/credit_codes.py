"""Unified social credit codes of organisations (GB 32100-2015): the check character."""

from typing import Literal

CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def check_character(first_seventeen: str) -> str:
    """Return the 18th character of a code (ISO 7064 MOD 31-3). Raises ValueError for a character it cannot have."""
    values = (CHARACTERS.index(character) for character in first_seventeen)
    total = sum(value * weight for value, weight in zip(values, WEIGHTS, strict=True))
    return CHARACTERS[-total % 31]


def complaint(code: str) -> Literal["format", "check_digit"] | None:
    """Return what is wrong with `code`, or None. Letters are upper case; I, O, S, V and Z are none of them."""
    region = code[2:8]
    if len(code) != 18 or set(code) - set(CHARACTERS) or not region.isdigit():
        return "format"
    return None if check_character(code[:17]) == code[17] else "check_digit"
