"""What one process changes is felt by the very next request of another, for no statement more (issue 6, point 5)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

from tests.platform.jobs.databases import KINDS, empty

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = re.compile(r"password: (\S+)")
NEW = "Granit-Weide-47"


@pytest.fixture(params=KINDS)
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Two real servers on one database, and the passwords of its two administrators."""
    with ExitStack() as stack:
        address = stack.enter_context(empty(request.param, tmp_path))
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CHENGPI_")},
            "CHENGPI_INSTANCE": str(tmp_path),
            "CHENGPI_DEMO": "1",
            "CHENGPI_CAPTCHA_ANSWER": "1234",
            "DATABASE_URL": address,
            "PYTHONUNBUFFERED": "1",
        }
        flask(environment, "db", "upgrade")
        flask(environment, "seed")
        passwords = {}
        for name, role in (("system1", "system"), ("security1", "security")):
            made = flask(environment, "person", "create", name, "--name", "管理员")
            passwords[name] = PASSWORD.findall(made)[0]
            flask(environment, "grant", name, f"platform.{role}_administrator")
        yield [stack.enter_context(served(environment, tmp_path)) for _ in range(2)], passwords


def flask(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class served:
    """One server of its own, until the block ends."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment, self.log = environment, folder / "server.log"

    def __enter__(self) -> str:
        with self.log.open("a") as log:
            self.server = subprocess.Popen(
                [sys.executable, "-m", "flask", "serve", "--port", "0"],
                cwd=ROOT,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        for line in self.server.stdout or ():
            if found := re.search(r"http://\S+:\d+", line):
                return found[0]
        raise RuntimeError(self.log.read_text())

    def __exit__(self, *_: object) -> None:
        self.server.terminate()
        self.server.wait(timeout=20)
        if self.server.stdout:
            self.server.stdout.close()


class Browser:
    """Somebody's browser: it knows the token of the last page."""

    def __init__(self) -> None:
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        self.page = ""

    def get(self, url: str) -> str:
        with self.opener.open(url) as answer:
            self.page = answer.read().decode()
        return self.page

    def post(self, url: str, fields: dict[str, str]) -> str:
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.page)
        assert found
        data = urlencode({**fields, "csrf_token": found[1]}).encode()
        with self.opener.open(url, data) as answer:
            self.page = answer.read().decode()
        return self.page

    def sign_in(self, url: str, name: str, password: str) -> None:
        self.get(f"{url}/login")
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', self.page))
        given = {"login": name, "password": password, "captcha_answer": "1234"}
        self.post(f"{url}/login", {**fields, **given})
        if 'name="old"' in self.page:
            self.post(f"{url}/account/password", {"old": password, "password": NEW, "repeat": NEW})


def test_a_change_is_felt_by_the_next_request_of_another_process(
    two: tuple[list[str], dict[str, str]],
) -> None:
    (here, there), passwords = two
    system, security, visitor = Browser(), Browser(), Browser()
    system.sign_in(here, "system1", passwords["system1"])
    security.sign_in(here, "security1", passwords["security1"])
    visitor.get(f"{there}/login")
    assert "某市审批平台" not in visitor.page

    system.get(f"{here}/admin/settings/words")
    system.post(f"{here}/admin/settings/words", {"house.title.zh": "某市审批平台", "house.title.en": "City"})
    assert "某市审批平台" in visitor.get(f"{there}/login")
    assert "某市审批平台" in security.get(f"{there}/admin/roles")

    security.get(f"{here}/admin/roles/new")
    made = {"slug": "clerk", "title_zh": "档案管理员", "scope": "region", "reach": "below"}
    security.post(f"{here}/admin/roles/new", made)
    assert "档案管理员" in security.get(f"{there}/admin/roles/platform.designer")  # may be chosen to give it

    system.get(f"{here}/admin/dictionaries/education")
    system.post(f"{here}/admin/dictionaries/education/words", {"code": "99", "zh": "夜校"})
    assert "夜校" in system.get(
        f"{there}/admin/lists/words?dictionary=education&q=夜校".replace("夜校", "%E5%A4%9C%E6%A0%A1")
    )
