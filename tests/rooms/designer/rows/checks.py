"""How far a lane reaches, and the steps that nobody can do."""

from tests.rooms.designer.town import DRAWING
from tests.rooms.matrix import arrived, to

SEEING = (*DRAWING, "system", "region")
"""Who looks after people or what runs sees it too, as far as that reaches."""
ROWS = {
    ("GET", "/designer/reach"): [arrived(to(422, *DRAWING), 403)],
    ("GET", "/designer/deadends"): [arrived(to(200, *SEEING), 403)],
    ("POST", "/designer/deadends/look"): [arrived(to(303, *SEEING), 403)],
}
