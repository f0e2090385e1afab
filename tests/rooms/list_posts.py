"""What lists, errands and sheets let one post, as `test_forgery` tries it: each brings somebody to its page."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select

from app.platform.data import new_id
from app.platform.jobs import Errand, Job, errands
from app.platform.lists import catalogue
from app.platform.registry import Words
from app.platform.runtime.entities import Task
from tests.pages import House
from tests.platform.sheets.members import imported, lend, line, workbook
from tests.rooms.forgery import AUDIT
from tests.rooms.inbox.test_together import PILE, hidden, started

LISTS = "/fairs/lists/applications"
SHEET = "/fairs/imports/members"
AT_ONCE = 50


def of_a_list(verb: str, **fields: Any) -> Callable[[House], Any]:
    """The city at its list of applications."""

    def ready(house: House) -> Any:
        browser = house.visit("市级")
        browser.get(LISTS)
        return browser, f"{LISTS}/{verb}", fields

    return ready


def a_view(house: House) -> Any:
    """The city names what its list is asked; each time anew, since a name is used once."""
    fields = {"title": f"本周{new_id()[-8:]}", "asked": "", "reach": "me"}
    return of_a_list("views", **fields)(house)


def of_an_errand(verb: str) -> Callable[[House], Any]:
    """Somebody at an errand of his own: under way, or failed where it is to be tried again."""

    def ready(house: House) -> Any:
        name = house.settle()
        with house.world.session() as session:
            by = house.world.acting(name)
            errand = errands.begin(session, "test/none", Words("导出", "Export"), {}, by, house.world.now)
            if verb == "again":
                for table in (Errand.__table__, Job.__table__):
                    session.execute(table.update().where(table.c.state == "waiting").values(state="failed"))
                session.commit()
        browser = house.visit(name)
        browser.get("/account/password")
        return browser, f"/errands/{errand}/{verb}", {}

    return ready


def gathered(house: House) -> Any:
    """The city with a row of a list whose rows are decided together."""
    catalogue.enter("piles", [replace(PILE)])  # a copy: a list is called by one name
    browser = house.visit("市级")
    browser.get("/account/password")
    return browser, "/inbox/together/of/piles/pile", {"row": "0" * 26, "post": ""}


def bar(house: House) -> Any:
    """The city at its inbox, with a row ticked."""
    browser = house.visit("市级")
    browser.get("/inbox/")
    return browser, "/inbox/together/ticked", {"row": "0" * 26, "verb": "claim"}


def decided(house: House) -> Any:
    """The city at so many matters that to decide them is an errand."""
    tasks = started(house.world, AT_ONCE + 1)
    with house.world.session() as session:
        matters = list(session.scalars(select(Task.instance_id).where(Task.id.in_(tasks))))
    browser = house.visit("市级")
    browser.get("/inbox/together?" + "&".join(f"matter={matter}" for matter in matters))
    return browser, "/inbox/together", {**hidden(browser.page), "outcome": "approve", "comment": "同意"}


def sent_in(house: House) -> Any:
    """The city with a workbook."""
    lend(house.world)
    with TemporaryDirectory() as folder:
        content = workbook(Path(folder), [line(1)])
    browser = house.visit("市级")
    browser.get(SHEET)
    return browser, SHEET, {"file": (io.BytesIO(content), "会员.xlsx"), "post": ""}


def entered(house: House) -> Any:
    """The city at an import of its own."""
    record = imported(house.world, house.world.acting("市级"))
    browser = house.visit("市级")
    browser.get(f"{SHEET}/{record}")
    return browser, f"{SHEET}/{record}/undo", {}


ERRAND = frozenset({"jobs_errand", "jobs_job"})
UNDONE = AUDIT | {f"sheets_import.{name}" for name in ("state", "undone_at", "undone_by")}
POSTS: dict[str, tuple[str, Callable[[House], Any], frozenset[str]]] = {
    "columns": (
        "/<system>/lists/<key>/columns",
        of_a_list("columns", column="stage"),
        frozenset({"lists_choice", "lists_choice.chosen_at"}),
    ),
    "save a view of a list": (
        "/<system>/lists/<key>/views",
        a_view,
        frozenset({"lists_view"}),
    ),
    "export": ("/<system>/lists/<key>/export", of_a_list("export", asked="", post=""), ERRAND),
    "stop": (
        "/errands/<errand>/stop",
        of_an_errand("stop"),
        frozenset({"jobs_errand.state", "jobs_errand.finished_at"}),
    ),
    "again": (
        "/errands/<errand>/again",
        of_an_errand("again"),
        frozenset({"jobs_errand.state", "jobs_job.state", "jobs_job.due_at"}),
    ),
    "gather": ("/inbox/together/of/<system>/<key>", gathered, frozenset()),
    "gather ticked": ("/inbox/together/ticked", bar, frozenset()),
    "decide together": ("/inbox/together", decided, ERRAND | {"runtime_receipt"}),
    "send in": (
        "/<system>/imports/<key>",
        sent_in,
        ERRAND | AUDIT | {"audit_head", "documents_file", "sheets_import"},
    ),
    "undo": ("/<system>/imports/<key>/<record>/undo", entered, UNDONE),
}
"""By name: the rule, who is brought to its page, and what the post may write."""
