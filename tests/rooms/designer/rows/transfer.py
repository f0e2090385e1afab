"""Files in and out, and what the panel may choose from."""

from tests.rooms.designer.town import DRAWING
from tests.rooms.matrix import arrived, to

ROWS = {
    ("GET", "/designer/choices"): [arrived(to(200, *DRAWING), 403)],
    ("GET", "/designer/drafts/<draft>/export/<kind>"): [
        arrived(to(200, *DRAWING), 403, draft="draft", kind="bpmn"),
        arrived(to(200, *DRAWING), 403, draft="draft", kind="zip"),
        arrived(to(404, *DRAWING), 403, draft="draft", kind="exe"),
        arrived(to(404, *DRAWING), 403, draft="absent", kind="zip"),
    ],
    ("POST", "/designer/import"): [arrived(to(422, *DRAWING), 403)],
    ("POST", "/designer/drafts/<draft>/import"): [
        arrived(to(303, *DRAWING), 403, draft="draft"),
        arrived(to(404, *DRAWING), 403, draft="absent"),
    ],
}
