"""A demo house of its own and a Chromium to walk through it: for the browser tests and for the pictures."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CAPTCHA = "1234"
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class House:
    """A running demo: where it answers, where its data lie, the password of all its demo accounts."""

    url: str
    instance: Path
    password: str
    environment: dict[str, str]

    def flask(self, *arguments: str) -> str:
        """Run one of the installation's commands beside the server; return what it printed."""
        return _flask(self.environment, *arguments)


@contextmanager
def demo_house(directory: Path) -> Iterator[House]:
    """Make an installation in `directory`, fill it with the demo, serve it on a free port until the block ends."""
    password = secrets.token_urlsafe(12)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CHENGPI_")},
        "CHENGPI_INSTANCE": str(directory),
        "CHENGPI_DEMO": "1",
        "CHENGPI_DEMO_PASSWORD": password,
        "CHENGPI_CAPTCHA_ANSWER": CAPTCHA,
        "DATABASE_URL": "",
        "PYTHONUNBUFFERED": "1",
    }
    _flask(environment, "db", "upgrade")
    _flask(environment, "seed", "--demo")
    with (directory / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "flask", "serve", "--port", "0"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield House(_address(server, directory / "server.log"), directory, password, environment)
        finally:
            server.terminate()
            server.wait(timeout=20)
            if server.stdout:
                server.stdout.close()


def _address(server: subprocess.Popen[str], log: Path) -> str:
    """The address the server prints once it listens."""
    for line in server.stdout or ():
        found = re.search(r"http://\S+:\d+", line)
        if found:
            return found[0]
    raise RuntimeError(f"the server did not start:\n{log.read_text()[-4000:]}")


def _flask(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(
            f"flask {' '.join(arguments)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        )
    return done.stdout


def chromium_path() -> str:
    """The browser of this machine; CHENGPI_CHROMIUM names another."""
    names = (os.environ.get("CHENGPI_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, filter(None, names))), None)
    if found is None:
        raise RuntimeError(
            "no Chromium: `make test` installs it where it may, else `apt-get install chromium`"
        )
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser; pages come from `browser.new_context(...)`."""
    arguments = ["--force-color-profile=srgb", "--font-render-hinting=none", "--disable-lcd-text"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium's own sandbox refuses to run as root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def watch(page: Page) -> list[str]:
    """Begin to note what no page should have: failed answers, script errors, policy violations. The list fills."""
    seen: list[str] = []
    page.on("response", lambda answer: answer.status >= 400 and seen.append(f"{answer.status} {answer.url}"))
    page.on("pageerror", lambda error: seen.append(f"script: {error}"))
    page.on("console", lambda line: line.type == "error" and seen.append(f"console: {line.text}"))
    return seen


def sign_in(page: Page, house: House, username: str) -> None:
    """Log in through the page a person uses."""
    page.goto(f"{house.url}/login")
    page.fill("[name=login]", username)
    page.fill("[name=password]", house.password)
    page.fill("[name=captcha_answer]", CAPTCHA)
    page.click("form[method=post] button[type=submit]:not([name]):not([hidden])")
    page.wait_for_url(lambda address: "/login" not in address)


def complaints_of_axe(page: Page) -> list[str]:
    """What axe-core finds on the page as it stands: rule, and the elements it means."""
    page.evaluate(AXE.read_text(encoding="utf-8"))  # through the debugger, so the page's policy stays strict
    # Where the page happens to be scrolled decides what the footer half covers: it is looked at lying still.
    found = page.evaluate(
        """async (tags) => {
          const bars = [...document.querySelectorAll(".verdict")];
          for (const bar of bars) bar.style.position = "static";
          const done = await axe.run(document, { runOnly: { type: "tag", values: tags } });
          for (const bar of bars) bar.style.position = "";
          return done.violations;
        }""",
        WCAG,
    )
    return [
        f"{rule['id']}: {'; '.join(' '.join(map(str, node['target'])) for node in rule['nodes'])}"
        for rule in found
    ]


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
