"""The blueprint that every page of the office stands on."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("office", __name__, url_prefix="/office", template_folder="../templates")
