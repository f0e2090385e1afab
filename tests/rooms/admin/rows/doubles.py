"""Doubles: whoever looks after people, and only where both lie within reach; others and absent ones are alike."""

from tests.rooms.admin.town import REGIONAL
from tests.rooms.matrix import Expected, Row, arrived, to

CHOOSE, MERGE = "/admin/people/<person>/double", "/admin/people/<person>/merge/<other>"
KEEPS = ("system", *REGIONAL)
SEES = ("system", "province", "city", "district")
"""Who looks after the district's administrator."""
OVER = ("system", "province", "city")
"""Who looks after the administrators of both districts."""


def _rows(status: int, refused: int, data: dict[str, str] | None = None) -> list[Row]:
    """Who is one of the two is refused, whoever the other is; the system's keeper has not the rights of either."""
    seen: dict[str, Expected] = to(404, *KEEPS) | to(status, *OVER)
    told = seen | to(refused, "system", "district", "sibling")
    own = to(404, *KEEPS) | to(refused, "district")
    return [
        arrived(told, 403, data, person="person_district", other="person_sibling"),
        arrived(own, 403, data, person="person_district", other="absent"),
    ]


ROWS = {
    ("GET", "/admin/doubles"): [arrived(to(200, *KEEPS), 403)],
    ("GET", CHOOSE): [
        arrived(to(404, *KEEPS) | to(200, *SEES), 403, person="person_district"),
        arrived(to(404, *KEEPS), 403, person="absent"),
    ],
    ("GET", MERGE): _rows(200, 200),
    ("POST", MERGE): _rows(409, 422, {"do": "confirm", "mark": "old"}),
}
