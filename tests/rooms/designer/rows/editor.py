"""The editor and what it asks in the background."""

from tests.rooms.designer.town import DRAWING
from tests.rooms.matrix import Row, arrived, program, to

WINDOW = {"window": "w"}


def read(path: str) -> list[Row]:
    """What is read of a draft."""
    return [
        arrived(to(200, *DRAWING), 403, draft="draft"),
        arrived(to(404, *DRAWING), 403, draft="absent"),
    ]


def said(body: dict[str, object], **more: str) -> list[Row]:
    """What a window posts about a draft."""
    return [
        program(to(200, *DRAWING), 403, body, draft="draft", **more),
        program(to(404, *DRAWING), 403, body, draft="absent", **more),
    ]


ROWS = {
    ("GET", "/designer/drafts/<draft>"): read(""),
    ("GET", "/designer/drafts/<draft>/files"): read("/files"),
    ("GET", "/designer/drafts/<draft>/states"): read("/states"),
    ("POST", "/designer/drafts/<draft>/save"): [
        program(to(404, *DRAWING), 403, {**WINDOW, "read": 1, "files": {}}, draft="absent")
    ],
    ("POST", "/designer/drafts/<draft>/beat"): said(WINDOW),
    ("POST", "/designer/drafts/<draft>/check"): said({"files": {}}),
    ("POST", "/designer/drafts/<draft>/editing/<verb>"): [
        *said(WINDOW, verb="ask"),
        program(to(404, *DRAWING), 403, WINDOW, draft="draft", verb="nonsense"),
    ],
    ("POST", "/designer/drafts/<draft>/states/<state>/restore"): [
        program(to(404, *DRAWING), 403, WINDOW, draft="absent", state="state")
    ],
}
