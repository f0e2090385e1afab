"""People: the list, one person, his account, his posts, moving him; within one's reach alone."""

from tests.rooms.admin.town import KEEPERS, REGIONAL
from tests.rooms.matrix import arrived, to

PEOPLE = ("system", *REGIONAL)
POSTS = ("security", *PEOPLE)
NONE = to(403, "owner", "reviewer", "audit", "platform", "designer", "former", "security")
NO_POSTS = {one: 403 for one in NONE if one != "security"}
ABSENT = {"person": "absent"}
DISTRICT = {"person": "person_district"}
OVER = ("system", "province", "city")
"""Who looks after a district's administrator; he himself sees himself too."""


def _post(data: dict[str, str] | None = None, status: int = 422, *who: str, **more: str):
    return arrived({**NONE, **to(status, *who)}, data=data or {}, **DISTRICT, **more)


def _posting(data: dict[str, str], status: int, *who: str, **more: str):
    return arrived({**NO_POSTS, **to(status, *who)}, data=data, **DISTRICT, **more)


SEERS = (*OVER, "district")
ROWS = {
    ("GET", "/admin/people/new"): [arrived(to(200, *PEOPLE), 403)],
    ("POST", "/admin/people/new"): [arrived(to(422, *PEOPLE), 403)],
    ("GET", "/admin/people/<person>"): [
        arrived(NO_POSTS, **ABSENT),
        arrived({**NO_POSTS, **to(200, *SEERS, "security")}, **DISTRICT),
    ],
    ("POST", "/admin/people/<person>/reveal"): [
        arrived(NONE, data={"field": "phone", "reason": "核对"}, **ABSENT),
        _post({"field": "phone", "reason": "核对"}, 422, *SEERS),
    ],
    ("GET", "/admin/people/<person>/edit"): [arrived(NONE, **ABSENT), _post(None, 200, *SEERS)],
    ("POST", "/admin/people/<person>/edit"): [
        arrived(NONE, **ABSENT),
        _post({"name": "", "kept": ""}, 422, *SEERS),
    ],
    ("POST", "/admin/people/<person>/account/<verb>"): [
        arrived(NONE, verb="unlock", **ABSENT),
        arrived(NONE, verb="nothing", **DISTRICT),
        arrived(
            {**NONE, **to(422, "district", "system"), **to(303, "province", "city")},
            verb="unlock",
            **DISTRICT,
        ),
    ],
    ("POST", "/admin/people/<person>/sessions/<which>/end"): [
        arrived(NONE, which="absent", **ABSENT),
        arrived({**NONE, **to(422, "district", "system")}, which="absent", **DISTRICT),
    ],
    ("GET", "/admin/people/<person>/posts"): [
        arrived(NO_POSTS, **ABSENT),
        _posting({}, 200, *SEERS, "security"),
    ],
    ("POST", "/admin/people/<person>/posts"): [
        arrived(NO_POSTS, **ABSENT),
        _posting({}, 422, *SEERS, "security"),
    ],
    ("POST", "/admin/people/<person>/posts/<post>/end"): [
        arrived(NO_POSTS, post="absent", **ABSENT),
        arrived(NO_POSTS, post="absent", **DISTRICT),
    ],
    ("GET", "/admin/people/<person>/transfer"): [arrived(NONE, **ABSENT), _post(None, 200, *SEERS)],
    ("POST", "/admin/people/<person>/transfer"): [arrived(NONE, **ABSENT), _post({}, 422, *SEERS)],
}
assert set(POSTS) <= set(KEEPERS)
