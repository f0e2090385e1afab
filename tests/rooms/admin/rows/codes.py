"""Permission codes are issued by who may give the post; the batch is its issuer's, and of who manages posts there."""

from tests.rooms.admin.town import REGIONAL
from tests.rooms.matrix import arrived, to

POSTS = ("security", *REGIONAL)
OVER = ("security", "province", "city")
"""Who manages posts where the city's administrator has issued a batch for himself."""


def _batch(path: str, method: str, own: int, seen: int) -> dict[tuple[str, str], list[object]]:
    return {
        (method, f"/admin/codes/<batch>{path}"): [
            arrived(to(404, *POSTS), 403, batch="absent"),
            arrived({**to(404, *POSTS), **to(seen, *OVER), "city": own}, 403, batch="citys_batch"),
        ]
    }


ROWS = {
    ("GET", "/admin/codes/new"): [arrived(to(200, *POSTS), 403)],
    ("POST", "/admin/codes/new"): [arrived(to(422, *POSTS), 403)],
    **_batch("", "GET", 200, 200),
    **_batch("/show", "POST", 200, 404),
    **_batch("/revoke", "POST", 303, 303),
    **_batch("/extend", "POST", 422, 404),
}
