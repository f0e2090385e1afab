"""Rehearsing: the page of a draft, of a version and of what was played, its moves, and keeping a test."""

from tests.rooms.designer.town import DRAWING
from tests.rooms.matrix import Row, arrived, to

SKIP = {"_move": "skip", "_to": "next"}
TEST = {"name": ""}


def both(status: int, of: str, data: dict[str, str] | None = None, name: str = "") -> list[Row]:
    """What those who draw get of something that is there, and of something that is not."""
    named = name or of
    return [
        arrived(to(status, *DRAWING), 403, data, **{named: of}),
        arrived(to(404, *DRAWING), 403, data, **{named: "absent"}),
    ]


ROWS = {
    ("GET", "/designer/drafts/<draft>/rehearse"): both(200, "draft"),
    ("POST", "/designer/drafts/<draft>/rehearse"): both(422, "draft", SKIP),
    ("GET", "/designer/versions/<version>/rehearse"): both(200, "version"),
    ("POST", "/designer/versions/<version>/rehearse"): both(
        422, "version", {"_move": "do", "_element": "none"}
    ),
    ("GET", "/designer/rehearsals/<rehearsal_id>"): both(200, "rehearsal", name="rehearsal_id"),
    ("POST", "/designer/rehearsals/<rehearsal_id>"): both(
        422, "rehearsal", {"_move": "nonsense"}, "rehearsal_id"
    ),
    ("POST", "/designer/drafts/<draft>/tests/drop"): [
        arrived(to(404, *DRAWING), 403, TEST, draft="draft"),
        arrived(to(404, *DRAWING), 403, TEST, draft="absent"),
    ],
    ("POST", "/designer/rehearsals/<rehearsal_id>/test"): both(422, "rehearsal", TEST, "rehearsal_id"),
}
