"""The lists of dictionaries and of their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.identity import roles
from app.platform.lists import Chip, Column, Filter, Link, Linked, List, Rows, Verb, contains
from app.platform.registry import Acting, Words
from app.platform.settings.entities import Dictionary, Word
from app.rooms.admin import sections

ON, OFF = Words("启用", "Offered"), Words("停用", "Off")
SEEDED, OWN = Words("系统自带", "Seeded"), Words("自建", "Made here")


def _dictionaries(session: Session, acting: Acting, now: datetime) -> Rows:
    words = select(func.count()).where(Word.dictionary == Dictionary.key).scalar_subquery()
    off = select(func.count()).where(Word.dictionary == Dictionary.key, Word.is_off).scalar_subquery()
    return select(
        Dictionary.key,
        Dictionary.title_zh,
        Dictionary.title_en,
        Dictionary.is_seeded,
        words.label("words"),
        off.label("off"),
    )


def _words(session: Session, acting: Acting, now: datetime) -> Rows:
    return select(
        (Word.dictionary + "/" + Word.code).label("id"),
        Word.dictionary,
        Word.code,
        Word.zh,
        Word.en,
        Word.position,
        Word.is_off,
        Dictionary.title_zh,
        Dictionary.title_en,
    ).join(Dictionary, Dictionary.key == Word.dictionary)


def _known(session: Session, acting: Acting) -> Sequence[tuple[str, Words]]:
    rows = session.execute(
        select(Dictionary.key, Dictionary.title_zh, Dictionary.title_en).order_by(Dictionary.key)
    )
    return [(row.key, Words(row.title_zh, row.title_en)) for row in rows]


def _verbs(row: Mapping[str, Any], acting: Acting) -> tuple[Verb, ...]:
    path = f"/admin/dictionaries/{row['dictionary']}/words/{row['code']}"
    if row["is_off"]:
        turn = Verb(Words("启用", "Offer again"), f"{path}/off?to=on", posts=True)
    else:
        sure = Words(
            "停用后表单不再提供该词条；已填写的内容照常显示。确定停用？",
            "Forms offer it no more; what was answered still shows it. Switch it off?",
        )
        turn = Verb(Words("停用", "Switch off"), f"{path}/off", posts=True, tone="danger", confirm=sure)
    return (Verb(Words("编辑", "Edit"), path), turn)


DICTIONARIES = List(
    key="dictionaries",
    title=Words("数据字典", "Dictionaries"),
    columns=(
        Column(
            "title",
            Words("字典", "Dictionary"),
            value=lambda row: Words(row["title_zh"], row["title_en"]),
            card="title",
            fixed=True,
        ),
        Column("key", Words("代码", "Key"), sort=Dictionary.key, card="named"),
        Column(
            "words",
            Words("词条", "Words"),
            value=lambda row: Linked(row["words"], f"/admin/lists/words?dictionary={row['key']}"),
            kind="number",
            card="named",
        ),
        Column("off", Words("已停用", "Off"), kind="number", card="named"),
        Column(
            "is_seeded",
            Words("来源", "Source"),
            value=lambda row: Chip(SEEDED, "info") if row["is_seeded"] else Chip(OWN),
            card="mark",
        ),
    ),
    query=_dictionaries,
    order=(Dictionary.key,),
    filters=(
        Filter(
            "q",
            Words("名称或代码", "Name or key"),
            "text",
            lambda text, now: contains(text, Dictionary.title_zh, Dictionary.title_en, Dictionary.key),
        ),
    ),
    permission=roles.SETTINGS,
    row="key",
    link=lambda row: Link("page", f"/admin/dictionaries/{row['key']}", Words("管理", "Manage")),
    tabs=sections.tabs_of("settings"),
    empty=Words("还没有字典。", "No dictionaries yet."),
)
WORDS = List(
    key="words",
    title=Words("字典词条", "Words"),
    columns=(
        Column(
            "dictionary",
            Words("字典", "Dictionary"),
            value=lambda row: Linked(
                Words(row["title_zh"], row["title_en"]), f"/admin/dictionaries/{row['dictionary']}"
            ),
            card="named",
        ),
        Column("position", Words("排序", "Order"), kind="number", sort=Word.position, card="none"),
        Column("code", Words("代码", "Code"), sort=Word.code, card="named"),
        Column("zh", Words("中文", "Chinese"), card="title", fixed=True),
        Column("en", Words("英文", "English")),
        Column(
            "is_off",
            Words("状态", "State"),
            value=lambda row: Chip(OFF) if row["is_off"] else Chip(ON, "good"),
            card="mark",
        ),
    ),
    query=_words,
    numbered=False,
    order=(Word.dictionary, Word.position, Word.code),
    filters=(
        Filter(
            "dictionary",
            Words("字典", "Dictionary"),
            "choice",
            lambda code, now: Word.dictionary == code,
            _known,
        ),
        Filter(
            "q",
            Words("词条或代码", "Word or code"),
            "text",
            lambda text, now: contains(text, Word.zh, Word.en, Word.code),
        ),
        Filter(
            "state",
            Words("状态", "State"),
            "choice",
            lambda code, now: Word.is_off.is_(code == "off"),
            lambda session, acting: (("on", ON), ("off", OFF)),
        ),
    ),
    permission=roles.SETTINGS,
    row="id",
    verbs=_verbs,
    tabs=sections.tabs_of("settings"),
    empty=Words("没有词条。", "No words."),
)
LISTS = (DICTIONARIES, WORDS)
