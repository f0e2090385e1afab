"""What this room plugs into the house: an action for diagrams, the comparison for forms, jobs for errands."""

from app.platform.documents import comparing, many, printing


def plug() -> None:
    """Register all of it."""
    printing.plug()
    comparing.plug()
    many.plug()
