"""Absences, unattended tasks and posts in numbers: whoever looks after people, or posts; foreign ones are not there."""

from tests.rooms.admin.town import REGIONAL
from tests.rooms.matrix import Expected, Row, arrived, to

KEEPS = ("system", *REGIONAL)
POSTS = ("security", *REGIONAL)
OVER = ("system", "province", "city")
"""Who looks after the city's reviews, and after who is away there."""
PEOPLE_ONLY: list[Row] = [arrived(to(200, *KEEPS), 403)]
LEADS_ON: list[Row] = [arrived(to(303, *KEEPS), 403)]


def _task(status: int, data: dict[str, str] | None = None) -> list[Row]:
    """A task nobody can answer, and the same asked for by who reaches elsewhere; one that is answered reads 409."""
    seen: dict[str, Expected] = to(404, *KEEPS) | to(status, *OVER)
    return [
        arrived(seen, 403, data, task="lonely"),
        arrived(to(404, *KEEPS), 403, data, task="absent"),
    ]


ROWS = {
    ("GET", "/admin/absences"): LEADS_ON,
    ("GET", "/admin/absences/new"): PEOPLE_ONLY,
    ("POST", "/admin/absences/new"): [arrived(to(422, *KEEPS), 403)],
    ("POST", "/admin/absences/<appointment>/end"): [
        arrived(to(404, *KEEPS), 403, appointment="absent"),
        arrived(to(404, *KEEPS) | to(303, *OVER), 403, appointment="citys_absence"),
    ],
    ("GET", "/admin/unattended"): LEADS_ON,
    ("GET", "/admin/unattended/<task>"): _task(200),
    ("POST", "/admin/unattended/<task>"): _task(422, {"do": "confirm"}),
    ("GET", "/admin/unattended/send"): PEOPLE_ONLY,
    ("POST", "/admin/unattended/send/of"): LEADS_ON,
    ("POST", "/admin/unattended/send"): [arrived(to(422, *KEEPS), 403)],
    ("POST", "/admin/posts/dates/of"): [arrived(to(303, *POSTS), 403)],
    ("POST", "/admin/posts/end/of"): [arrived(to(303, *POSTS), 403)],
    ("GET", "/admin/posts/dates"): [arrived(to(200, *POSTS), 403)],
    ("GET", "/admin/posts/end"): [arrived(to(200, *POSTS), 403)],
    ("POST", "/admin/posts/dates"): [arrived(to(422, *POSTS), 403)],
    ("POST", "/admin/posts/end"): [arrived(to(409, *POSTS), 403, {"mark": "another"})],
}
