"""The field types of forms, by the name that form files use."""

from collections.abc import Mapping

from app.platform.forms.kinds.base import Kind
from app.platform.forms.kinds.choosing import Choice, Region, YesNo
from app.platform.forms.kinds.computed import Computed
from app.platform.forms.kinds.finding import Organisation, Person
from app.platform.forms.kinds.numeric import Date, DateTime, Money, Number, Period
from app.platform.forms.kinds.table import Table
from app.platform.forms.kinds.text import CreditCode, Email, IdNumber, LongText, Phone, Text
from app.platform.forms.kinds.uploads import File, Photo, Signature

KINDS: Mapping[str, Kind] = {
    kind.key: kind
    for kind in (
        Text(),
        LongText(),
        Number(),
        Money(),
        Date(),
        DateTime(),
        Period(),
        Choice(),
        YesNo(),
        Phone(),
        Email(),
        IdNumber(),
        CreditCode(),
        Region(),
        Organisation(),
        Person(),
        Photo(),
        File(),
        Signature(),
        Table(),
        Computed(),
    )
}

COLUMNS: tuple[str, ...] = (
    "text",
    "long_text",
    "number",
    "money",
    "date",
    "date_time",
    "choice",
    "yes_no",
    "phone",
    "email",
    "id_number",
    "credit_code",
)
"""Types that a column of a repeating table may have: those with one control."""

__all__ = ["COLUMNS", "KINDS", "Kind"]
