"""What the printed registration form shows of a candidate (2.4, Downloads)."""

from __future__ import annotations

from typing import Any, Final

from app.platform.identity import regions, units
from app.platform.registry import Call, Hooks
from app.systems.delegates import candidates, rules
from app.systems.delegates.entities import Candidate, Congress

TEMPLATE: Final = "delegates/registration_form"


def plug(hooks: Hooks) -> None:
    """Enter it into the hooks of delegates."""
    hooks.document(registration_form)


def registration_form(call: Call) -> dict[str, Any]:
    """The form as it stands, with the photo; its file is called 姓名-身份-登记表."""
    session = call.session
    row = session.get_one(Candidate, str(call.variables["candidate_id"]))
    values = candidates.values_of(session, row.id)
    congress, unit = session.get_one(Congress, row.congress_id), units.get(session, row.unit_id)
    found = {name: regions.get(session, values.get(name, "")) for name in ("native_place", "birth_place")}
    parties = (values.get("party"), values.get("second_party"))
    return {
        "file_name": file_name(row.name, row.identity),
        "name": row.name,
        "identity": rules.IDENTITIES[row.identity][0],
        "congress": congress.name,
        "unit": unit.name if unit else "",
        "phone": row.phone,
        "values": {
            name: value for name, value in values.items() if name not in candidates.OWN and name != "photo"
        },
        "places": {name: region.full_name if region else "" for name, region in found.items()},
        "parties": "、".join(party for party in parties if party),
        "occupation": " / ".join(each for each in (row.occupation, row.occupation_kind) if each),
        "full_time": _school(values, "full_time"),
        "on_job": _school(values, "on_job"),
        "history": str(values.get("history") or "—").splitlines(),
        "submitted_on": candidates.local_day(row.submitted_at).isoformat() if row.submitted_at else "",
        "pictures": {"photo": row.photo_id},
    }


def file_name(name: str, identity: str) -> str:
    """`姓名-身份-登记表` (2.4, Downloads)."""
    return f"{name}-{rules.IDENTITIES[identity][0]}-登记表"


def _school(values: dict[str, Any], kind: str) -> str:
    return " ".join(str(values[name]) for name in (f"{kind}_school", f"{kind}_major") if values.get(name))
