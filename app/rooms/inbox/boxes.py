"""What stands beside every page of the inbox: the boxes with their counts, and one page of the chosen list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.platform import lists
from app.rooms.inbox.lists import LISTS, TODO, counts
from app.rooms.web.acting import me, now, session

BOXES = {box.key: box for box in LISTS}


def read(args: Mapping[str, str], otherwise: str = TODO.key) -> dict[str, Any]:
    """Read which box the address asks for, and one page of it."""
    box = BOXES.get(args.get("box", otherwise), TODO)
    asked = lists.read(box, session(), me(), args)
    return {
        "box": box,
        "boxes": LISTS,
        "counts": counts(session(), me(), now()),
        "page": lists.fetch(box, session(), me(), asked, now()),
        "address": {"box": box.key, **asked.address},
    }
