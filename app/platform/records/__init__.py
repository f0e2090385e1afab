"""The generic record: what the free forms of a chain without tables of its own say now, in lists and figures."""

from app.platform.records import chains, keeping
from app.platform.records.chains import OFFICE, Chain
from app.platform.records.entities import Value
from app.platform.registry import house

__all__ = ["OFFICE", "Chain", "Value", "chains", "plug"]


def plug() -> None:
    """Have entries of free forms recorded in the verb that keeps them."""
    house.job(keeping.KIND)(keeping.keep)
