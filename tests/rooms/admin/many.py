"""The regions of the whole country, as many as there are, for what is measured."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from app.platform.identity import regions
from app.platform.identity.published import RegionRow

NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)


def load_regions(session: Session) -> list[str]:
    """Load 31 provinces, 340 cities and 3,100 districts; return the districts' paths."""
    rows, districts = [], []
    for province in range(11, 42):
        code = f"{province}0000"
        rows.append(RegionRow(code, f"省{province}", f"省{province}", "province", None, f"{code}/"))
        for city in range(1, 12):
            name, key = f"{'邯郸' if (province, city) == (13, 4) else '市'}{city}", f"{province}{city:02}00"
            path = f"{code}/{key}/"
            rows.append(RegionRow(key, name, f"省{province}{name}", "city", code, path))
            for district in range(1, 10):
                own = f"{province}{city:02}{district:02}"
                title = f"区{district}"
                rows.append(
                    RegionRow(own, title, f"省{province}{name}{title}", "district", key, f"{path}{own}/")
                )
                districts.append(f"{path}{own}/")
    regions.load(session, rows, NOW)
    return districts
