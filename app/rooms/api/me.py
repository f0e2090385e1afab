"""Who the caller is, and whether the house stands."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.platform import jobs
from app.platform.registry import Post, house
from app.platform.runtime import places
from app.rooms.api.operations import as_json, operation
from app.rooms.api.reading import Asked
from app.rooms.api.schemas import OBJECT, TEXT, Schema, named, shape
from app.rooms.web import acting
from app.rooms.web.acting import me, session
from app.rooms.web.language import said
from app.rooms.web.logs import log

HEALTH: Schema = shape({"status": {"enum": ["up", "down"]}, "database": TEXT}, {"queue": OBJECT})


@operation("GET", "/me", "me", "当前用户", "Who am I", named("Me"))
def show_me(asked: Asked) -> dict[str, Any]:
    """The caller, with the posts that count now and what they permit."""
    by = me()
    named_places = places.names_of(session(), (post.place for post in by.posts))
    counting = (by.post,) if by.post else by.posts
    return {
        "id": by.person,
        "name": by.name,
        "username": by.username,
        "posts": [_post(post, named_places.get(post.place, "")) for post in by.posts],
        "permissions": sorted(house.permissions(counting)),
    }


def _post(post: Post, place: str) -> dict[str, str]:
    role = house.roles.get(post.role)
    return {
        "id": post.id,
        "role": post.role,
        "role_name": said(role.title) if role else post.role,
        "place": post.place,
        "place_name": place,
        "subject": post.subject,
    }


@operation(
    "GET",
    "/health",
    "me",
    "运行状态",
    "Whether database and queue answer",
    HEALTH,
    also={503: HEALTH},
    is_open=True,
    prefix="",
)
def health(asked: Asked) -> Response:
    """Say whether this process can reach its database, and how the queue stands."""
    try:
        session().execute(text("SELECT 1"))
        queue = asdict(jobs.health(session(), acting.now()))
    except SQLAlchemyError as error:
        log.error("health", exc_info=error)
        return as_json({"status": "down", "database": "unreachable"}, 503)
    return as_json({"status": "up", "database": "reachable", "queue": queue})
