"""What the pages of the office let one post, as `test_forgery` tries it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.pages import House
from tests.platform.records.purchases import PROCESS, sent
from tests.rooms.forgery import AUDIT, Post
from tests.rooms.office.town import move_in

STARTED = frozenset(
    {
        "runtime_instance",
        "runtime_task",
        "runtime_entry",
        "runtime_history",
        "runtime_receipt",
        "runtime_serial",
        "runtime_serial.last",
        "runtime_timer",
        "records_value",
        "notices_notice",
        "notices_delivery",
        "jobs_job",
    }
)


def at(url: str, fields: dict[str, Any]) -> Callable[[House], Any]:
    """A clerk at a page of the chain."""

    def ready(house: House) -> Any:
        move_in(house)
        browser = house.visit("职员甲")
        browser.get(url.removesuffix("/draft").removesuffix("/export"))
        under = re.findall(
            r'name="(post_id)" value="([^"]+)"', browser.page
        )  # the post that is started under
        return browser, url, {**fields, **dict(under)}

    return ready


SENT = {name: values[0] for name, values in sent().items()}
START, FIGURES = f"/office/start/{PROCESS}", f"/office/statistics/{PROCESS}"
POSTS = {
    "start a chain": Post("/office/start/<process>", at(START, SENT), AUDIT | STARTED | {"runtime_draft"}),
    "draft of a start": Post(
        "/office/start/<process>/draft",
        at(f"{START}/draft", {"item": "投影仪"}),
        frozenset({"runtime_draft"}),
    ),
    "figures": Post(
        "/office/statistics/<process>/export", at(f"{FIGURES}/export", {"asked": ""}), AUDIT, shows=True
    ),
}
