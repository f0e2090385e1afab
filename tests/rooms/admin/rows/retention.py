"""How long things are kept is the system administrator's to say."""

from tests.rooms.matrix import arrived, to

ROWS = {
    ("GET", "/admin/retention"): [arrived(to(200, "system"), 403)],
    ("POST", "/admin/retention"): [arrived(to(303, "system"), 403)],
}
