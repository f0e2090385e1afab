"""The forms of a draft: the list, a new one, the page of one, and what that page asks."""

from tests.rooms.designer.town import DRAWING
from tests.rooms.matrix import arrived, program, to

ROWS = {
    ("GET", "/designer/drafts/<draft>/forms"): [
        arrived(to(200, *DRAWING), 403, draft="draft"),
        arrived(to(404, *DRAWING), 403, draft="absent"),
    ],
    ("POST", "/designer/drafts/<draft>/forms"): [
        arrived(to(422, *DRAWING), 403, {"title": ""}, draft="draft"),
        arrived(to(404, *DRAWING), 403, {"title": "请假单"}, draft="absent"),
    ],
    ("GET", "/designer/drafts/<draft>/forms/<path:name>"): [
        arrived(to(200, *DRAWING), 403, draft="draft", name="fairs/application"),
        arrived(to(404, *DRAWING), 403, draft="draft", name="absent"),
        arrived(to(404, *DRAWING), 403, draft="absent", name="fairs/application"),
    ],
    ("POST", "/designer/drafts/<draft>/form-check"): [
        program(to(200, *DRAWING), 403, {"text": "{}"}, draft="draft"),
        program(to(404, *DRAWING), 403, {"text": "{}"}, draft="absent"),
    ],
    ("POST", "/designer/drafts/<draft>/form-preview"): [
        arrived(to(200, *DRAWING), 403, {"form:text": "{}"}, draft="draft"),
        arrived(to(404, *DRAWING), 403, {"form:text": "{}"}, draft="absent"),
    ],
}
