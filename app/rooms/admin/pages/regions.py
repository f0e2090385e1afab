"""地区: the tree, a region's page, and what is done with local regions."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.identity import places, regions, roles, tree
from app.platform.identity.messages import Refusal
from app.platform.personnel import local_regions, moving_places
from app.platform.registry import Words
from app.rooms.admin import choosing, place_pages, sections
from app.rooms.admin.blueprint import blueprint
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs

sections.enter(
    sections.Section(
        "regions",
        Words("地区", "Regions"),
        Words("行政区划和本地增设的地区", "The region tree, and the regions added here"),
        "admin.regions_page",
        frozenset({roles.UNITS}),
        "people",
        order=30,
    )
)


@blueprint.get("/regions")
@needs(roles.UNITS)
def regions_page() -> str:
    """The tree within one's reach: opened step by step, or searched by name and code."""
    text, opened = (request.args.get(one, "").replace("\0", "").strip() for one in ("q", "open"))
    reach = choosing.bounds(roles.UNITS)
    found = tree.find(session(), text, reach, {"region"}, closed=True, most=100) if text else None
    way = tree.trail(session(), regions.path_of(session(), opened)) if opened and _seen(opened) else ()
    way = tuple(node for node in way if places.inside(node.path, reach))
    levels = [] if text else [tree.children(session(), None, reach, {"region"}, closed=True)]
    if levels and not way and "open" not in request.args and len(levels[0].nodes) == 1:
        way = levels[0].nodes  # who looks after one place sees what is in it
    levels += [tree.children(session(), node.path, reach, {"region"}, closed=True) for node in way]
    return render_template("admin/regions.html", text=text, found=found, way=way, levels=levels)


@blueprint.get("/regions/<code>/below")
@needs(roles.UNITS)
def regions_below(code: str) -> str:
    """The regions directly under one, as the script of the tree asks for them."""
    node = _node(code)
    below = tree.children(session(), node.path, choosing.bounds(roles.UNITS), {"region"}, closed=True)
    return render_template("admin/_regions_below.html", nodes=below.nodes)


@blueprint.get("/regions/<code>")
@needs(roles.UNITS)
def region(code: str) -> str:
    """A region: what lies in it, who is there and who looks after it."""
    return _page(_node(code))


@blueprint.route("/regions/add", methods=["GET", "POST"])
@needs(roles.UNITS)
def add_region() -> Any:
    """Add a local region under any region within reach."""
    wrong: dict[str, str] = {}
    if request.method == "POST" and not choosing.place_update():
        try:
            code = local_regions.add(session(), *_typed("to", "code", "name"), me(), now())
            flash(_("已新增地区。"), "success")
            return redirect(url_for("admin.region", code=code), 303)
        except Refusal as refusal:
            wrong = place_pages.complaint(refusal)
    return place_pages.draw("admin/place_add.html", wrong, kind="region")


@blueprint.post("/regions/<code>/rename")
@needs(roles.UNITS)
def rename_region(code: str) -> Any:
    """Give a local region another name."""
    return _done(
        code, lambda: local_regions.rename(session(), code, *_typed("name"), me(), now()), _("已改名。")
    )


@blueprint.post("/regions/<code>/state")
@needs(roles.UNITS)
def region_state(code: str) -> Any:
    """Close a local region, or reopen it."""
    _node(code)
    verb = place_pages.chosen(request.form.get("turn"), local_regions.close, local_regions.reopen)
    return _done(code, lambda: verb(session(), code, me(), now()), _("已更改状态。"))


@blueprint.post("/regions/<code>/delete")
@needs(roles.UNITS)
def delete_region(code: str) -> Any:
    """Delete a local region in which nothing was ever placed."""
    above = regions.get(session(), code)
    try:
        local_regions.remove(session(), code, me(), now())
    except Refusal as refusal:
        return place_pages.refused(refusal, lambda wrong: _page(_node(code), wrong))
    flash(_("已删除地区。"), "success")
    return redirect(url_for("admin.regions_page", open=above.parent if above else None), 303)


@blueprint.route("/regions/<code>/move", methods=["GET", "POST"])
@needs(roles.UNITS)
def move_region(code: str) -> Any:
    """Move a local region under another one: where to, what goes along, and only then."""
    node = _node(code)

    def move(to: str, seen: str) -> Response:
        moving_places.move_region(session(), code, to, me(), now(), seen)
        flash(_("已移动，所属的单位、人员、岗位和办理中的事项一并转移。"), "success")
        return redirect(url_for("admin.region", code=code), 303)

    return place_pages.two_steps(
        node, "move", lambda to: moving_places.preview(session(), node.path, to, me(), now()), move, "region"
    )


def _page(node: tree.Node, wrong: dict[str, str] | None = None) -> str:
    return place_pages.page(node, "region", wrong or {})


def _done(code: str, do: Any, said: str) -> Any:
    try:
        do()
    except Refusal as refusal:
        return place_pages.refused(refusal, lambda wrong: _page(_node(code), wrong))
    flash(said, "success")
    return redirect(url_for("admin.region", code=code), 303)


def _typed(*names: str) -> tuple[str, ...]:
    return tuple(request.form.get(name, "").replace("\0", "") for name in names)


def _seen(code: str) -> bool:
    found = regions.get(session(), code)
    return found is not None and places.inside(found.path, choosing.bounds(roles.UNITS))


def _node(code: str) -> tree.Node:
    """The region, within reach; 404 for any other."""
    found = regions.get(session(), code.replace("\0", ""))
    if found is None or not places.inside(found.path, choosing.bounds(roles.UNITS)):
        abort(404)
    return tree.at(session(), [found.path])[found.path]
