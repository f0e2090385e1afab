"""Password slips (密码信封): the paper of one's own batch of first passwords, taken out once (C-07)."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, abort, render_template

from app.platform.identity import roles
from app.platform.jobs import errands
from app.platform.jobs.errands import Standing
from app.platform.personnel import first_passwords, slips
from app.rooms.admin.blueprint import blueprint
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import Missing, needs


@blueprint.get("/accounts/slips/<errand>", endpoint="slips")
@needs(roles.PEOPLE)
def show_slips(errand: str) -> str:
    """Show how many slips wait, and until when."""
    return _page(_own(errand))


@blueprint.post("/accounts/slips/<errand>")
@needs(roles.PEOPLE)
def take_slips(errand: str) -> Response | tuple[str, int]:
    """Hand out the PDF, this once; 410 afterwards."""
    found = _own(errand)
    if first_passwords.acting(session(), me().person, found.arguments["post"], now()) is None:
        raise Missing(roles.PEOPLE)
    taken = slips.take(session(), errand, found.result["slips"], me(), now())
    if taken is None:
        return _page(found), 410
    name, content = taken
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"slips.pdf\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _own(errand: str) -> Standing:
    """One's own errand that has printed slips; 404 for all others."""
    found = errands.get(session(), errand, me())
    if found is None or found.kind != first_passwords.KIND or not found.result.get("slips"):
        abort(404)
    return found


def _page(found: Standing) -> str:
    return render_template(
        "admin/slips.html",
        count=found.result["slips"],
        errand=found.id,
        until=slips.waits_until(session(), found.id, now()),
    )
