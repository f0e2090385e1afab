"""Publishing a draft, the page of a process, and migrations."""

from tests.rooms.designer.town import DRAWING
from tests.rooms.matrix import Row, arrived, to


def of_draft(status: int, data: dict[str, str] | None = None, **more: str) -> list[Row]:
    """Something of a draft that is there, and of one that is not."""
    return [
        arrived(to(status, *DRAWING), 403, data, draft="draft", **more),
        arrived(to(404, *DRAWING), 403, data, draft="absent", **more),
    ]


def of_process(status: int, data: dict[str, str] | None = None, **more: str) -> list[Row]:
    """Something of a process that is there, and of one that is not."""
    return [
        arrived(to(status, *DRAWING), 403, data, process="process", **more),
        arrived(to(404, *DRAWING), 403, data, process="absent", **more),
    ]


VERSION = "/designer/processes/<process>/versions/<int:number>"
ROWS = {
    ("GET", "/designer/drafts/<draft>/publish"): of_draft(200),
    ("POST", "/designer/drafts/<draft>/publish"): of_draft(422, {"note": ""}),
    ("POST", "/designer/drafts/<draft>/study"): of_draft(303),
    ("GET", "/designer/drafts/<draft>/impact/<becomes>"): of_draft(200, becomes="moves"),
    ("GET", "/designer/processes/<process>"): of_process(200),
    ("POST", "/designer/processes/<process>/back"): of_process(422, {"number": "1", "note": ""}),
    ("GET", f"{VERSION}/carry"): of_process(200, number="1"),
    ("POST", f"{VERSION}/carry"): of_process(422, {"count": ""}, number="1"),
    ("POST", f"{VERSION}/study"): of_process(303, number="1"),
    ("GET", f"{VERSION}/impact/<becomes>"): of_process(200, number="1", becomes="cannot"),
    ("POST", "/designer/publications/<publication>/<verb>"): [
        arrived(to(404, *DRAWING), 403, publication="absent", verb="approve")
    ],
    ("POST", "/designer/migrations/<migration>/<verb>"): [
        arrived(to(404, *DRAWING), 403, migration="absent", verb="undo")
    ],
}
