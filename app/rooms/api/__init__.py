"""The verbs for programs: REST under /api/v1, and /health."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.rooms.web import acting
from app.rooms.web.guards import open_to_all
from app.rooms.web.logs import log

blueprint = Blueprint("api", __name__)


def open_room(app: Flask) -> None:
    """Attach the API."""
    app.register_blueprint(blueprint)


@blueprint.get("/health")
@open_to_all
def health() -> tuple[Response, int]:
    """Say whether this process can reach its database."""
    try:
        acting.session().execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        log.error("health", exc_info=error)
        return jsonify(status="down", database="unreachable"), 503
    return jsonify(status="up", database="reachable"), 200
