"""The inbox: what waits for a person, what he has started and done, and the page of one task."""

from app.rooms.inbox.pages import blueprint, files

__all__ = ["blueprint", "files"]
