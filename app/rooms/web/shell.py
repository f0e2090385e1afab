"""What the layout needs to know besides the menu: titles, footer, static addresses, pager windows."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, request

from app.platform import settings
from app.platform.registry import Words, house
from app.rooms.web import menus, wording


def attach(app: Flask) -> None:
    """Hand the layout its parts."""
    wording.enter()
    app.after_request(close_unsent)
    app.context_processor(
        lambda: {
            "platform_title": settings.value(wording.TITLE),
            "manual_url": wording.manual(menus.current_system()),
            "footer_lines": footer_lines,
            "asset": asset,
            "has_asset": has_asset,
            "this_page": this_page,
            "pager_window": pager_window,
        }
    )


def close_unsent(response: Response) -> Response:
    """Close the file of an answer that goes out without a body: Werkzeug leaves it to the garbage collector."""
    if response.status_code == 304 or request.method == "HEAD":
        response.close()
    return response


def footer_lines() -> list[tuple[Words, Words]]:
    """Return the footer of the system whose pages these are, or of the only one, else the installation's (C-48)."""
    alone = next(iter(house.systems.values())) if len(house.systems) == 1 else None
    return wording.footer(menus.current_system() or alone)


def asset(name: str) -> str:
    """Return the address of a static file, with its content's hash so that it may be cached for good."""
    root, folder = request.root_path, str(current_app.static_folder)
    return f"{root}{_path(str(current_app.static_url_path), folder, name)}"


def has_asset(name: str) -> bool:
    """Say whether a built file is there."""
    return (Path(str(current_app.static_folder)) / name).is_file()


@lru_cache(maxsize=256)
def _path(url: str, folder: str, name: str) -> str:
    return f"{url}/{quote(name)}?v={_version(folder, name)}"


@lru_cache(maxsize=256)
def _version(folder: str, name: str) -> str:
    file = Path(folder) / name
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"


def this_page(**changes: Any) -> str:
    """Return the address of this page with some of its arguments changed; None removes one.

    Put together by hand: what stands in an address must not become an argument of `url_for` (`_scheme`), nor
    a path that begins with two strokes lead to another host (T12).
    """
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in changes]
    kept += [(name, str(value)) for name, value in changes.items() if value is not None]
    path = f"{request.script_root}/{quote(request.path.lstrip('/'))}"
    return f"{path}?{urlencode(kept)}" if kept else path


def pager_window(page: int, pages: int, size: int = 10) -> range:
    """Return the page numbers to show: `size` of them around `page` (P-26)."""
    first = max(1, min(page - size // 2, pages - size + 1))
    return range(first, min(pages, first + size - 1) + 1)
