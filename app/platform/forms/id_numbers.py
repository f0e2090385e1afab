"""Resident identity numbers (GB 11643-1999): the check digit, and what the number says of its holder."""

from datetime import date
from typing import Literal

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"


def check_digit(first_seventeen: str) -> str:
    """Return the 18th character of a number (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, WEIGHTS, strict=True))
    return CHECK_DIGITS[total % 11]


def complaint(number: str, today: date) -> Literal["format", "birth_date", "check_digit"] | None:
    """Return what is wrong with `number`, or None. Letters are upper case; `today` bounds the birth date."""
    digits = number[:17]
    if len(number) != 18 or not (digits.isascii() and digits.isdigit()) or number[17] not in CHECK_DIGITS:
        return "format"
    if number[0] not in "12345678":
        return "format"
    try:
        born = birth_date(number)
    except ValueError:
        return "birth_date"
    if not date(1850, 1, 1) <= born <= today:
        return "birth_date"
    return None if check_digit(digits) == number[17] else "check_digit"


def birth_date(number: str) -> date:
    """Return the birth date in a well-formed number. Raises ValueError for a day that does not exist."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def sex(number: str) -> Literal["male", "female"]:
    """Return the sex in a well-formed number: an odd 17th digit is male."""
    return "male" if int(number[16]) % 2 else "female"
