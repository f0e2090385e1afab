"""Field types that are typed: text, long text, phone, e-mail, ID number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from app.platform.forms import credit_codes, id_numbers
from app.platform.forms.complaints import Wrong
from app.platform.forms.given import Given
from app.platform.forms.kinds.base import OneText, at_most
from app.platform.forms.names import is_person_name

if TYPE_CHECKING:
    from app.platform.forms.definition import Field

FORMATS: dict[str, Callable[[str], object]] = {
    "digits": re.compile(r"[0-9]+").fullmatch,
    "letters_digits": re.compile(r"[0-9A-Za-z]+").fullmatch,
    "capital_letter": re.compile(r"[A-Z]").fullmatch,
    "postcode": re.compile(r"[0-9]{6}").fullmatch,
    "person_name": is_person_name,
}
MOBILE = re.compile(r"1[3-9][0-9]{9}")
LANDLINE = re.compile(r"(010|02[0-9]|0[3-9][0-9]{2})-?([2-9][0-9]{6,7})(?:-([0-9]{1,6}))?")
EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
OTHER_NUMBER = re.compile(r"[0-9A-Z()/-]{5,30}")

_LENGTHS = {
    "minlength": {"type": "integer", "minimum": 1, "maximum": 10000},
    "maxlength": {"type": "integer", "minimum": 1, "maximum": 10000},
}


class Text(OneText):
    """One line. `format` names a listed shape; free regular expressions are not offered (they can hang)."""

    key = "text"
    settings: ClassVar[Mapping[str, Any]] = {**_LENGTHS, "format": {"enum": sorted(FORMATS)}}
    codes = frozenset({"required", "control", "too_long", "too_short", "format"})
    masks: ClassVar[tuple[str, ...]] = ("phone", "id")
    bound: ClassVar[int] = 100

    def judge(self, one: Field, text: str, given: Given) -> str:
        """Check length and format."""
        least = int(one.settings.get("minlength", 0))
        if len(text) < least:
            raise Wrong("too_short", min=least, length=len(text))
        at_most(text, int(one.settings.get("maxlength", self.bound)))
        shape = one.settings.get("format")
        if shape is not None and not FORMATS[shape](text):
            raise Wrong("format", how=str(shape))
        return text

    def faults(self, one: Field) -> Iterator[tuple[str, str]]:
        """The shortest may not be longer than the longest."""
        if int(one.settings.get("minlength", 0)) > int(one.settings.get("maxlength", self.bound)):
            yield "minlength", "bounds"


class LongText(Text):
    """Several lines; line breaks are kept."""

    key = "long_text"
    settings: ClassVar[Mapping[str, Any]] = {
        **_LENGTHS,
        "rows": {"type": "integer", "minimum": 2, "maximum": 30},
    }
    codes = frozenset({"required", "control", "too_long", "too_short"})
    masks: ClassVar[tuple[str, ...]] = ()
    wide = True
    wide_to_read = True
    lines = True
    bound = 2000


class Phone(OneText):
    """A mainland number: `accepts` mobile (default), landline, or any. Stored without spaces and +86."""

    key = "phone"
    settings: ClassVar[Mapping[str, Any]] = {"accepts": {"enum": ["mobile", "landline", "any"]}}
    codes = frozenset({"required", "control", "format"})
    masks = ("phone",)
    ordinary_width = True

    def judge(self, one: Field, text: str, given: Given) -> str:
        """Bring the number into its stored form."""
        accepts = str(one.settings.get("accepts", "mobile"))
        digits = re.sub(r"[\s-]", "", text)
        mobile = re.sub(r"^(?:\+86|0086)", "", digits)
        if accepts != "landline" and MOBILE.fullmatch(mobile):
            return mobile
        parts = LANDLINE.fullmatch(re.sub(r"\s|[()]", "", text.replace(")", "-")).replace("--", "-"))
        if accepts != "mobile" and parts:
            return "-".join(part for part in parts.groups() if part)
        raise Wrong("format", how=accepts)


class Email(OneText):
    """An address; its domain is stored in lower case."""

    key = "email"
    codes = frozenset({"required", "control", "too_long", "format"})
    ordinary_width = True

    def judge(self, one: Field, text: str, given: Given) -> str:
        """Check the shape."""
        at_most(text, 254)
        name, _, domain = text.rpartition("@")
        if len(name) > 64 or not EMAIL.fullmatch(text):
            raise Wrong("format", how="email")
        return f"{name}@{domain.lower()}"


class IdNumber(OneText):
    """A resident ID number (GB 11643). Where `resident_if` does not hold, another document's number.

    `fills` names the fields that its birth date and sex go into (codes male, female): read-only ones get the
    value, those a person may edit get it when left empty and must agree otherwise.
    """

    key = "id_number"
    settings: ClassVar[Mapping[str, Any]] = {
        "resident_if": {"$ref": "#/$defs/expression"},
        "fills": {
            "type": "object",
            "properties": {"birth_date": {"$ref": "#/$defs/name"}, "sex": {"$ref": "#/$defs/name"}},
            "additionalProperties": False,
        },
    }
    conditions = ("resident_if",)
    codes = frozenset({"required", "control", "format", "birth_date", "check_digit"})
    masks = ("id",)
    ordinary_width = True

    def judge(self, one: Field, text: str, given: Given) -> str:
        """Accept whatever may be a number; `confirm` checks it once the other answers are known."""
        number = re.sub(r"\s", "", text).upper()
        if not OTHER_NUMBER.fullmatch(number):
            raise Wrong("format", how="id_number" if "resident_if" not in one.settings else "")
        return number

    def confirm(self, number: str, given: Given) -> None:
        """Check a resident's number. Raises `Wrong`."""
        wrong = id_numbers.complaint(number, given.today)
        if wrong is not None:
            raise Wrong(wrong, how="id_number")


class CreditCode(OneText):
    """An organisation's unified social credit code (GB 32100), stored in capitals without spaces."""

    key = "credit_code"
    codes = frozenset({"required", "control", "format", "check_digit"})
    ordinary_width = True

    def judge(self, one: Field, text: str, given: Given) -> str:
        """Check the shape and the check character."""
        code = re.sub(r"[\s-]", "", text).upper()
        wrong = credit_codes.complaint(code)
        if wrong is not None:
            raise Wrong(wrong, how="credit_code")
        return code
