"""Who gets what at a unit's pages of recommendation, and at one's own form: one's own unit's, nobody else's (D-44)."""

from __future__ import annotations

from tests.rooms.matrix import Row, arrived, to

LIAISONS = ("liaison", "other_liaison")


def own(status: int, **values: str) -> list[Row]:
    """`status` to the liaison of the unit, 404 to another unit's, 403 to everybody else; 404 where there is none."""
    ((name, _),) = values.items()
    return [
        arrived({"liaison": status, "other_liaison": 404}, 403, **values),
        arrived(to(404, *LIAISONS), 403, **{name: "absent"}),
    ]


ROWS: dict[tuple[str, str], list[Row]] = {
    ("GET", "/<system>/lists/<key>"): [
        arrived(to(200, *LIAISONS), 403, system="delegates", key="recommended"),
    ],
    ("GET", "/delegates/election"): [arrived(to(302, *LIAISONS), 403)],
    ("GET", "/delegates/recommended"): [arrived(to(302, *LIAISONS), 403)],
    ("GET", "/delegates/invitations/<invitation>/recommend"): own(200, invitation="invitation"),
    ("POST", "/delegates/invitations/<invitation>/recommend"): own(422, invitation="invitation"),
    ("POST", "/delegates/candidates/<candidate>/disable"): own(303, candidate="candidate"),
    ("POST", "/delegates/candidates/<candidate>/enable"): own(303, candidate="candidate"),
    ("POST", "/delegates/candidates/<candidate>/remove"): own(303, candidate="candidate"),
    ("GET", "/delegates/mine"): [arrived(to(200, *LIAISONS), 403)],
    ("GET", "/delegates/mine/<candidate>"): [
        arrived(to(404, *LIAISONS), 403, candidate="candidate"),
        arrived(to(404, *LIAISONS), 403, candidate="absent"),
    ],
}
