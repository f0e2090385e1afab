"""Who gets what at a unit's review and report pages, and at the congress's final review (D-39, D-44)."""

from __future__ import annotations

from tests.rooms.matrix import Row, arrived, to
from tests.systems.delegates.rows_congress import CONVENERS, VIEWERS
from tests.systems.delegates.rows_recommending import LIAISONS, own

UNITS = ("first_review", "rejected", "waiting", "reported")


def attached(status: int) -> list[Row]:
    """A file beside one's own candidate, beside another unit's, beside nobody."""
    mine = {"liaison": status, "other_liaison": 404}
    return [
        arrived(mine, 403, candidate="reviewed", attachment="absent"),
        arrived(to(404, *LIAISONS), 403, candidate="absent", attachment="absent"),
    ]


def seen(own_convener: int, **values: str) -> list[Row]:
    """What a unit and its congress may see: 404 to every other unit and congress, 403 to whoever is neither."""
    answers = {"liaison": 200, "convener": own_convener, "other_liaison": 404, "next_convener": 404}
    ((name, _),) = values.items()
    return [
        arrived(answers, 403, **values),
        arrived(dict.fromkeys(VIEWERS, 404), 403, **{name: "absent"}),
    ]


ROWS: dict[tuple[str, str], list[Row]] = {
    ("GET", "/<system>/lists/<key>"): [
        *(arrived(to(200, *LIAISONS), 403, system="delegates", key=key) for key in UNITS),
        arrived(CONVENERS, 403, system="delegates", key="final_review"),
        arrived(VIEWERS, 403, system="delegates", key="slates"),
    ],
    ("GET", "/delegates/waiting"): [arrived(to(302, *LIAISONS), 403)],
    ("GET", "/delegates/invitations/<invitation>/report"): own(200, invitation="invitation"),
    ("POST", "/delegates/invitations/<invitation>/report"): own(422, invitation="invitation"),
    ("GET", "/delegates/slates/<slate>"): seen(200, slate="slate"),
    ("GET", "/delegates/candidates/<candidate>"): seen(404, candidate="reviewed"),
    ("POST", "/delegates/candidates/<candidate>/withdraw"): own(303, candidate="reviewed"),
    ("GET", "/delegates/candidates/<candidate>/files"): own(200, candidate="reviewed"),
    ("POST", "/delegates/candidates/<candidate>/files"): own(422, candidate="reviewed"),
    ("POST", "/delegates/candidates/<candidate>/files/<attachment>/delete"): attached(422),
    ("POST", "/delegates/reported/forms"): [arrived(dict.fromkeys(VIEWERS, 303), 403)],
}
