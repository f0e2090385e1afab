"""The hash-chained record of who did what: the chaining itself, and rows for what belongs to no instance."""

from app.platform.audit.journal import Entry, erase, heads, latest, log, read
from app.platform.audit.reading import bodies
from app.platform.audit.verifying import BadRow, Head, verify

__all__ = ["BadRow", "Entry", "Head", "bodies", "erase", "heads", "latest", "log", "read", "verify"]
