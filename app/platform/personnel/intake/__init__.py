"""People and units by the workbook: what a row becomes, what it may not become, and how it is taken back."""

from app.platform.personnel.intake.people import store as store_people
from app.platform.personnel.intake.prepared import prepare
from app.platform.personnel.intake.undoing import count_people, count_units, undo_people, undo_units
from app.platform.personnel.intake.units import store as store_units

__all__ = [
    "count_people",
    "count_units",
    "prepare",
    "store_people",
    "store_units",
    "undo_people",
    "undo_units",
]
