"""Which rows of a list an act of the room is begun for: those ticked, else what the list shows to its question."""

from __future__ import annotations

import re
from typing import Final

from flask import abort, request

from app.platform import lists
from app.rooms.admin import sections
from app.rooms.web import lists as shown
from app.rooms.web.acting import now, session

ID: Final = re.compile(r"[0-9a-zA-Z]{26}")
MOST: Final = 100
"""So many rows at a time, which an address still holds; whoever means more is asked to narrow the list."""


def rows_of(key: str) -> list[str]:
    """The ids an act of the list `key` was posted for, one more than `MOST` at most."""
    if ticked := ids(request.form.getlist("row")):
        return ticked
    listing, reader = shown.of(sections.ROOM, key), shown.reading_as(request.form.get("post"))
    shown.admit(listing, reader)
    asked = lists.read(listing, session(), reader, shown.question())
    if asked.lost:
        abort(400)  # the list shows all then, and says so: here nobody would read it
    return list(session().scalars(lists.keys(listing, session(), reader, now(), MOST + 1, asked)))


def ids(given: list[str]) -> list[str]:
    """What of an address or a post is an id, each once, one more than `MOST` at most."""
    return list(dict.fromkeys(one for one in given if ID.fullmatch(one)))[: MOST + 1]
