"""A house that answers on a port, in threads of this process, so that a test reaches its clock and its rows."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import waitress
from playwright.sync_api import Browser, Page
from sqlalchemy import select, update
from waitress import wasyncore

from app.platform import jobs
from app.platform.data import transaction
from app.platform.jobs.entities import Job
from tests.browser import CAPTCHA, DESKTOP
from tests.pages import House
from tests.rooms.conftest import PASSWORD

PATIENCE = 120  # seconds


@contextmanager
def served(house: House) -> Iterator[str]:
    """Serve as `flask serve` does, with the embedded worker; yield the address."""
    sockets: dict[int, Any] = {}
    server = waitress.create_server(house.app, map=sockets, host="127.0.0.1", port=0, threads=8, ident=None)
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            wasyncore.loop(timeout=0.1, map=sockets, count=1)

    loop = threading.Thread(target=run, daemon=True)
    loop.start()
    worker = jobs.Worker(house.world.sessions, lambda: house.world.now, every=0.2)
    worker.start()
    house.world.work = lambda *_: _wait_for_work(house)  # type: ignore[method-assign]  # the worker does it
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        worker.stop()
        ended.set()
        loop.join()
        server.task_dispatcher.shutdown()
        server.close()
        wasyncore.close_all(sockets, ignore_all=True)  # what browsers that have just gone had still open


@contextmanager
def served_without_worker(house: House) -> Iterator[str]:
    """Serve with no worker: what is to be done stays so until the test lets one work, at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs.Worker, "start", lambda self: None)
        patch.setattr(jobs.Worker, "stop", lambda self: None)
        with served(house) as url:
            del house.world.work  # type: ignore[method-assign]
            yield url


def _wait_for_work(house: House) -> int:
    """Wait until no job waits or runs. What is to be tried again later is tried now: the house's clock stands still.

    Raises `RuntimeError` if that takes over `PATIENCE`.
    """
    end = time.monotonic() + PATIENCE
    asked = select(Job.name, Job.state, Job.due_at, Job.error).where(Job.state.in_(("waiting", "running")))
    while True:
        with house.world.session() as session:
            left = session.execute(asked).all()
        if not left:
            return 0
        if time.monotonic() > end:
            raise RuntimeError(f"not done after {PATIENCE} seconds: {left}")
        if any(job.state == "waiting" and job.due_at > house.world.now for job in left):
            with house.world.session() as session, transaction(session):
                session.execute(update(Job).where(Job.state == "waiting").values(due_at=house.world.now))
        time.sleep(0.02)


@dataclass
class Person:
    """Somebody at a browser of his own. `faults` is what no page should have: script errors, policy violations."""

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open an address."""
        self.page.goto(self.url + path)

    def sign_in(self, username: str) -> None:
        """Log in where one stands, or on the login page."""
        if "/login" not in self.page.url:
            self.go("/login")
        self.page.fill("#login", username)
        self.page.fill("#password", PASSWORD)
        self.page.fill("#captcha_answer", CAPTCHA)
        self.page.click(".entry-submit")
        self.page.wait_for_url(lambda address: "/login" not in address)

    def press(self, name: str) -> None:
        """Press a button by its words."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follow a link by its words."""
        self.page.get_by_role("link", name=name).first.click()

    def sees(self, *words: str) -> None:
        """Wait until all the words stand on the page."""
        for one in words:
            self.page.get_by_text(one).filter(visible=True).first.wait_for()

    def fill(self, values: dict[str, str], prefix: str = "f") -> None:
        """Fill in the fields of a form by their names."""
        for name, value in values.items():
            place = self.page.locator(f"#{prefix}-{name}")
            if place.count() and place.evaluate("one => one.tagName") == "SELECT":
                place.select_option(value)
            elif self.page.locator(f"input[name={name}][value={value!r}]").count():
                self.page.check(f"input[name={name}][value={value!r}]")
            else:
                place.fill(value)

    def choose_region(self, name: str, *codes: str) -> None:
        """Go down a cascade; without scripts the button fetches each next level."""
        levels = ("province", "city", "district")
        for level, code in zip(levels, codes, strict=False):
            select = self.page.locator(f"#f-{name}-{level}")
            if not select.locator(f"option[value='{code}']").count() and self.scriptless:
                self.page.click(f"button[name=_update][value={name}]")
            select.locator(f"option[value='{code}']").wait_for(state="attached")
            select.select_option(code)

    @property
    def scriptless(self) -> bool:
        """Whether this browser runs no scripts."""
        return bool(getattr(self.page, "scriptless", False))


class Street:
    """The house, its address, and the browsers of whoever comes."""

    def __init__(self, house: House, url: str, browser: Browser) -> None:
        self.house = house
        self.url = url
        self.browser = browser
        self.people: list[Person] = []

    @property
    def applications(self) -> str:
        """The address of the list in which the city sees the applications."""
        return f"/{self.house.world.system}/lists/applications"

    def person(self, username: str = "", *, scripts: bool = True) -> Person:
        """Somebody new, signed in when named."""
        context = self.browser.new_context(
            viewport=DESKTOP, locale="zh-CN", timezone_id="Asia/Shanghai", java_script_enabled=scripts
        )
        context.set_default_timeout(15_000)
        person = Person(context.new_page(), self.url)
        person.page.scriptless = not scripts  # type: ignore[attr-defined]
        person.page.on("pageerror", lambda error: person.faults.append(f"script: {error}"))
        person.page.on(
            "console", lambda line: _is_fault(line) and person.faults.append(f"console: {line.text}")
        )
        person.page.on(
            "response",
            lambda answer: _is_missing(answer) and person.faults.append(f"{answer.status} {answer.url}"),
        )
        self.people.append(person)
        if username:
            person.sign_in(username)
        return person

    def close(self) -> Sequence[str]:
        """Let everybody leave; what was wrong on the pages they saw."""
        faults = [fault for person in self.people for fault in person.faults]
        for person in self.people:
            person.page.context.close()
        self.people.clear()
        return faults


def _is_fault(line: Any) -> bool:
    """An error on the console; a page whose own status is an error is judged by `_is_missing`."""
    return line.type == "error" and "Failed to load resource" not in line.text


def _is_missing(answer: Any) -> bool:
    """Something a page asked for failed; a page itself may well refuse."""
    return answer.status >= 400 and not answer.request.is_navigation_request()
