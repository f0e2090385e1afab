"""An application with a fresh database and two trial systems, and people who can walk through it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from app import create_app
from app.config import Config
from app.extensions import db
from app.platform.data.sealing import Keys
from app.platform.identity import accounts, passwords, posts
from app.platform.registry import MenuEntry, Role, System, Words, house
from tests.platform.jobs.databases import fresh

PASSWORD = "Granit-Weide-47"
TRIAL = System(
    key="trial",
    title=Words("青少年科技活动服务平台", "Youth science platform"),
    roles=(
        Role("trial.organiser", Words("组织者", "Organiser"), chosen_by_oneself=True),
        Role("trial.teacher", Words("教师", "Teacher"), chosen_by_oneself=True),
        Role("trial.student", Words("学生", "Student"), chosen_by_oneself=True),
        Role(
            "trial.city",
            Words("市级管理员", "City administrator"),
            place="region",
            permissions=frozenset({"t.permission.review"}),
        ),
        Role("trial.clerk", Words("档案员", "Clerk"), permissions=frozenset({"t.file.read"})),
    ),
    menu=(
        MenuEntry(Words("我的账号", "Account"), "portal.account", "t.permission.review", badge="trial.open"),
    ),
    registers=True,
    footer={
        "host": Words("某市科技教育主管部门", "The city's science office"),
        "supporter": Words("某市青少年科技中心", "The city's youth science centre"),
        "mail": Words("service@example.org", "service@example.org"),
        "record": Words("某ICP备00000000号", "ICP 00000000"),
    },
)
CLOSED = System(key="closed", title=Words("代表委员推选系统", "Delegates"), roles=(), registers=False)


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: int) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, clock: Clock):
    passwords.use(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    with fresh("sqlite", tmp_path) as address:
        app = create_app(
            Config(
                database=address,
                keys=Keys(data={1: b"k" * 32}, digest=b"d" * 32),
                secret="for tests only",
                instance=tmp_path,
                testing=True,
                https=False,
                captcha_answer="1234",
                clock=clock,
            )
        )
        before = dict(house.systems), dict(house.roles)
        house.move_in(TRIAL)  # after the house is open: they have no folder of their own
        house.move_in(CLOSED)
        with app.app_context():
            db.create_all()  # the rooms, now loaded, have tables too
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        house.systems, house.roles = before


@pytest.fixture
def person(app, clock):
    """Make an account: `person("wang", "trial.city")` -> person id."""

    def make(username: str, *roles: str, place: str = "") -> str:
        with app.app_context():
            session = db.session()
            made, _ = accounts.create(session, username, "王小明", None, clock(), PASSWORD, demo=True)
            for role in roles:
                posts.grant(session, made, role, place, None, clock(), None)
            return made

    return make


class Browser:
    """A test client that reads its CSRF token and captcha from the page, as a person's browser would."""

    def __init__(self, client) -> None:
        self.client = client
        self.page = ""

    def get(self, url: str, **more):
        return self._read(self.client.get(url, **more))

    def post(self, url: str, data=None, **more):
        headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin", **more.pop("headers", {})}
        return self._read(
            self.client.post(url, data={**self.hidden(), **(data or {})}, headers=headers, **more)
        )

    def _read(self, answer):
        if answer.mimetype == "text/html" and not 300 <= answer.status_code < 400:
            self.page = answer.get_data(as_text=True)
        return answer

    def hidden(self) -> dict[str, str]:
        found = re.findall(r'name="(csrf_token|captcha_nonce|captcha_kind)" value="([^"]+)"', self.page)
        token = re.search(r'name="csrf-token" content="([^"]+)"', self.page)
        return {**dict(found), **({"csrf_token": token.group(1)} if token else {})}

    def sign_in(self, username: str, password: str = PASSWORD, url: str = "/login"):
        self.get(url)
        return self.post(url, {"login": username, "password": password, "captcha_answer": "1234"})


@pytest.fixture
def browser(app):
    return Browser(app.test_client())
