"""A draft that has been published is no dead end: its old address leads to its process."""

from __future__ import annotations

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _

from app.platform.design import drafts, publications
from app.platform.runtime.errors import Unknown
from app.rooms.web.acting import session


def draft_of_page(draft: str) -> drafts.DraftFacts:
    """The open draft a page is about; one published meanwhile leads on. Raises `Unknown` for any other."""
    try:
        return drafts.get(session(), draft)
    except Unknown:
        process = publications.became(session(), draft)
        if process is None:
            raise
    flash(_("这份草稿已经发布。需要再改时，请点“修改”。"), "success")
    abort(redirect(url_for("designer.process", process=process), 303))
