"""Headers on every answer, the origin of unsafe requests, and where a redirect may lead."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response, abort, current_app, request

POLICY = "default-src 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'; form-action 'self'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_YEAR = 365 * 24 * 3600


def attach(app: Flask) -> None:
    """Set the headers on every answer, errors included; bound what is typed."""
    app.before_request(_bound)
    app.after_request(_harden)


def _bound() -> None:
    """Typed text is bounded as in a form with files: werkzeug bounds it only there."""
    largest = current_app.config["MAX_FORM_MEMORY_SIZE"]
    if request.mimetype == "application/x-www-form-urlencoded" and (request.content_length or 0) > largest:
        abort(413)
    if "\0" in request.path:
        abort(404)  # PostgreSQL keeps a NUL in no text, so nothing is called like that


def _harden(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)  # a view may only have set a stricter one
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.extensions["chengpi"].https:
        response.headers["Strict-Transport-Security"] = f"max-age={_YEAR}; includeSubDomains"
    if request.endpoint == "static" and response.status_code in (200, 206, 304):
        lifetime = f"public, max-age={_YEAR}, immutable" if "v" in request.args else "no-cache"
        response.headers["Cache-Control"] = lifetime
    elif not (response.cache_control.public and _is_open()):
        response.headers["Cache-Control"] = "no-store"
    return response


def _is_open() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    guard = getattr(view, "guard", None)
    return guard is not None and not guard.signed_in


def from_here() -> bool:
    """Say whether the browser states that this request comes from one of our own pages."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None and site != "same-origin":
        return False
    if origin is not None:
        return urlsplit(origin).netloc == request.host
    return site == "same-origin" or urlsplit(request.referrer or "").netloc == request.host


def safe_target(target: str | None, default: str = "/") -> str:
    """Return `target` if it is a path on this site, else `default`: the only gate for `next=` (T12)."""
    if not target or len(target) > 2000:
        return default
    if any(letter <= " " or letter == "\\" or letter == "\x7f" for letter in target):
        return default
    if not target.startswith("/") or target.startswith("//"):
        return default
    try:
        parts = urlsplit(target)
    except ValueError:
        return default
    if parts.scheme or parts.netloc or parts.path.startswith("//"):
        return default
    return urlunsplit(("", "", parts.path, parts.query, ""))
