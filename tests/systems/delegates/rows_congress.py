"""Who gets what at the convener's pages: their own unit's congresses, nobody else's (D-44)."""

from __future__ import annotations

from tests.rooms.matrix import NOBODY, Row, arrived, to

CONVENERS = to(200, "convener", "next_convener")
VIEWERS = to(200, "convener", "next_convener", "liaison", "other_liaison")


def own(status: int, at: str = "draft", data: dict[str, str] | None = None, **values: str) -> list[Row]:
    """`status` to the convener, 404 to another convening unit, 403 to everybody else; 404 where there is none."""
    mine = {"convener": status, "next_convener": 404}
    return [
        arrived(mine, 403, data, congress=at, **values),
        arrived(to(404, "convener", "next_convener"), 403, data, congress="absent", **values),
    ]


def invited(status: int) -> list[Row]:
    """An invitation through its own congress, through another one, and none."""
    return [
        *own(status, "congress", invitation="invitation"),
        arrived(to(404, "convener", "next_convener"), 403, congress="draft", invitation="invitation"),
        arrived(to(404, "convener", "next_convener"), 403, congress="congress", invitation="absent"),
    ]


ROWS: dict[tuple[str, str], list[Row]] = {
    ("GET", "/<system>/lists/<key>"): [
        arrived(CONVENERS, 403, system="delegates", key="congresses"),
        arrived(NOBODY, 404, system="delegates", key="absent"),
    ],
    ("GET", "/delegates/congresses"): [arrived(CONVENERS, 403)],
    ("GET", "/delegates/congresses/new"): [arrived(CONVENERS, 403)],
    ("POST", "/delegates/congresses/new"): [arrived(to(422, "convener", "next_convener"), 403)],
    ("GET", "/delegates/congresses/<congress>"): own(200),
    ("GET", "/delegates/congresses/<congress>/edit"): own(200),
    ("POST", "/delegates/congresses/<congress>/edit"): own(422),
    ("POST", "/delegates/congresses/<congress>/publish"): own(303),
    ("POST", "/delegates/congresses/<congress>/end"): own(422),
    ("POST", "/delegates/congresses/<congress>/clone"): own(303),
    ("GET", "/delegates/congresses/<congress>/units"): own(200),
    ("POST", "/delegates/congresses/<congress>/units"): own(422),
    ("POST", "/delegates/congresses/<congress>/units/done"): own(303),
    ("GET", "/delegates/congresses/<congress>/units/<invitation>"): invited(200),
    ("POST", "/delegates/congresses/<congress>/units/<invitation>"): invited(422),
    ("GET", "/delegates/congresses/<congress>/quotas"): own(200),
    ("POST", "/delegates/congresses/<congress>/quotas"): own(303),
    ("GET", "/delegates/forms"): [arrived(VIEWERS, 403)],
    ("GET", "/delegates/forms/blank"): [arrived(VIEWERS, 403)],
    ("POST", "/delegates/forms/<congress>/export"): [
        arrived({**to(404, "next_convener", "liaison", "other_liaison"), "convener": 303}, 403, congress="draft"),
        arrived(dict.fromkeys(VIEWERS, 404), 403, congress="absent"),
    ],
    ("GET", "/delegates/affairs"): [arrived(VIEWERS, 403)],
    ("GET", "/delegates/applications"): [arrived(VIEWERS, 403)],
    # last: the liaison of the unit that is taken out may do nothing any more
    ("POST", "/delegates/congresses/<congress>/units/<invitation>/remove"): invited(303),
}  # fmt: skip
