"""The front door on a port, and a browser before it at both widths."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from werkzeug.serving import make_server

from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways

SHOTS = os.environ.get("SHOTS")
"""A folder for pictures of what is judged, if somebody wants to look."""


@pytest.fixture
def url(app) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desk", "phone"])
def page(request, engine_of_pages) -> Iterator[Page]:
    """A page that remembers what its console complained of: a breach of the content policy is one."""
    context = engine_of_pages.new_context(viewport=request.param, locale="zh-CN")
    page = context.new_page()
    page.complaints = []
    page.width = request.param["width"]
    page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()


def judge(page: Page, name: str = "") -> None:
    """Hold that the page as it stands suits everybody; with a name it is pictured as well."""
    page.evaluate(
        "Promise.all(document.getAnimations().map((one) => one.finished))"
    )  # a button that lights up
    if SHOTS and name:
        page.screenshot(path=str(Path(SHOTS) / f"{name}-{page.width}.png"), full_page=True)
    assert complaints_of_axe(page) == []
    assert not scrolls_sideways(page)
    assert [text for text in page.complaints if "Failed to load resource" not in text] == []
