"""The verbs for programs: REST under /api/v1, described by itself, and /health."""

from __future__ import annotations

from flask import Flask, Response, request

from app.extensions import csrf
from app.rooms.api import (
    boxes,
    bulk,
    files,
    incidents,
    instances,
    me,
    messages,
    migrations,
    openapi,
    processes,
    questions,
    tasks,
    webhooks,
)
from app.rooms.api.operations import blueprint
from app.rooms.web import acting

__all__ = [
    "boxes",
    "bulk",
    "files",
    "incidents",
    "instances",
    "me",
    "messages",
    "migrations",
    "open_room",
    "openapi",
    "processes",
    "questions",
    "tasks",
    "webhooks",
]

SAFE = ("GET", "HEAD", "OPTIONS")


def open_room(app: Flask) -> None:
    """Attach the API. A program with a token has no cookie to be misused; a browser shows its CSRF token."""
    csrf.exempt(blueprint)
    app.register_blueprint(blueprint)


@blueprint.before_request
def _mind_forgery() -> None:
    if request.method not in SAFE and not acting.bearer():
        csrf.protect()


@blueprint.after_request
def _name_the_scheme(response: Response) -> Response:
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="chengpi"'
    return response
