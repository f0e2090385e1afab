"""Somebody's second factor: seen by who looks after him, reset by who could give him every post he holds."""

from tests.rooms.admin.town import KEEPERS
from tests.rooms.matrix import arrived, to

UNSEEN = to(404, *KEEPERS) | to(403, "audit")


def of(person: str, status: int, *seen: str) -> list:
    return [
        arrived(UNSEEN | to(status, "system", "security", *seen), 403, person=f"person_{person}"),
    ]


ROWS = {
    ("GET", "/admin/people/<person>/factor"): [
        *of("city", 200, "province", "city"),
        *of("sibling", 200, "province", "city", "sibling"),
        *of("next_city", 200, "province", "next_city"),
        *of("system", 200),
        arrived(UNSEEN, 403, person="absent"),
    ],
    # nobody there has one: whoever sees a person is told so, or that he may not
    ("POST", "/admin/people/<person>/factor/reset"): [
        *of("city", 422, "province", "city"),
        *of("district", 422, "province", "city", "district"),
        *of("next_city", 422, "province", "next_city"),
        *of("audit", 422),
        arrived(UNSEEN, 403, person="absent"),
    ],
}
