"""The record of who did what is the audit administrator's alone."""

from tests.rooms.matrix import ABSENT, arrived, to

ROWS = {
    ("GET", "/admin/records/<stream>/<int:number>"): [
        arrived(to(200, "audit"), 403, stream="identity:0", number="1"),
        arrived(to(404, "audit"), 403, stream=ABSENT, number="1"),
    ],
    ("GET", "/admin/records/verify"): [arrived(to(200, "audit"), 403)],
    ("POST", "/admin/records/verify"): [arrived(to(303, "audit"), 403)],
}
