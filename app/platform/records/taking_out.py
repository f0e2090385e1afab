"""The figures of a register as a workbook, table by table as on the page; that it was taken is written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy.orm import Session

from app.platform import audit, sheets
from app.platform.data import transaction
from app.platform.records.chains import Chain
from app.platform.records.figures import Figures
from app.platform.registry import Acting, Words

COUNT, SHARE = Words("件数", "Count"), Words("占比（%）", "Share (%)")
ENDED = Words("已办结", "Ended")
MEDIAN = Words("用时中位数（工作日，含首尾日）", "Median working days, first and last counted")
P90 = Words("九成办结用时（工作日，含首尾日）", "90% within, working days, first and last counted")
MONTH, MONTHS = Words("发起月份", "Month"), Words("按月份", "By month")
AMOUNTS, FIELD = Words("数值合计", "Sums"), Words("项目", "Field")
WHOLE, RUNNING = Words("全部", "All"), Words("办理中", "Running")
SUMS = (COUNT, Words("合计", "Sum"), Words("平均", "Mean"), Words("最小", "Least"), Words("最大", "Most"))
SUMMARY = Words("概况", "Summary")
DEEPER = "　"

Cells = Sequence[Any]


def taken(
    session: Session,
    chain: Chain,
    figures: Figures,
    asked: Mapping[str, str],
    language: str,
    by: Acting,
    now: datetime,
) -> bytes:
    """The workbook (xlsx); that it was taken is written down. `asked`: the question, of which the names are kept."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "figures.xlsx"
        with sheets.Workbook(path) as book:
            for name, titles, rows in _parts(figures):
                sheet = book.sheet(name.said(language)[:31], [each.said(language) for each in titles])
                sheet.append_all([_said(cell, language) for cell in row] for row in rows)
        content = path.read_bytes()
    with transaction(session):
        body = {"process": chain.process, "version": chain.version, "filters": sorted(asked)}
        audit.log(session, "lists", "figures.exported", by, now, body)
    return content


def _parts(figures: Figures) -> Iterator[tuple[Words, Sequence[Words], Sequence[Cells]]]:
    whole = (figures.whole.count, figures.running.count, figures.ended, figures.median, figures.p90)
    yield SUMMARY, (WHOLE, RUNNING, ENDED, MEDIAN, P90), [whole]
    for table in figures.tables:
        lines = [
            (_deeper(line.words, line.depth), line.cell.count, share_of(line.cell.count, figures.whole.count))
            for line in table.lines
        ]
        yield table.title, (table.about, COUNT, SHARE), lines
    months = [(one.words, one.cell.count, one.ended, one.median, one.p90) for one in figures.months]
    yield MONTHS, (MONTH, COUNT, ENDED, MEDIAN, P90), months
    if figures.amounts:
        amounts = [
            (one.field.title, one.cell.count, one.total, one.mean, one.least, one.most)
            for one in figures.amounts
        ]
        yield AMOUNTS, (FIELD, *SUMS), amounts


def share_of(count: int, whole: int) -> float:
    """Per cent with one decimal; nothing of nothing."""
    return round(100 * count / whole, 1) if whole else 0.0


def _deeper(words: Words, depth: int) -> Words:
    return Words(DEEPER * depth + words.zh, DEEPER * depth + words.en)


def _said(cell: Any, language: str) -> Any:
    return cell.said(language) if isinstance(cell, Words) else cell
