"""What stands still, repair mode, and repairs that take two: foreign instances and absent ones answer alike."""

from tests.rooms.matrix import Expected, Row, arrived, to
from tests.rooms.monitor.town import HERE, WATCHING

REPAIR, ANSWER = "/monitor/instances/<instance>/repair", "/monitor/repairs/<repair>"
MEND = "/monitor/stalls/<verb>/<key>"
REASON = {"reason": "核查已经结束"}
GONE: dict[str, Expected] = to(404, *WATCHING)


def _rows(status: int, name: str, there: str, data: dict[str, str] | None = None) -> list[Row]:
    seen: dict[str, Expected] = GONE | to(status, *HERE)
    return [arrived(seen, 403, data, **{name: there}), arrived(GONE, 403, data, **{name: "absent"})]


ROWS = {
    ("GET", "/monitor/stalls"): [arrived(to(200, *WATCHING), 403)],
    ("GET", "/monitor/lists/stuck"): [arrived(to(301, *WATCHING), 403)],
    ("POST", MEND): [
        arrived(GONE | to(409, *HERE), 403, REASON, verb="resume", key="watched"),
        arrived(GONE, 403, REASON, verb="resume", key="absent"),
        arrived(GONE, 403, REASON, verb="absent", key="watched"),
    ],
    ("GET", REPAIR): _rows(200, "instance", "watched"),
    ("POST", REPAIR): _rows(422, "instance", "watched", {"do": "preview"}),
    ("GET", "/monitor/repairs"): [arrived(to(200, *WATCHING), 403)],
    ("GET", ANSWER): _rows(200, "repair", "asked"),
    ("POST", ANSWER): _rows(422, "repair", "asked", {"do": "decline"}),
}
