"""What stands beside every page of the inbox: the boxes with their counts, and one page of the chosen list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.platform import lists
from app.platform.registry import Acting
from app.platform.runtime import history
from app.platform.runtime.views import InstanceView
from app.rooms.inbox import shelf
from app.rooms.inbox.lists import COUNTED, LISTS, MINE, TODO, tally
from app.rooms.web.acting import me, now, session

BOXES = {box.key: box for box in LISTS}


def read(args: Mapping[str, str], otherwise: lists.List = TODO) -> dict[str, Any]:
    """Read which box the address asks for, and one page of it."""
    box = BOXES.get(args.get("box", ""), otherwise)
    asked = lists.read(box, session(), me(), args)
    page = lists.fetch(box, session(), me(), asked, now())
    address = {"box": box.key, **asked.address}
    trail = {**address, **({"page": str(page.page)} if page.page > 1 else {}), **_place(args)}
    counts = {one.key: _said(tally(one, session(), me(), now())) for one in LISTS}
    return {"box": box, "boxes": LISTS, "counts": counts, "page": page, "address": address, "trail": trail}


def story(view: InstanceView) -> dict[str, Any]:
    """What the page of an instance tells besides the instance itself."""
    return {
        "instance": view,
        "happened": history.of(session(), view.id),
        "documents": shelf.printed(view.id),
        "own_task": next((task for task in view.open_tasks if task.can_work), None),
    }


def waiting(session: Session, by: Acting, now: datetime) -> int:
    """How many tasks wait for a person, for the menu's badge."""
    return tally(TODO, session, by, now)


def _said(number: int) -> str:
    return str(number) if number <= COUNTED else f"{COUNTED}+"


def _place(args: Mapping[str, str]) -> dict[str, str]:
    at = args.get("at", "")
    return {"at": at} if at.isascii() and at.isdigit() and len(at) < 7 else {}


__all__ = ["BOXES", "MINE", "TODO", "read", "story", "waiting"]
