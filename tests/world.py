"""A small world for tests: a database with regions, people in their posts, and the published permission chain."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from PIL import Image
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app import planting
from app.platform import documents, forms, jobs
from app.platform.data import Base, sealing, transaction
from app.platform.forms.id_numbers import check_digit
from app.platform.identity import passwords, people, posts, regions
from app.platform.registry import Acting, house, open_house
from app.platform.runtime import asking, instances, tasks, versions
from app.platform.runtime import hooks as runtime_hooks
from app.platform.runtime.entities import Task
from app.platform.runtime.tasks import Completed, Decision
from app.systems.permits import verbs
from app.systems.permits.entities import Project
from tests.platform.jobs.databases import opened

ROOT = Path(__file__).parents[1]
KEYS = sealing.Keys(data={1: b"k" * 32}, digest=b"d" * 32)
MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
HANDAN = [
    {
        "code": "13",
        "name": "河北省",
        "children": [
            {
                "code": "1304",
                "name": "邯郸市",
                "children": [
                    {"code": "130402", "name": "邯山区"},
                    {"code": "130403", "name": "丛台区"},
                    {"code": "130404", "name": "复兴区"},
                ],
            },
            {"code": "1305", "name": "邢台市", "children": [{"code": "130502", "name": "襄都区"}]},
        ],
    }
]


def open_up() -> None:
    """Open the house once per process."""
    sealing.use(KEYS)
    passwords.use(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    if "permits" not in house.systems:
        open_house()
    if "platform/grant" not in house.actions:
        house.plug(runtime_hooks.hooks)
    if "platform/document" not in house.actions:
        documents.plug()


@dataclass
class World:
    """Sessions on one database, and who lives in it."""

    engine: Engine
    now: datetime = MONDAY
    people: dict[str, str] = field(default_factory=dict)
    project: str = ""

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session of its own."""
        with Session(self.engine) as session:
            yield session

    def sessions(self) -> Session:
        """Make a session."""
        return Session(self.engine)

    def acting(self, name: str, at: datetime | None = None) -> Acting:
        """The person `name`, with the posts held now."""
        with self.session() as session:
            person = self.people[name]
            return Acting(person, name, name, posts.of(session, person, at or self.now))

    def work(self, at: datetime | None = None) -> int:
        """Do what waits to be done."""
        return jobs.run_due(self.sessions, lambda: at or self.now, "tests")

    def enter(self, name: str, role: str = "", place: str = "", subject: str = "*") -> str:
        """Let somebody live here, with a role."""
        with self.session() as session, transaction(session):
            person = self.people.get(name) or people.add(session, {"name": name}, None, self.now)
            self.people[name] = person
            if role:
                path = regions.path_of(session, place) if place else ""
                posts.grant(session, person, role, path, subject, self.now, None)
        return person

    def open_task(self, instance: str, element: str) -> str:
        """The id of the instance's open task at `element`."""
        with self.session() as session:
            return session.scalars(
                select(Task.id).where(
                    Task.instance_id == instance, Task.element == element, Task.state == "open"
                )
            ).one()

    def open_elements(self, instance: str) -> list[str]:
        """The elements at which the instance has open tasks."""
        with self.session() as session:
            return sorted(
                session.scalars(
                    select(Task.element).where(Task.instance_id == instance, Task.state == "open")
                )
            )

    def apply(self, name: str = "组织者甲", district: str = "130402", key: str | None = None) -> str:
        """Press 申请工作管理权限; return the instance."""
        by = self.acting(name)
        with self.session() as session:
            program = versions.current(session, verbs.PROCESS)
            given = asking.given(session, {}, lambda _: None, by=by, now=self.now)
            step = program.forms["permits/application"].at("start")
            entry = forms.read(step, {"project": [self.project], "district": [district]}, given)
            return verbs.apply(session, entry, by, self.now, key)

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
        """Decide the open task at `element` as a browser would: present values with `sent` over them."""
        return self.complete(self.open_task(instance, element), outcome, name, sent, comment, **more)

    def complete(
        self,
        task: str,
        outcome: str,
        name: str = "组织者甲",
        sent: Mapping[str, Sequence[str]] | None = None,
        comment: str = "",
        *,
        key: str | None = None,
        revision: int | None = None,
        now: datetime | None = None,
    ) -> Completed:
        """Decide a task by its id."""
        by, at = self.acting(name), now or self.now
        with self.session() as session:
            shown = tasks.get(session, task, by, at)
            entry = self.read(session, shown, sent or {}, by, outcome) if shown.form else None
            decision = Decision(outcome, comment, shown.revision if revision is None else revision, key)
            return tasks.complete(session, task, entry, decision, by, at)

    def read(
        self, session: Session, shown: Any, sent: Mapping[str, Sequence[str]], by: Acting, outcome: str = ""
    ) -> forms.Entry:
        """Read a task's form as sent; fails the test on complaints."""
        given = asking.given(
            session,
            shown.values,
            lambda file: documents.facts(session, file),
            by=by,
            now=self.now,
            instance=shown.instance,
            process=shown.process,
            element=shown.element,
            starter=shown.starter,
            outcome=outcome,
        )
        present = {
            name: value if isinstance(value, list) else [str(value)]
            for name, value in shown.values.items()
            if name in shown.form.writable and value not in (None, "")
        }
        entry = forms.read(shown.form, {**present, **sent}, given)
        assert not entry.complaints, [complaint.message("zh") for complaint in entry.complaints]
        return entry

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
            self.decide(instance, "file_profile", "save", name, profile())
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
    open_up()
    versions.forget()
    Base.metadata.create_all(engine)
    fonts = ROOT / "app/rooms/web/static/built/fonts"
    documents.use(documents.Settings(documents.Storage(folder / "files"), press, fonts, ROOT / "forms"))
    world = World(engine)
    with world.session() as session:
        regions.load(session, regions.from_published(json.loads(json.dumps(HANDAN))), world.now)
        versions.publish(session, planting.programs(), None, world.now)
        with transaction(session):
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
    world.enter("组织者甲", "permits.organiser")
    world.enter("组织者乙", "permits.organiser")
    world.enter("教师", "permits.teacher")
    world.enter("市级", "permits.city_admin", "130400")
    world.enter("市级二", "permits.city_admin", "130400")
    world.enter("邻市", "permits.city_admin", "130500")
    return world


__all__ = ["KEYS", "MONDAY", "World", "build", "instances", "opened", "profile"]
