"""The workbook of words: many entries of dictionaries at once."""

from __future__ import annotations

from collections.abc import Sequence

from app.platform.identity import roles
from app.platform.registry import Refused, Words
from app.platform.settings import dictionaries
from app.platform.settings.dictionaries import Entry
from app.platform.sheets import Bad, Column, Intake, Row, Sheet, Stored

UNKNOWN = Words("没有该字典，请先建立", "There is no such dictionary; make it first")


def _store(intake: Intake, rows: Sequence[Row]) -> Stored:
    """Enter the words of a chunk, dictionary by dictionary; a code that is there gets the new words."""
    bad: list[Bad] = []
    wanted: dict[str, list[Entry]] = {}
    for row in rows:
        of = row.values
        place = of["position"]
        entry = Entry(
            str(of["code"]), str(of["zh"]), str(of["en"] or ""), None if place is None else int(place)
        )
        try:
            dictionaries.checked(entry)
        except Refused as no:
            bad.append(Bad(row.number, no.field, no.words))
            continue
        if not dictionaries.is_there(intake.session, str(of["dictionary"])):
            bad.append(Bad(row.number, "dictionary", UNKNOWN))
            continue
        wanted.setdefault(str(of["dictionary"]), []).append(entry)
    created = sum(
        dictionaries.put(intake.session, key, entries, intake.by, intake.now)
        for key, entries in wanted.items()
    )
    return Stored(bad, created)


WORDS = Sheet(
    key="words",
    title=Words("字典词条导入", "Import of words"),
    columns=(
        Column("dictionary", Words("字典代码", "Dictionary"), required=True, longest=60, example="education"),
        Column("code", Words("代码", "Code"), required=True, longest=40, example="21"),
        Column("zh", Words("中文", "Chinese"), required=True, example="大学本科"),
        Column("en", Words("英文", "English"), example="Bachelor's degree"),
        Column(
            "position", Words("序号", "Order"), "integer", settings={"min": 0, "max": 1_000_000}, example="30"
        ),
    ),
    permission=roles.SETTINGS,
    same=("dictionary", "code"),
    store=_store,
    note=Words(
        "已有的代码更新词条，没有的新增；停用的词条不会因导入而启用。序号不填时排在最后。",
        "A code that is there gets the new words, others are added; what is off stays off. No order: last.",
    ),
)
SHEETS = (WORDS,)
