"""The summary as its pages show it, P-31 to P-36, each with its exact words; and the city's view of all districts."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import event, select

from app.platform.data import transaction
from app.platform.documents import Document, documents_open  # type: ignore[attr-defined]
from tests.pages import House, picture
from tests.rooms.conftest import Browser
from tests.systems.permits.district import District, district, new_project


@dataclass
class Desk:
    """A district administrator at his page."""

    house: House
    there: District
    browser: Browser
    page: str

    def look(self) -> str:
        answer = self.browser.get(self.page)
        assert answer.status_code == 200
        return self.browser.page

    def press(self, verb: str, data: Any = None) -> Any:
        return self.browser.post(f"{self.page}/{verb}", data)

    def send(self, content: bytes, name: str = "汇总表.pdf") -> Any:
        return self.press("uploads", {"scan.file": (io.BytesIO(content), name)})


@pytest.fixture
def desk(whole_house: House) -> Desk:
    world = whole_house.world
    name = whole_house.settle()
    there = district(world, "130402", name, new_project(world))
    post = next(p.id for p in world.acting(name).posts if p.subject == there.project)
    return Desk(whole_house, there, whole_house.visit(name), f"/permits/projects/{post}/summary")
