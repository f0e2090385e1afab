"""The registers of the chains that belong to no system: where they are found; the lists serve themselves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from flask import render_template

from app.platform.records import chains
from app.platform.records.registers import tabs
from app.platform.registry import Words
from app.rooms.inbox.office.blueprint import blueprint
from app.rooms.web.acting import me
from app.rooms.web.guards import signed_in

TITLE = Words("通用流程", "Office")
ALL = Words("台账与统计", "Registers and figures")
MOST = 8  # lines of the menu


@blueprint.get("/")
@signed_in
def every() -> str:
    """Show the registers the reader may open, with those he reviews first."""
    found = chains.open_to(me())
    grouped = [(words, list(group)) for words, group in groupby(found, key=lambda one: one.category)]
    return render_template("office/registers.html", by_category=grouped, tabs_of=tabs)


def lines() -> Sequence[tuple[Words, str]]:
    """The lines of the menu: the registers of what the reader reviews or looks after, then the way to all of them."""
    found = [chain for chain in chains.every() if chain.looks_after(me())][:MOST]
    own = [(chain.name, f"/office/lists/{chain.process}") for chain in found]
    return [*own, (ALL, "/office/")] if own or chains.open_to(me()) else []
