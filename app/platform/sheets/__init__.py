"""Excel in and out that loses nothing: templates, imports with their records, and the writer of every workbook."""

from app.platform.sheets.writing import EXCEL, Title, Workbook, write

__all__ = ["EXCEL", "Title", "Workbook", "write"]
