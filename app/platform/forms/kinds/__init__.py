"""The field types of forms, by the name that form files use."""

from collections.abc import Mapping

from app.platform.forms.kinds.base import Kind
from app.platform.forms.kinds.choosing import Choice, Region, YesNo
from app.platform.forms.kinds.numeric import Date, Number
from app.platform.forms.kinds.table import Table
from app.platform.forms.kinds.text import Email, IdNumber, LongText, Phone, Text
from app.platform.forms.kinds.uploads import File, Photo

KINDS: Mapping[str, Kind] = {
    kind.key: kind
    for kind in (
        Text(),
        LongText(),
        Number(),
        Date(),
        Choice(),
        YesNo(),
        Phone(),
        Email(),
        IdNumber(),
        Region(),
        Photo(),
        File(),
        Table(),
    )
}

COLUMNS: tuple[str, ...] = (
    "text",
    "long_text",
    "number",
    "date",
    "choice",
    "yes_no",
    "phone",
    "email",
    "id_number",
)
"""Types that a column of a repeating table may have: those with one control."""

__all__ = ["COLUMNS", "KINDS", "Kind"]
