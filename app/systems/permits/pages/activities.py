"""活动管理 of a district in a project: 申报授权查询, 申报状态查询, 申报材料审查 (PG-P6…PG-P8, P-22)."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.platform.registry import Words
from app.rooms.web import lists
from app.rooms.web.acting import me, session
from app.rooms.web.guards import needs
from app.systems.permits import queries
from app.systems.permits.district_lists import GRANTS, REVIEW, STATUS
from app.systems.permits.pages.blueprint import blueprint

TABS = (
    (GRANTS.title, "permits.grants"),
    (STATUS.title, "permits.status"),
    (REVIEW.title, "permits.material_review"),
)


@blueprint.get("/activities")
@needs("p.project.manage")
def activities() -> str | Response:
    """Lead to the one project and district managed, or let choose among several."""
    managed = queries.managed(session(), me().posts)
    if len(managed) == 1:
        return redirect(url_for("permits.status", post=managed[0][0].id))
    return render_template("permits/activities.html", managed=managed)


@blueprint.get("/activities/<post>/grants")
@needs("p.project.manage")
def grants(post: str) -> str:
    """Show the codes of the district and what became of them (PG-P6)."""
    return _tab(GRANTS, post)


@blueprint.get("/activities/<post>/status")
@needs("p.project.manage")
def status(post: str) -> str:
    """Show how the district's declarations stand (PG-P7, P-23…P-26)."""
    return _tab(STATUS, post)


@blueprint.get("/activities/<post>/review")
@needs("p.project.manage")
def material_review(post: str) -> str:
    """Show the district's declarations for review, and the summary below them (PG-P8, P-27…P-29)."""
    return _tab(REVIEW, post, "permits/material_review.html")


def _tab(listing: Any, post: str, template: str = "permits/activity.html") -> str:
    found = next((item for item in queries.managed(session(), me().posts) if item[0].id == post), None)
    if found is None:
        abort(404)
    held, project, district = found
    tabs: list[tuple[Words, str]] = [(words, url_for(page, post=post)) for words, page in TABS]
    return lists.answer(
        listing, template, post=post, tabs=tabs, held=held, project=project, district=district
    )
