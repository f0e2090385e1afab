"""The world that most tests walk in: the empty one, furnished with fairs (tests/tenants), its people and its chain."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.platform import documents, forms
from app.platform.data import transaction
from app.platform.forms.id_numbers import check_digit
from app.platform.registry import Acting
from app.platform.runtime import instances
from app.platform.runtime.tasks import Completed
from tests import tenants
from tests.empty_world import KEYS, MONDAY, ROOT, EmptyWorld, prepare
from tests.platform.jobs.databases import opened
from tests.tenants.fairs import verbs
from tests.tenants.fairs.entities import Project

APPLICATION = tenants.programs()["forms/fairs/application.json"]
"""The start form that the small chains of tests begin with."""


@dataclass
class World(EmptyWorld):
    """Sessions on one database, and who lives in it: two organisers, a teacher, three cities' administrators.

    A system furnishes a world of its own (`tests/systems/<key>/world.py`) by naming `process`, `system` and `begin`.
    """

    project: str = ""
    process = verbs.PROCESS
    system = "fairs"

    def begin(self, session: Session, entry: forms.Entry, by: Acting, key: str | None) -> str:
        """Start the chain with its start form read; return the instance."""
        return verbs.apply(session, entry, by, self.now, key)

    def apply(self, name: str = "组织者甲", district: str = "130402", key: str | None = None) -> str:
        """Press the button on the page where the chain begins; return the instance."""
        by = self.acting(name)
        with self.session() as session:
            sent = {"project": [self.project], "district": [district]}
            return self.begin(session, self.start_entry(session, self.process, by, sent), by, key)

    def decide(
        self,
        instance: str,
        element: str,
        outcome: str,
        name: str = "组织者甲",
        sent: Mapping[str, Sequence[str]] | None = None,
        comment: str = "",
        **more: Any,
    ) -> Completed:
        """Decide the open task at `element`, as the first organiser unless somebody is named."""
        return super().decide(instance, element, outcome, name, sent, comment, **more)

    def complete(
        self,
        task: str,
        outcome: str,
        name: str = "组织者甲",
        sent: Mapping[str, Sequence[str]] | None = None,
        comment: str = "",
        **more: Any,
    ) -> Completed:
        """Decide a task by its id."""
        return super().complete(task, outcome, name, sent, comment, **more)

    def scan(self, name: str = "组织者甲", instance: str | None = None) -> dict[str, list[str]]:
        """Upload a colour picture; what a form post then carries."""
        out = io.BytesIO()
        Image.linear_gradient("L").convert("RGB").resize((600, 850)).save(out, "PNG")
        picture = Image.open(out)
        picture.paste((200, 20, 20), (400, 600, 500, 700))
        out = io.BytesIO()
        picture.save(out, "PNG")
        received = documents.check_upload("扫描件.png", out.getvalue(), frozenset({"image/png"}))
        with self.session() as session:
            storage = documents.settings().storage
            return {
                "scan": [
                    documents.store(
                        session,
                        storage,
                        received,
                        self.acting(name),
                        self.now,
                        instance=instance,
                        purpose="scan",
                    )
                ]
            }

    def to_review(self, name: str = "组织者甲", district: str = "130402") -> str:
        """Walk an application to the city's desk; return the instance."""
        instance = self.apply(name, district)
        if "file_profile" in self.open_elements(instance):
            self.decide(instance, "file_profile", "save", name, profile(full_name=name))
        self.decide(instance, "submit", "submit", name)
        self.work()
        self.decide(instance, "upload_scan", "upload", name, self.scan(name, instance))
        return instance


def profile(**over: str) -> dict[str, list[str]]:
    """A complete profile as a form post."""
    body = "13040219850606123"
    values = {
        "full_name": "组织者甲",
        "gender": "male",
        "id_type": "resident_id",
        "id_number": body + check_digit(body),
        "ethnicity": "01",
        "mobile": "13800001234",
        "email": "organiser@example.org",
        "address": "演示路 1 号",
        "postcode": "056000",
        "origin": "130402",
        "employer": "演示中学",
        "department": "科技处",
        "position": "教师",
    }
    values.update(over)
    return {name: [value] for name, value in values.items()}


def build(engine: Engine, folder: Path, press: documents.Press) -> World:
    """Make the world on an empty database."""
    world = World(engine)
    prepare(world, folder, press, tenants.programs())
    with world.session() as session, transaction(session):
        project = Project(name="青少年机器人集市", year=2026)
        session.add(project)
        session.flush()
        world.project = project.id
    people(world)
    return world


def people(world: World) -> None:
    """Let those who are known by these names live in a world, with the roles of its system."""
    key = world.system
    world.enter("组织者甲", f"{key}.organiser")
    world.enter("组织者乙", f"{key}.organiser")
    world.enter("教师", f"{key}.teacher")
    world.enter("市级", f"{key}.city_admin", "130400")
    world.enter("市级二", f"{key}.city_admin", "130400")
    world.enter("邻市", f"{key}.city_admin", "130500")


__all__ = [
    "APPLICATION",
    "KEYS",
    "MONDAY",
    "ROOT",
    "World",
    "build",
    "instances",
    "opened",
    "people",
    "profile",
]
