"""Comparing versions."""

from tests.rooms.designer.town import DRAWING
from tests.rooms.matrix import arrived, to

ROWS = {("GET", "/designer/compare"): [arrived(to(404, *DRAWING), 403)]}
