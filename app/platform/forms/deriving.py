"""What answers say of each other: an ID number knows its holder's birth date and sex."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.platform.forms import id_numbers
from app.platform.forms.complaints import Wrong
from app.platform.forms.definition import Field
from app.platform.forms.given import Given
from app.platform.forms.kinds.text import IdNumber
from app.platform.forms.steps import holds


def derive(
    writable: Iterable[Field], values: Mapping[str, Any], given: Given
) -> tuple[dict[str, Wrong], dict[str, Any]]:
    """Check the ID numbers among `writable` and work out what they fill (birth date, sex).

    Returns what is wrong and what follows, both by name.
    """
    writable = list(writable)
    names = {one.name for one in writable}
    wrong: dict[str, Wrong] = {}
    derived: dict[str, Any] = {}
    for one in writable:
        number = values.get(one.name)
        if not isinstance(one.kind, IdNumber) or not number:
            continue
        resident = one.settings.get("resident_if")
        if resident is not None and not holds(resident, values, given):
            continue
        try:
            one.kind.confirm(number, given)
        except Wrong as fault:
            wrong[one.name] = fault
            continue
        says = {"birth_date": id_numbers.birth_date(number).isoformat(), "sex": id_numbers.sex(number)}
        for what, name in one.settings.get("fills", {}).items():
            if name in names and values.get(name) not in (None, says[what]):
                wrong[name] = Wrong("mismatch", other=one.label)
            else:
                derived[name] = says[what]
    return wrong, derived
