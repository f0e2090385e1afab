"""The room's first page, and beginning a draft."""

from tests.rooms.designer.town import DRAWING
from tests.rooms.matrix import arrived, to

ROWS = {
    ("GET", "/designer/"): [arrived(to(200, *DRAWING), 403)],
    ("POST", "/designer/new"): [arrived(to(422, *DRAWING), 403, {"name": ""})],
    ("POST", "/designer/processes/<process>/draft"): [
        arrived(to(303, *DRAWING), 403, process="process"),
        arrived(to(404, *DRAWING), 403, process="absent"),
    ],
    ("POST", "/designer/drafts/<draft>/close"): [arrived(to(404, *DRAWING), 403, draft="absent")],
}
