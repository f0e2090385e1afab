"""The next level of a region cascade, for `fields.js`; the tree is public, so everybody may ask."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from app.platform.identity import regions
from app.rooms.web.acting import session
from app.rooms.web.guards import open_to_all

blueprint = Blueprint("regions", __name__)


@blueprint.get("/regions")
@open_to_all
def below() -> Response:
    """Return the regions directly under `parent` (a code; the provinces without it) as `[{code, name}]`."""
    found = regions.children(session(), request.args.get("parent", "").replace("\0", "") or None)
    answer = jsonify([{"code": region.code, "name": region.name} for region in found])
    answer.cache_control.public = True
    answer.cache_control.max_age = 3600
    return answer
