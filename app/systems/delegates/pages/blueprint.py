"""The blueprint all pages of delegates stand on."""

from flask import Blueprint

blueprint = Blueprint(
    "delegates", "app.systems.delegates", url_prefix="/delegates", template_folder="templates"
)
