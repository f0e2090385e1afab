"""Runs the benchmarks (`python -m tests.bench [prefix]`), prints the table, keeps it in `bench/results.json`."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tests import bench
from tests.bench.harness import Row
from tests.platform.jobs import databases

RESULTS = Path(__file__).resolve().parents[2] / "bench" / "results.json"
BESIDE = {"__main__", "harness"}
COLUMNS = ("name", "value", "unit", "floor", "ratio", "limit", "holds")


def collect() -> dict[str, Callable[[], Row]]:
    """Every row there is, by name; a name given twice is a mistake."""
    rows: dict[str, Callable[[], Row]] = {}
    for found in pkgutil.iter_modules(bench.__path__):
        if found.name in BESIDE or found.name.startswith("test_"):
            continue
        for name, measure in getattr(
            importlib.import_module(f"tests.bench.{found.name}"), "ROWS", {}
        ).items():
            if name in rows:
                raise ValueError(f"{name} is measured twice")
            rows[name] = measure
    return rows


def kept(path: Path = RESULTS) -> dict[str, Row]:
    """What earlier runs found, by name."""
    return {row["name"]: row for row in json.loads(path.read_text())} if path.exists() else {}


def save(rows: Mapping[str, Row], path: Path = RESULTS) -> None:
    """Write all rows, sorted by name."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([rows[name] for name in sorted(rows)], indent=1, ensure_ascii=False) + "\n")


def cell(value: object) -> str:
    """One cell of the table."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return str(value)


def table(rows: Iterable[Row]) -> str:
    """The rows as text in columns."""
    cells = [COLUMNS, *(tuple(cell(row.get(column)) for column in COLUMNS) for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(
            text.ljust(width) if place in (0, 2) else text.rjust(width)
            for place, (text, width) in enumerate(pairs)
        )
        for pairs in (list(zip(line, widths, strict=True)) for line in cells)
    )


def run(asked: Mapping[str, Callable[[], Row]]) -> list[Row]:
    """Measure one after the other; each is told on the error channel as it begins."""
    rows = []
    for name, measure in sorted(asked.items()):
        print(f"… {name}", file=sys.stderr, flush=True)
        rows.append(Row(**{**measure(), "name": name}))
    return rows


def main(arguments: list[str]) -> int:
    """Run what begins with one of `arguments` (all, without any); 1 if a limit does not hold."""
    every = collect()
    asked = {
        name: measure for name, measure in every.items() if not arguments or name.startswith(tuple(arguments))
    }
    if not asked:
        print(f"no benchmark begins with {' or '.join(arguments) or 'anything'}", file=sys.stderr)
        return 2
    rows = run(asked)
    before = {name: row for name, row in kept().items() if name in every}
    save({**before, **{row["name"]: row for row in rows}})
    print(table(rows))
    return 0 if all(row["holds"] for row in rows) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    finally:
        databases.close()
