"""What kind of answer a request hopes for: a page, a fragment of one, or data."""

from __future__ import annotations

from flask import request


def wants_data() -> bool:
    """Say whether the caller is a program: below /api, or one that asks for or sends JSON."""
    if request.path.startswith("/api/") or request.path == "/health" or request.is_json:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return (
        best in ("application/json", "application/problem+json") and not request.accept_mimetypes.accept_html
    )


def is_fragment() -> bool:
    """Say whether htmx asks for a piece of a page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
