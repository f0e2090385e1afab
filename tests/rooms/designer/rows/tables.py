"""Decision tables of a draft."""

from tests.rooms.designer.town import DRAWING
from tests.rooms.matrix import arrived, program, to

ROWS = {
    ("GET", "/designer/drafts/<draft>/tables"): [
        arrived(to(200, *DRAWING), 403, draft="draft"),
        arrived(to(404, *DRAWING), 403, draft="absent"),
    ],
    ("GET", "/designer/drafts/<draft>/tables/<path:name>"): [
        arrived(to(200, *DRAWING), 403, draft="draft", name="new.dmn"),
        arrived(to(404, *DRAWING), 403, draft="draft", name="new.bpmn"),
        arrived(to(404, *DRAWING), 403, draft="absent", name="new.dmn"),
    ],
    ("POST", "/designer/drafts/<draft>/tables/try"): [
        program(to(200, *DRAWING), 403, {"name": "a.dmn", "text": "<", "supposed": {}}, draft="draft"),
        program(to(404, *DRAWING), 403, {"name": "a.dmn", "text": "<"}, draft="absent"),
    ],
}
