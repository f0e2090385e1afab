"""A program hands in a scan: compared like a person's, the complaint at the field (C-20)."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from app.platform.runtime import history
from tests import photos
from tests.pages import House
from tests.platform.documents import prints
from tests.rooms.api.conftest import Program

NAME = "组织者甲"


def stored(mine: Program, content: bytes) -> str:
    """Upload without saying what for."""
    body = {"file": (io.BytesIO(content), "扫描.pdf", "application/pdf")}
    answer = mine.post("/files", data=body, content_type="multipart/form-data")
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def complete(mine: Program, town: House, instance: str, file: str) -> Any:
    task = town.world.open_task(instance, "upload")
    revision = mine.get(f"/tasks/{task}").json["revision"]
    body = {"outcome": "send", "revision": revision, "data": {"scan": [file]}}
    return mine.post(f"/tasks/{task}/complete", body)


def test_a_programs_scan_is_compared_with_the_print(town: House, program: Callable[[str], Program]) -> None:
    prints.say(2)
    prints.publish(town.world)
    mine = program(NAME)
    first, second = (prints.begin(town.world, NAME) for _ in range(2))
    scans = [photos.scanned(photos.pages_of(prints.newest(town.world, one)[1])) for one in (first, second)]
    refused = complete(mine, town, first, stored(mine, scans[1]))
    assert refused.status_code == 422
    (error,) = refused.json["problems"]
    assert (error["field"], error["code"]) == ("scan", "other_document")
    done = complete(mine, town, first, stored(mine, scans[0]))
    assert done.status_code == 200, done.json
    with town.world.session() as session:
        (row,) = [one for one in history.of(session, first) if one.kind == "decided"]
        assert row.body["scans"]["scan"]["verdict"] == "verified"
    prints.said["values"]["employer"] = "第二中学"
    stale = complete(mine, town, second, stored(mine, scans[1]))
    assert stale.status_code == 422
    assert "打印后资料已有修改（工作单位）" in str(stale.json)
