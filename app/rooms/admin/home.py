"""The room's first page: what there is to look after, for whoever may look after it."""

from __future__ import annotations

from flask import render_template

from app.platform.identity import roles
from app.platform.registry import house
from app.rooms.admin import sections
from app.rooms.admin.blueprint import blueprint
from app.rooms.web import acting
from app.rooms.web.guards import Missing, signed_in


@blueprint.get("/")
@signed_in
def home() -> str:
    """Lead to the pages of the room, group by group; nobody without any of them comes in."""
    found = sections.open_ones()
    if not found:
        raise Missing(roles.PEOPLE)
    groups = [
        (words, [(one, sections.address_of(one)) for one in found if one.group == key])
        for key, words in sections.GROUPS.items()
    ]
    me = acting.me()
    posts = [post for post in me.posts if post.role in house.roles]
    return render_template("admin/home.html", mine=[pair for pair in groups if pair[1]], posts=posts)
