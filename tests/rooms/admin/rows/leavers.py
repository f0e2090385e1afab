"""Leaving: whoever looks after people within reach; foreign people and absent ones answer alike."""

from tests.rooms.admin.town import REGIONAL
from tests.rooms.matrix import Expected, Row, arrived, to

PATH = "/admin/people/<person>/leave"
KEEPS = ("system", *REGIONAL)
SEES = ("system", "province", "city", "district")
"""Who looks after the district's administrator."""


def _rows(status: int, data: dict[str, str] | None = None) -> list[Row]:
    seen: dict[str, Expected] = to(404, *KEEPS) | to(status, *SEES)
    return [
        arrived(seen, 403, data, person="person_district"),
        arrived(to(404, *KEEPS), 403, data, person="absent"),
    ]


ROWS = {("GET", PATH): _rows(200), ("POST", PATH): _rows(422, {"do": "preview"})}
