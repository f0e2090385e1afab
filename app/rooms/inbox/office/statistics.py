"""The figures of a register, each with the list behind it; on paper and as a workbook the same."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, render_template, request
from flask_babel import gettext as _

from app.platform import documents, lists, sheets
from app.platform.lists import catalogue
from app.platform.records import chains, figures, taking_out
from app.platform.records.chains import Chain
from app.platform.records.figures import Cell, Figures
from app.platform.records.registers import tabs
from app.rooms.inbox.office.blueprint import blueprint
from app.rooms.web.acting import me, now, session
from app.rooms.web.files import disposition
from app.rooms.web.guards import signed_in
from app.rooms.web.language import current, said
from app.rooms.web.lists import question


@blueprint.get("/statistics/<process>")
@signed_in
def statistics(process: str) -> str:
    """Show what the register of a chain comes to, under the filters of the address."""
    chain, listing = _open(process)
    asked = lists.read(listing, session(), me(), request.args)
    found = figures.of(chain, listing, session(), me(), asked, now())
    return render_template(
        "office/statistics.html",
        chain=chain,
        page=SimpleNamespace(list=listing, asked=asked),
        figures=found,
        tabs=tabs(chain),
        list_of=lambda cell: _list_of(chain, cell),
        share_of=taking_out.share_of,
        asked_text=urlencode(asked.address),
        amount=_amount,
    )


@blueprint.post("/statistics/<process>/export")
@signed_in
def export_statistics(process: str) -> Response:
    """Hand out the same figures as a workbook."""
    chain, listing = _open(process)
    asked = lists.read(listing, session(), me(), question())
    found: Figures = figures.of(chain, listing, session(), me(), asked, now())
    content = taking_out.taken(session(), chain, found, asked.typed, current(), me(), now())
    name = documents.document_name(f"{said(chain.name)}_{_('统计')}.xlsx")
    response = Response(content, mimetype=sheets.EXCEL)
    response.headers["Content-Disposition"] = disposition("attachment", name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _open(process: str) -> tuple[Chain, lists.List]:
    """A chain whose register the reader may open, and the register; 404 for any other."""
    chain, listing = chains.get(process), catalogue.get(f"office/{process}")
    if chain is None or listing is None or not chain.is_open_to(me()):
        abort(404)
    return chain, listing


def _list_of(chain: Chain, cell: Cell) -> str:
    """The address of the list that a number counts."""
    return f"/office/lists/{chain.process}" + (f"?{urlencode(cell.asked)}" if cell.asked else "")


def _amount(value: float, decimals: int) -> Any:
    """A sum with thousands set apart."""
    return f"{value:,.{decimals}f}"
