"""No hostile file is published, nor anything of it stored, whether it is only checked or really sent."""

from __future__ import annotations

import io
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.runtime.entities import Process, Version, VersionFile
from tests.pages import House
from tests.platform.engine.hostile.collection import Hostile, collection

# Judged without the API: what werkzeug's test client would spool to a file and leave open, and backslashes in a name,
# which the reader of a multipart takes out.
ALL = [
    hostile
    for hostile in collection()
    if sum(map(len, hostile.files.values())) < 450_000 and "\\" not in "".join(hostile.files)
]
SOME = ALL[::9]


def stored(session: Session) -> list[int]:
    """How many processes, versions and files there are."""
    return [
        session.scalar(select(func.count()).select_from(each)) or 0
        for each in (Process, Version, VersionFile)
    ]


def refused(program: Any, hostile: Hostile, language: str, dry: bool) -> str:
    files = [(io.BytesIO(content), name) for name, content in hostile.files.items()]
    answer = program("管理员").post(
        "/deployments",
        data={"files": files, **({"dry_run": "true"} if dry else {})},
        headers={"Accept-Language": language},
    )
    assert answer.status_code == 422, (hostile.name, answer.status_code, answer.data[:300])
    told = answer.json.get("problems") or answer.json.get("errors")
    assert told, hostile.name
    messages = [problem["message"] for problem in told]
    assert all(messages)
    return "".join(messages)


def judge(program: Any, town: House, some: list[Hostile]) -> None:
    with town.world.session() as session:
        before = stored(session)
    for hostile in some:
        assert refused(program, hostile, "zh", False) != refused(program, hostile, "en", True), hostile.name
    with town.world.session() as session:
        assert stored(session) == before


def test_some_of_each_sort_are_refused_and_nothing_is_stored(program: Any, town: House) -> None:
    judge(program, town, SOME)


@pytest.mark.long
def test_all_are_refused_and_nothing_is_stored(program: Any, town: House) -> None:
    judge(program, town, ALL)
