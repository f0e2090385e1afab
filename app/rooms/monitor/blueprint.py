"""The blueprint every page of the room hangs on."""

from flask import Blueprint

outside = Blueprint("metrics", __name__)
"""What stands at the root, for machines."""
blueprint = Blueprint("monitor", __name__, url_prefix="/monitor", template_folder="templates")
