"""An empty world for tests: a database with regions and the published chains, where people take up their posts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app import planting
from app.platform import documents, forms, jobs, lists, notices, records, settings, sheets
from app.platform.data import Base, sealing, transaction
from app.platform.identity import passwords, people, posts, regions, roles
from app.platform.registry import Acting, house, open_house
from app.platform.runtime import asking, instances, tasks, versions
from app.platform.runtime import hooks as runtime_hooks
from app.platform.runtime.entities import Task
from app.platform.runtime.tasks import Completed, Decision

ROOT = Path(__file__).parents[1]
FONTS = ROOT / "app/rooms/web/static/built/fonts"
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
    if not house.systems:
        open_house()
        open_house("tests.tenants")
    roles.plug()
    if "platform/grant" not in house.actions:
        house.plug(runtime_hooks.hooks)
    if "platform/document" not in house.actions:
        documents.plug()
    lists.plug()
    sheets.plug()
    records.plug()


@dataclass
class EmptyWorld:
    """Sessions on one database, and who lives in it."""

    engine: Engine
    now: datetime = MONDAY
    people: dict[str, str] = field(default_factory=dict)

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

    def start(self, process: str, name: str, sent: Mapping[str, Sequence[str]]) -> str:
        """Start `process` with its start form as a browser sends it; return the instance."""
        by = self.acting(name)
        with self.session() as session:
            entry = self.start_entry(session, process, by, sent)
            return instances.start(session, process, by=by, post=None, now=self.now, data=entry).instance

    def start_entry(
        self, session: Session, process: str, by: Acting, sent: Mapping[str, Sequence[str]]
    ) -> forms.Entry:
        """Read the start form of `process` as sent."""
        program = versions.current(session, process)
        step = program.forms[program.definition.form or ""].at("start")
        given = asking.given(session, {}, lambda _: None, by=by, now=self.now, process=process)
        return forms.read(step, sent, given)

    def decide(
        self,
        instance: str,
        element: str,
        outcome: str,
        name: str,
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
        name: str,
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


def prepare(
    world: EmptyWorld, folder: Path, press: documents.Press, programs: Mapping[str, bytes] | None = None
) -> None:
    """Make tables, regions and published chains (the repository's, or `programs`) on the world's empty database."""
    move_in(folder, press)
    Base.metadata.create_all(world.engine)
    with world.session() as session:
        regions.load(session, regions.from_published(json.loads(json.dumps(HANDAN))), world.now)
        versions.publish(session, planting.programs() if programs is None else programs, None, world.now)


def build(engine: Engine, folder: Path, press: documents.Press) -> EmptyWorld:
    """Make the world on an empty database."""
    world = EmptyWorld(engine)
    prepare(world, folder, press)
    return world


def move_in(folder: Path, press: documents.Press) -> None:
    """Let this process forget other worlds, and keep files in `folder`."""
    open_up()
    versions.forget()
    settings.forget()
    notices.use(notices.Settings())  # an application of another test may have opened channels
    documents.use(documents.Settings(documents.DiskStorage(folder / "files"), press, FONTS, ROOT / "forms"))
