"""The house behind its pages for whole test files: one application on one world, a browser per person."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from PIL import Image
from sqlalchemy import Engine

from app import create_app
from app.config import Config
from app.extensions import db
from app.platform import documents
from app.platform.data import Base
from app.platform.identity import accounts
from tests import copies
from tests import world as worlds
from tests.rooms.conftest import PASSWORD, Browser
from tests.rooms.inbox.conftest import NAMES, fields_of
from tests.world import KEYS, World, profile


class House:
    """An application on a world: `visit` signs somebody in, `settle` lets a new organiser live here."""

    settings: documents.Settings

    def __init__(self, world: World, app: Flask) -> None:
        self.world = world
        self.app = app
        self.count = 0
        self.usernames = dict(NAMES)

    def account(self, name: str, username: str) -> str:
        """Give somebody who lives here an account."""
        self.usernames[name] = username
        with self.world.session() as session:
            accounts.create(
                session,
                username,
                name,
                None,
                self.world.now,
                PASSWORD,
                person=self.world.people[name],
                demo=True,
            )
        return username

    def settle(self, role: str = "", place: str = "", subject: str = "*") -> str:
        """Let somebody new live here, with an account; an organiser, if no role is named. Return his name."""
        role = role or f"{self.world.system}.organiser"
        self.count += 1
        tens, large = "一二三四五六七八九十百千万亿兆京垓秭穰沟", self.count // 200
        name = (
            "新"
            + "甲乙丙丁戊己庚辛壬癸"[self.count % 10]
            + tens[self.count // 10 % 20]
            + tens[large - 1] * (large > 0)
        )
        self.world.enter(name, role, place, subject)
        self.account(name, f"newcomer{self.count}")
        return name

    def register(self, username: str, phone: str) -> str:
        """Let somebody register who does not choose an identity; return the user name."""
        browser, system = self.browser(), f"/register/{self.world.system}"
        browser.get(system)
        given = {"username": username, "name": "未定", "phone": phone, "captcha_answer": "1234"}
        answer = browser.post(system, {**given, "password": PASSWORD, "repeat": PASSWORD, "agreed": "y"})
        assert answer.status_code == 303, browser.page
        self.usernames[username] = username
        return username

    def browser(self) -> Browser:
        """A browser in which nobody is signed in."""
        return Browser(self.app.test_client())

    def visit(self, name: str) -> Browser:
        """Sign somebody in."""
        browser = self.browser()
        answer = browser.sign_in(self.usernames[name])
        assert answer.status_code == 303, browser.page
        return browser

    def to_submit(self, name: str, district: str = "130402") -> str:
        """Apply, and file the profile if there is none; return the instance."""
        instance = self.world.apply(name, district)
        if "file_profile" in self.world.open_elements(instance):
            self.world.decide(instance, "file_profile", "save", name, profile(full_name=name))
        return instance

    def to_upload(self, name: str, district: str = "130402") -> str:
        """Walk an application up to the printed form; return the instance."""
        instance = self.to_submit(name, district)
        self.world.decide(instance, "submit", "submit", name)
        self.world.work()
        return instance

    def task(self, instance: str, element: str) -> str:
        """The address of the instance's open task at `element`."""
        return f"/inbox/tasks/{self.world.open_task(instance, element)}"


def decide(browser: Browser, url: str, outcome: str, **more: Any) -> Any:
    """Open a task and answer it as its page would, with `more` typed over it."""
    browser.get(url)
    return browser.post(url, {**fields_of(browser.page), "outcome": outcome, **more})


def picture(kind: str = "PNG", colour: bool = True) -> bytes:
    """A small sheet with a red stamp on it."""
    out = io.BytesIO()
    image = Image.new("RGB", (400, 560), "white")
    image.paste((200, 20, 20) if colour else (90, 90, 90), (200, 300, 320, 420))
    image.save(out, kind)
    return out.getvalue()


def upload(content: bytes, name: str, field: str = "scan.file") -> dict[str, Any]:
    """A file as a form sends it."""
    return {field: (io.BytesIO(content), name)}


@contextmanager
def house_of(
    folder: Path,
    press: documents.Press,
    kind: str = "sqlite",
    build: Callable[[Engine, Path, documents.Press], World] = worlds.build,
) -> Iterator[House]:
    """Open the house on a database of its own, of this kind, with the world that `build` makes."""
    with copies.copy_of(build, kind, folder, press) as world:
        app = create_app(
            Config(
                database=world.engine.url.render_as_string(hide_password=False),
                keys=KEYS,
                secret="for tests only",
                instance=folder,
                testing=True,
                https=False,
                captcha_answer="1234",
                clock=lambda: world.now,
            )
        )
        Base.metadata.create_all(world.engine)  # the rooms, now loaded, have tables too
        fonts = worlds.ROOT / "app/rooms/web/static/built/fonts"
        storage = documents.DiskStorage(folder / "files")
        documents.use(documents.Settings(storage, press, fonts, worlds.ROOT / "forms"))
        house = House(world, app)
        house.settings = documents.settings()
        for name, username in NAMES.items():
            if name in world.people:
                house.account(name, username)
        yield house
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
