"""The room's first page."""

from tests.rooms.admin.town import KEEPERS
from tests.rooms.matrix import arrived, to

ROWS = {("GET", "/admin/"): [arrived(to(200, *KEEPERS), 403)]}
