"""Regions and units: their pages, and the place chooser. The objects lie in 130402; nobody may change the first."""

from tests.rooms.admin.town import REGIONAL
from tests.rooms.matrix import Row, arrived, to

HERE = to(200, "system", "province", "city", "district")
BESIDE = to(404, "sibling", "next_city")
KEEPERS = to(200, "system", *REGIONAL)
REFUSED = to(422, "system", "province", "city", "district")
ABSENT = to(404, "system", *REGIONAL)


def of(kind: str, answers: dict[str, int | str], **data: str) -> list[Row]:
    """Of a unit or region of the district, and of one there is not."""
    here, nowhere = ("own_unit", "absent") if kind == "unit" else ("130402", "ABSENT")
    return [
        arrived({**answers, **BESIDE}, 403, data, **{kind if kind == "unit" else "code": here}),
        arrived(ABSENT, 403, data, **{kind if kind == "unit" else "code": nowhere}),
    ]


ROWS = {
    ("GET", "/admin/places"): [arrived(to(200, "system", "security", *REGIONAL), 403)],
    ("GET", "/admin/regions"): [arrived(KEEPERS, 403)],
    ("GET", "/admin/regions/<code>/below"): of("region", HERE),
    ("GET", "/admin/regions/<code>"): of("region", HERE),
    ("GET", "/admin/regions/add"): [arrived(KEEPERS, 403)],
    ("POST", "/admin/regions/add"): [
        arrived(to(422, "system", *REGIONAL), 403, {"name": "", "code": "", "to": ""})
    ],
    ("POST", "/admin/regions/<code>/rename"): of("region", REFUSED, name="新名"),
    ("POST", "/admin/regions/<code>/state"): of("region", REFUSED, turn="closed"),
    ("POST", "/admin/regions/<code>/delete"): of("region", REFUSED),
    ("GET", "/admin/regions/<code>/move"): of("region", HERE),
    ("POST", "/admin/regions/<code>/move"): of("region", REFUSED, to="130000/", sure="1"),
    ("GET", "/admin/units"): [arrived(KEEPERS, 403)],
    ("GET", "/admin/units/<unit>"): of("unit", HERE),
    ("GET", "/admin/units/add"): [arrived(KEEPERS, 403)],
    ("POST", "/admin/units/add"): [arrived(to(422, "system", *REGIONAL), 403, {"name": "", "to": ""})],
    ("POST", "/admin/units/<unit>/rename"): of("unit", REFUSED, name=""),
    ("POST", "/admin/units/<unit>/state"): of("unit", REFUSED, turn="nonsense"),
    ("GET", "/admin/units/<unit>/move"): of("unit", HERE),
    ("POST", "/admin/units/<unit>/move"): of("unit", REFUSED, to="", sure="1"),
    ("GET", "/admin/units/<unit>/merge"): of("unit", HERE),
    ("POST", "/admin/units/<unit>/merge"): of("unit", REFUSED, to="", sure="1"),
}
