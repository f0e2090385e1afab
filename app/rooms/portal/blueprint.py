"""The blueprint that the portal's pages are hung on."""

from flask import Blueprint

blueprint = Blueprint("portal", __name__, template_folder="templates")
