"""Numbers of documents: a series, the year in China, a serial. Unique and rising, not free of gaps."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.documents.entities import Serial

_CHINA = ZoneInfo("Asia/Shanghai")
_SERIES = re.compile(r"[A-Z]{1,8}")
_serial = Serial.__table__


def next_number(session: Session, series: str, now: datetime) -> str:
    """Take the next number of `series` (1–8 capital letters) this year, such as `SQ2026-000123`."""
    if not _SERIES.fullmatch(series):
        raise ValueError(f"a series is 1 to 8 capital letters: {series!r}")
    year = now.astimezone(_CHINA).year
    with transaction(session):
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        last = session.scalar(
            insert(Serial)
            .values(series=series, year=year, last=1)
            .on_conflict_do_update(index_elements=["series", "year"], set_={"last": _serial.c.last + 1})
            .returning(_serial.c.last)
        )
    return f"{series}{year}-{last:06d}"
