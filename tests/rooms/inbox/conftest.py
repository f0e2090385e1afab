"""The world of tests/world.py behind real pages: an application on its database, and a browser per person."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app import create_app
from app.config import Config
from app.platform.identity import accounts
from tests.rooms.conftest import PASSWORD, Browser
from tests.world import KEYS, World

NAMES = {
    "组织者甲": "organiser1",
    "组织者乙": "organiser2",
    "市级": "city1",
    "市级二": "city2",
    "邻市": "next1",
    "教师": "teacher1",
}


@pytest.fixture
def app(world: World, tmp_path):
    """The whole house on the world's database and clock."""
    app = create_app(
        Config(
            database=str(world.engine.url),
            keys=KEYS,
            secret="for tests only",
            instance=tmp_path,
            testing=True,
            https=False,
            captcha_answer="1234",
            clock=lambda: world.now,
        )
    )
    with world.session() as session:
        for name, username in NAMES.items():
            accounts.create(
                session, username, name, None, world.now, PASSWORD, person=world.people[name], demo=True
            )
    return app


@pytest.fixture
def visit(app) -> Callable[[str], Browser]:
    """Sign somebody in: `visit("市级")`."""

    def enter(name: str) -> Browser:
        browser = Browser(app.test_client())
        answer = browser.sign_in(NAMES[name])
        assert answer.status_code in (302, 303), browser.page
        return browser

    return enter
