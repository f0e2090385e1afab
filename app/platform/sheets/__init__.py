"""Excel in and out that loses nothing: templates, imports with their records, and the writer of every workbook."""

from app.platform.registry import house
from app.platform.sheets import importing, template
from app.platform.sheets.catalogue import find
from app.platform.sheets.commas import CSV, write_csv
from app.platform.sheets.definition import Bad, Column, Intake, Row, Sheet, Stored
from app.platform.sheets.importing import Upload, begin, look
from app.platform.sheets.refusing import SheetRefused
from app.platform.sheets.undoing import undo
from app.platform.sheets.writing import EXCEL, Title, Workbook, write

__all__ = [
    "CSV",
    "EXCEL",
    "Bad",
    "Column",
    "Intake",
    "Row",
    "Sheet",
    "SheetRefused",
    "Stored",
    "Title",
    "Upload",
    "Workbook",
    "begin",
    "find",
    "look",
    "plug",
    "template",
    "undo",
    "write",
    "write_csv",
]


def plug() -> None:
    """Register the errand of imports."""
    house.job(importing.KIND)(importing.run)
