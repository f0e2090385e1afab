"""What no post about a district's summary may do, as in `test_forgery`; its declarations walk a chain of their own."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.pages import House
from tests.rooms.forgery import STEP, Post, works_only_as_meant, writes_no_more_than_asked
from tests.systems.permits.test_summary_pages import Desk, sit


def generated(house: House) -> Desk:
    """A district at its new summary."""
    desk = sit(house)
    desk.there.review(desk.there.submitted())
    desk.there.generated()
    desk.look()
    return desk


def print_it(house: House) -> Any:
    desk = generated(house)
    return desk.browser, f"{desk.page}/print", {}


def upload(house: House) -> Any:
    desk = generated(house)
    desk.there.printed()
    return desk.browser, f"{desk.page}/uploads", {"scan.file": (io.BytesIO(desk.print()), "汇总表.pdf")}


def uploaded(house: House) -> Desk:
    desk = generated(house)
    desk.there.printed()
    desk.there.upload()
    return desk


def delete(house: House) -> Any:
    desk = uploaded(house)
    found = re.search(rf'action="({desk.page}/uploads/\w+/delete)"', desk.look())
    assert found
    return desk.browser, found[1], {}


def pack(house: House) -> Any:
    desk = uploaded(house)
    city = house.visit("市级")
    city.get("/permits/summaries")
    return city, "/permits/summaries/zip", {"asked": f"project={desk.there.project}"}


OF_ONE: Callable[[str], str] = "/permits/projects/<post>/summary/{}".format
ASIDE = {f"permits_summary_upload.{name}" for name in ("aside_at", "aside_because")} | {
    "runtime_subscription",
    "runtime_instance.variables",
}
POSTS = {
    "print": Post(OF_ONE("print"), print_it, STEP),
    "upload": Post(
        OF_ONE("uploads"),
        upload,
        STEP | {"documents_file", "documents_reading", "permits_summary_upload", "runtime_subscription"},
    ),
    "delete": Post(OF_ONE("uploads/<upload>/delete"), delete, STEP | ASIDE),
    "zip": Post("/permits/summaries/zip", pack, frozenset({"jobs_errand", "jobs_job"})),
}


@pytest.mark.parametrize("name", POSTS)
def test_a_forged_post_changes_nothing_and_an_honest_one_works(whole_house: House, name: str) -> None:
    works_only_as_meant(whole_house, POSTS[name])


@pytest.mark.parametrize("name", POSTS)
def test_fields_that_no_form_asks_for_change_nothing(whole_house: House, name: str) -> None:
    writes_no_more_than_asked(whole_house, POSTS[name])
