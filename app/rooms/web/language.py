"""Which language a reader gets: `?lang=`, then the cookie, then the browser; Chinese otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context, request
from flask_babel import format_datetime, get_locale, gettext

from app.platform.registry import Words

LANGUAGES = {"zh": "中文", "en": "English"}
_COOKIE = "chengpi-language"
_YEAR = 365 * 24 * 3600


def attach(app: Flask) -> None:
    """Remember the choice and give templates `language` and the filters `said`, `joined`, `bracketed` and `moment`."""
    app.after_request(_remember)
    app.add_template_filter(said)
    app.add_template_filter(joined)
    app.add_template_filter(bracketed)
    app.add_template_filter(moment)
    app.context_processor(lambda: {"language": current(), "languages": LANGUAGES})


def chosen() -> str:
    """Return the language of this request; the selector of Flask-Babel."""
    if not has_request_context():
        return "zh"
    for wish in (request.args.get("lang"), request.cookies.get(_name())):
        if wish in LANGUAGES:
            return wish
    return request.accept_languages.best_match(list(LANGUAGES)) or "zh"


def current() -> str:
    """Return the language now in use, as `zh` or `en`; found once per request, a page asks hundreds of times."""
    if not has_request_context():
        return _found()
    kept: str | None = g.get("language")
    if kept is None:
        kept = g.language = _found()
    return kept


def _found() -> str:
    locale = get_locale()
    return locale.language if locale and locale.language in LANGUAGES else "zh"


def said(words: Words | str | Any) -> str:
    """Say `words` in the reader's language; plain text and figures (0 as well) pass through, None is nothing."""
    if isinstance(words, Words):
        return words.said(current())
    return "" if words is None else str(words)


def joined(some: Iterable[Words | str | Any]) -> str:
    """Say one after another, parted as the reader's language parts them."""
    return gettext("、").join(map(said, some))


def bracketed(words: Words | str | Any) -> str:
    """Say it in brackets as the reader's language has them; nothing where there is nothing to say."""
    text = str(said(words))
    return "" if not text else f"（{text}）" if current() == "zh" else f" ({text})"


def moment(value: datetime | None) -> str:
    """Return a moment to the minute, in the time of the house: 2026-11-22 10:00 (C-18)."""
    return format_datetime(value, "yyyy-MM-dd HH:mm") if value else "—"


def _name() -> str:
    return str(current_app.extensions["chengpi"].cookie(_COOKIE))


def _remember(response: Response) -> Response:
    wish = request.args.get("lang")
    if wish in LANGUAGES and not g.get("stateless"):
        config = current_app.extensions["chengpi"]
        response.set_cookie(
            _name(), wish, max_age=_YEAR, secure=config.https, httponly=True, samesite="Lax", path="/"
        )
    response.headers["Content-Language"] = "en" if current() == "en" else "zh-CN"
    return response
