"""The blueprint every page of the room hangs on."""

from flask import Blueprint

blueprint = Blueprint("designer", __name__, url_prefix="/designer", template_folder="templates")
