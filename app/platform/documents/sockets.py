"""What this room plugs into the house: an action for diagrams, the comparison for forms, jobs for errands."""

from app.platform.documents import batch, bundling, comparing, correction_letters, printing, zipping
from app.platform.registry import house


def plug() -> None:
    """Register all of it."""
    printing.plug()
    comparing.plug()
    house.job(zipping.KIND)(zipping.run)
    batch.plug()
    bundling.plug()
    correction_letters.plug()
