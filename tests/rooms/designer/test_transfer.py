"""Files in and out through the pages, and what the panel may choose from, in one answer that a browser keeps."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from app.platform.design import drafts
from app.platform.identity import roles
from tests.pages import House
from tests.rooms.designer.posts_transfer import diagram


@pytest.fixture
def drawing(whole_house: House) -> Any:
    """A designer, and a draft of the house's own process."""
    house = whole_house
    name = house.settle(roles.DESIGNER.key)
    with house.world.session() as session:
        found = drafts.of_process(session, house.world.process)
        draft = (
            found.id
            if found
            else drafts.reopen(session, house.world.process, house.world.acting(name), house.world.now)
        )
    return house, house.visit(name), draft


def test_what_is_exported_is_imported_again(drawing: Any) -> None:
    house, browser, draft = drawing
    answer = browser.client.get(f"/designer/drafts/{draft}/export/zip")
    with house.world.session() as session:
        files = drafts.files(session, draft)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as parcel:
        assert {name: parcel.read(name) for name in parcel.namelist()} == files
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{house.world.process}.zip"'
    one = browser.client.get(f"/designer/drafts/{draft}/export/bpmn")
    assert one.data in files.values()
    browser.get("/designer/")
    done = browser.post(
        f"/designer/drafts/{draft}/import", {"file": (io.BytesIO(answer.data), "a.zip"), "window": "w"}
    )
    assert done.status_code == 303
    with house.world.session() as session:
        assert drafts.files(session, draft) == files
        assert drafts.states(session, draft)[0].note == "导入 a.zip"


def test_a_diagram_takes_the_place_of_the_drafts_own(drawing: Any) -> None:
    house, browser, _draft = drawing
    browser.get("/designer/")
    done = browser.post("/designer/import", {"file": (diagram("Process_1"), "请假.bpmn")})
    draft = done.headers["Location"].rpartition("/")[2]
    with house.world.session() as session:
        facts = drafts.get(session, draft)
        assert facts.name.zh == "请假"
        assert facts.process.startswith("office_")
    browser.get("/designer/")
    browser.post(
        f"/designer/drafts/{draft}/import", {"file": (diagram("Elsewhere"), "x.bpmn"), "window": "w"}
    )
    with house.world.session() as session:
        files = drafts.files(session, draft)
    assert list(files) == ["请假.bpmn"]
    assert facts.process.encode() in files["请假.bpmn"]
    assert b"Elsewhere" not in files["请假.bpmn"]


def test_what_is_no_diagram_is_refused_in_words(drawing: Any) -> None:
    _house, browser, draft = drawing
    browser.get("/designer/")
    done = browser.post("/designer/import", {"file": (io.BytesIO(b"PK\x03\x04"), "a.zip")})
    assert done.status_code == 422
    assert "压缩包无法读取" in browser.page
    half = diagram("Process_9").getvalue()[:300]
    done = browser.post("/designer/import", {"file": (io.BytesIO(half), "half.bpmn")})
    assert done.status_code == 422
    assert "half.bpmn：不是格式良好的 XML" in browser.page
    browser.post(f"/designer/drafts/{draft}/import", {"window": "w"})
    browser.get("/designer/")
    assert "请选择文件" in browser.page


def test_what_may_be_chosen_is_asked_once(drawing: Any) -> None:
    house, browser, draft = drawing
    answer = browser.client.get(f"/designer/choices?draft={draft}")
    told = answer.get_json()
    assert {one["key"] for one in told["roles"]} >= {f"{house.world.system}.city_admin", roles.DESIGNER.key}
    action = next(one for one in told["actions"] if one["name"] == "platform/document")
    assert set(action["required"]) <= set(action["parameters"])
    assert told["forms"]
    assert all(one["fields"] for one in told["forms"])
    assert [one["id"] for one in told["processes"]] == [house.world.process]
    again = browser.client.get(
        f"/designer/choices?draft={draft}", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


def test_what_was_not_understood_of_a_foreign_file_is_listed(drawing: Any) -> None:
    _house, browser, _draft = drawing
    content = (
        diagram("Process_2")
        .getvalue()
        .replace(
            b"<bpmn:startEvent",
            b'<bpmn:startEvent xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:odd="1"',
        )
    )
    browser.get("/designer/")
    done = browser.post("/designer/import", {"file": (io.BytesIO(content), "foreign.bpmn")})
    assert done.status_code == 200
    assert "没有看懂的部分" in browser.page
    assert "camunda:odd" in browser.page
