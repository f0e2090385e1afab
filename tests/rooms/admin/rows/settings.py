"""Roles, settings, menus, dictionaries and working days: the security side's, and the system side's."""

from tests.rooms.matrix import Row, arrived, to


def only(keeper: str, status: int, **values: str) -> Row:
    """`status` for the keeper, 403 for everybody else."""
    return arrived(to(status, keeper), 403, None, **values)


def system(status: int, **values: str) -> list[Row]:
    return [only("system", status, **values)]


def security(status: int, **values: str) -> list[Row]:
    return [only("security", status, **values)]


LEASED = "platform.designer"
WORDS = {"key": "education", "code": "21"}
ROWS = {
    ("GET", "/admin/roles"): security(200),
    ("GET", "/admin/roles/new"): security(200),
    ("POST", "/admin/roles/new"): security(422),
    ("GET", "/admin/roles/<key>"): [*security(200, key=LEASED), *security(404, key="absent")],
    ("POST", "/admin/roles/<key>"): [*security(303, key=LEASED), *security(404, key="absent")],
    ("POST", "/admin/roles/<key>/off"): [*security(404, key=LEASED), *security(404, key="absent")],
    ("POST", "/admin/roles/<key>/remove"): [*security(404, key=LEASED), *security(404, key="absent")],
    ("GET", "/admin/settings"): system(303),
    ("GET", "/admin/settings/<group>"): [*system(200, group="words"), *system(404, group="absent")],
    ("POST", "/admin/settings/<group>"): [*system(303, group="words"), *system(404, group="absent")],
    ("POST", "/admin/settings/try/<channel>"): [
        *system(303, channel="mail"),
        *system(404, channel="absent"),
    ],
    ("GET", "/admin/menus"): system(200),
    ("POST", "/admin/menus/<system>"): system(404, system="absent"),
    ("GET", "/admin/dictionaries"): system(200),
    ("GET", "/admin/dictionaries/new"): system(200),
    ("POST", "/admin/dictionaries/new"): system(422),
    ("GET", "/admin/dictionaries/<key>"): [*system(200, key="education"), *system(404, key="absent")],
    ("POST", "/admin/dictionaries/<key>"): [*system(422, key="education"), *system(404, key="absent")],
    ("POST", "/admin/dictionaries/<key>/words"): [
        *system(422, key="education"),
        *system(404, key="absent"),
    ],
    ("GET", "/admin/dictionaries/<key>/words/<code>"): [
        *system(200, **WORDS),
        *system(404, key="education", code="absent"),
    ],
    ("POST", "/admin/dictionaries/<key>/words/<code>"): [
        *system(422, **WORDS),
        *system(404, key="education", code="absent"),
    ],
    ("POST", "/admin/dictionaries/<key>/words/<code>/off"): [
        *system(303, **WORDS),
        *system(404, key="education", code="absent"),
    ],
    ("GET", "/admin/holidays"): system(200),
    ("POST", "/admin/holidays"): system(422),
    ("POST", "/admin/holidays/paste"): system(422),
}
