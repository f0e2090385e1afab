"""The pages of delegates that inbox and lists cannot show."""

from app.systems.delegates.pages import mine, recommending, reviewing, slates
from app.systems.delegates.pages.blueprint import blueprint

__all__ = ["blueprint", "mine", "recommending", "reviewing", "slates"]
