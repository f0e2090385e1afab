"""Verbs in bulk: whoever watches begins them within his reach; a run is its beginner's, and of who watches all."""

from tests.rooms.matrix import Expected, arrived, to
from tests.rooms.monitor.town import HERE, WATCHING

RUN = "/monitor/bulk/runs/<run>"
GONE: dict[str, Expected] = to(404, *WATCHING)
OF, STEER = "/monitor/bulk/of/<source>", "/monitor/bulk/runs/<run>/<verb>"

ROWS = {
    ("POST", OF): [
        arrived(to(303, *WATCHING), 403, source="overdue"),
        arrived(GONE, 403, source="absent"),
    ],
    ("GET", "/monitor/bulk"): [arrived(GONE, 403)],
    ("POST", "/monitor/bulk"): [arrived(GONE, 403)],
    ("GET", "/monitor/bulk/runs"): [arrived(to(200, *WATCHING), 403)],
    ("GET", RUN): [arrived(GONE | to(200, *HERE), 403, run="run"), arrived(GONE, 403, run="absent")],
    ("GET", f"{RUN}/progress"): [
        arrived(GONE | to(200, *HERE), 403, run="run"),
        arrived(GONE, 403, run="absent"),
    ],
    ("POST", STEER): [
        arrived(GONE | to(303, *HERE), 403, run="run", verb="pause"),
        arrived(GONE, 403, run="absent", verb="pause"),
        arrived(GONE, 403, run="run", verb="absent"),
    ],
}
