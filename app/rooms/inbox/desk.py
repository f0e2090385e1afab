"""What the inbox lays on the desk: what waits for the reader, and how his own cases stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.platform import lists
from app.rooms.inbox import rows
from app.rooms.inbox.lists import MINE, TODO
from app.rooms.web import desk
from app.rooms.web.acting import me, now, session

ROWS = 6


def lay() -> None:
    """Lay both lists on the desk."""
    desk.lay(desk.Piece("inbox.todo", "inbox/_desk.html", _reader(TODO), 10, ("inbox.css", "lists.css")))
    desk.lay(desk.Piece("inbox.mine", "inbox/_desk.html", _reader(MINE, always=False), 20))


def _reader(box: lists.List, *, always: bool = True) -> Callable[[], Mapping[str, Any] | None]:
    def read() -> Mapping[str, Any] | None:
        asked = lists.read(box, session(), me(), {}, trusting=True)
        page = lists.fetch(box, session(), me(), asked, now(), (rows.RAW,))
        if not page.rows and not always:
            return None
        return {"box": box, "page": page, "rows": rows.of(page)[:ROWS], "address": {"box": box.key}}

    return read
