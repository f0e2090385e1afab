"""The pages of delegates that inbox and lists cannot show."""

from app.systems.delegates.pages import congresses, invited, quotas, shells
from app.systems.delegates.pages.blueprint import blueprint

__all__ = ["blueprint", "congresses", "invited", "quotas", "shells"]
