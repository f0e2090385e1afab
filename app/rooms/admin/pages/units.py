"""组织机构: the list, a unit's page, and what is done with it."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.identity import places, roles, tree, units
from app.platform.identity.messages import Refusal
from app.platform.personnel import moving_places, organisations
from app.platform.registry import Words
from app.rooms.admin import choosing, place_pages, sections
from app.rooms.admin.blueprint import blueprint
from app.rooms.admin.lists.tree import UNITS
from app.rooms.web import lists
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs

sections.enter(
    sections.Section(
        "units",
        Words("组织机构", "Organisations"),
        Words(
            "单位的新增、改名、停用、移动和合并",
            "Adding, renaming, closing, moving and merging organisations",
        ),
        "admin.units_page",
        frozenset({roles.UNITS}),
        "people",
        order=20,
    )
)


@blueprint.get("/units")
@needs(roles.UNITS)
def units_page() -> str:
    """The organisations within one's reach."""
    return lists.answer(UNITS, "admin/units.html")


@blueprint.get("/units/<unit>")
@needs(roles.UNITS)
def unit(unit: str) -> str:
    """A unit: where it lies, what is under it, who holds posts there and who looks after it."""
    return _page(_node(unit))


@blueprint.route("/units/add", methods=["GET", "POST"])
@needs(roles.UNITS)
def add_unit() -> Any:
    """Add a unit in a region or under a unit within reach."""
    wrong: dict[str, str] = {}
    if request.method == "POST" and not choosing.place_update():
        try:
            made = organisations.add(session(), *_typed("name", "to"), me(), now())
            flash(_("已新增单位。"), "success")
            return redirect(url_for("admin.unit", unit=made), 303)
        except Refusal as refusal:
            wrong = place_pages.complaint(refusal)
    return place_pages.draw("admin/place_add.html", wrong, kind="unit")


@blueprint.post("/units/<unit>/rename")
@needs(roles.UNITS)
def rename_unit(unit: str) -> Any:
    """Give a unit another name."""
    return _done(
        unit, lambda: organisations.rename(session(), unit, *_typed("name"), me(), now()), _("已改名。")
    )


@blueprint.post("/units/<unit>/state")
@needs(roles.UNITS)
def unit_state(unit: str) -> Any:
    """Close a unit, or reopen it."""
    _node(unit)
    verb = place_pages.chosen(request.form.get("turn"), organisations.close, organisations.reopen)
    return _done(unit, lambda: verb(session(), unit, me(), now()), _("已更改状态。"))


@blueprint.route("/units/<unit>/move", methods=["GET", "POST"])
@needs(roles.UNITS)
def move_unit(unit: str) -> Any:
    """Move a unit to another region or under another unit: where to, what goes along, and only then."""
    node = _node(unit)

    def move(to: str, seen: str) -> Response:
        moving_places.move_unit(session(), unit, to, me(), now(), seen)
        flash(_("已移动，所属的单位、人员、岗位和办理中的事项一并转移。"), "success")
        return redirect(url_for("admin.unit", unit=unit), 303)

    return place_pages.two_steps(
        node,
        "move",
        lambda to: moving_places.preview(session(), node.path, to, me(), now()),
        move,
        "region unit",
    )


@blueprint.route("/units/<unit>/merge", methods=["GET", "POST"])
@needs(roles.UNITS)
def merge_unit(unit: str) -> Any:
    """Let a unit that was entered twice be the other one."""
    node = _node(unit)

    def merge(to: str, seen: str) -> Response:
        organisations.merge(session(), unit, to, me(), now(), seen)
        other = tree.at(session(), [to])[to]
        flash(_("已合并，原单位名下的一切转到本单位。"), "success")
        return redirect(url_for("admin.unit", unit=other.key), 303)

    return place_pages.two_steps(
        node, "merge", lambda to: organisations.preview_merge(session(), unit, to, me(), now()), merge, "unit"
    )


def _page(node: tree.Node, wrong: dict[str, str] | None = None) -> str:
    facts = units.get(session(), node.key)
    return place_pages.page(node, "unit", wrong or {}, facts=facts)


def _done(unit: str, do: Any, said: str) -> Any:
    try:
        do()
    except Refusal as refusal:
        return place_pages.refused(refusal, lambda wrong: _page(_node(unit), wrong))
    flash(said, "success")
    return redirect(url_for("admin.unit", unit=unit), 303)


def _typed(*names: str) -> tuple[str, ...]:
    return tuple(request.form.get(name, "").replace("\0", "") for name in names)


def _node(unit: str) -> tree.Node:
    """The unit, within reach; 404 for any other."""
    found = units.get(session(), unit.replace("\0", ""))
    if found is None or not places.inside(found.path, choosing.bounds(roles.UNITS)):
        abort(404)
    return tree.at(session(), [found.path])[found.path]
