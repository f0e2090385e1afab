"""The world of permits: its own chain and projects, where people of the same names live as in tests/world.py."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.platform import documents, forms
from app.platform.data import transaction
from app.platform.registry import Acting
from app.systems.permits import verbs
from app.systems.permits.entities import Project
from tests import world as worlds
from tests.empty_world import prepare


class World(worlds.World):
    """Sessions on one database, and who lives in it."""

    process = verbs.PROCESS
    system = "permits"

    def begin(self, session: Session, entry: forms.Entry, by: Acting, key: str | None) -> str:
        """Press 申请工作管理权限."""
        return verbs.apply(session, entry, by, self.now, key)


def build(engine: Engine, folder: Path, press: documents.Press) -> World:
    """Make the world on an empty database."""
    world = World(engine)
    prepare(world, folder, press)
    with world.session() as session, transaction(session):
        project = Project(
            name="青少年机器人竞赛",
            prefix="R",
            year=2026,
            categories=["机器人综合技能"],
            groups=["小学组"],
            declare_from=world.now,
            declare_to=world.now,
        )
        session.add(project)
        session.flush()
        world.project = project.id
    worlds.people(world)
    return world
