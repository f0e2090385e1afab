"""The blueprint all pages of permits stand on."""

from flask import Blueprint

blueprint = Blueprint("permits", "app.systems.permits", url_prefix="/permits", template_folder="templates")
