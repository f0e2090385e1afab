"""Lists of words that forms offer by their key: seeded with the release, changed by administrators, known by heart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.registry import Acting, Refused, Words
from app.platform.settings.entities import Dictionary, Word
from app.platform.settings.store import on_change, touch

SEEDS = Path(__file__).with_name("dictionaries.json")
KEY = re.compile(r"[a-z][a-z0-9_.]{0,59}", re.ASCII)
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,39}", re.ASCII)
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """A word as an administrator gives it; `position` None puts a new one at the end and leaves an old one."""

    code: str
    zh: str
    en: str = ""
    position: int | None = None


class _Known:
    """What this process has read: per dictionary its words in order, each with whether it is off."""

    words: ClassVar[dict[str, tuple[tuple[str, Words, bool], ...]]] = {}


@on_change
def read(session: Session) -> None:
    """Read all dictionaries, in one statement."""
    found: dict[str, list[tuple[str, Words, bool]]] = {}
    rows = session.execute(
        select(Word.dictionary, Word.code, Word.zh, Word.en, Word.is_off).order_by(
            Word.dictionary, Word.position, Word.code
        )
    )
    for row in rows:
        found.setdefault(row.dictionary, []).append((row.code, Words(row.zh, row.en), row.is_off))
    _Known.words = {key: tuple(words) for key, words in found.items()}


def offered(key: str) -> list[tuple[str, Words]]:
    """The words a form offers; none of a dictionary that is not there."""
    return [(code, words) for code, words, is_off in _Known.words.get(key, ()) if not is_off]


def label(key: str, code: str) -> Words | None:
    """What a code says, offered or not; None for what never was a word."""
    return next((words for each, words, _ in _Known.words.get(key, ()) if each == code), None)


def add(session: Session, key: str, title: Words, by: Acting | str | None, now: datetime) -> None:
    """Make a dictionary. Raises `Refused` for the field `key` or `title_zh`."""
    if not KEY.fullmatch(key):
        raise Refused(
            "字典代码以小写字母开头，只含小写字母、数字、点和下划线，最多60个字符",
            "A key begins with a small letter and has only small letters, digits, dots and underscores (60 at most)",
            "key",
        )
    names = _title(title)
    with transaction(session):
        touch(session)
        if session.scalar(select(Dictionary.key).where(Dictionary.key == key)) is not None:
            raise Refused("该字典代码已存在，请换一个", "There is such a dictionary already", "key")
        session.execute(insert(Dictionary).values(key=key, title_zh=names.zh, title_en=names.en))
        _log(session, "added", by, now, key, None, list(names))


def rename(session: Session, key: str, title: Words, by: Acting | str | None, now: datetime) -> None:
    """Call a dictionary otherwise. Raises `KeyError`, `Refused`."""
    names = _title(title)
    with transaction(session):
        touch(session)
        before = session.execute(
            select(Dictionary.title_zh, Dictionary.title_en).where(Dictionary.key == key)
        ).first()
        if before is None:
            raise KeyError(key)
        session.execute(
            update(Dictionary).where(Dictionary.key == key).values(title_zh=names.zh, title_en=names.en)
        )
        _log(session, "renamed", by, now, key, list(before), list(names))


def put(session: Session, key: str, entries: Iterable[Entry], by: Acting | str | None, now: datetime) -> int:
    """Add words, or change those whose code is there; return how many are new.

    What is off stays off. Raises `KeyError` for a dictionary that is not there, `Refused` for `code`, `zh`, `position`.
    """
    given = [checked(entry) for entry in entries]
    with transaction(session):
        touch(session)  # the row is the lock of all dictionaries
        if session.scalar(select(Dictionary.key).where(Dictionary.key == key)) is None:
            raise KeyError(key)
        there = select(Word.code, Word.zh, Word.en, Word.position).where(Word.dictionary == key)
        before = {row.code: row for row in session.execute(there)}
        last = max((row.position for row in before.values()), default=0)
        was, became, created = {}, {}, 0
        for entry in given:
            old = before.get(entry.code)
            values = {"zh": entry.zh, "en": entry.en}
            if old is None:
                created += 1
                last += 10
                values["position"] = last if entry.position is None else entry.position  # type: ignore[assignment]
                session.execute(insert(Word).values(dictionary=key, code=entry.code, is_off=False, **values))
            else:
                values["position"] = old.position if entry.position is None else entry.position  # type: ignore[assignment]
                if (old.zh, old.en, old.position) == tuple(values.values()):
                    continue
                was[entry.code] = [old.zh, old.en, old.position]
                session.execute(
                    update(Word).where(Word.dictionary == key, Word.code == entry.code).values(**values)
                )
            became[entry.code] = list(values.values())
        if became:
            _log(session, "words", by, now, key, was, became)
    return created


def turn(session: Session, key: str, code: str, is_off: bool, by: Acting | str | None, now: datetime) -> None:
    """Offer a word no more, or again; answers that hold it still say it. Raises `KeyError`."""
    with transaction(session):
        touch(session)
        before = session.scalar(select(Word.is_off).where(Word.dictionary == key, Word.code == code))
        if before is None:
            raise KeyError(code)
        if before != is_off:
            session.execute(
                update(Word).where(Word.dictionary == key, Word.code == code).values(is_off=is_off)
            )
            _log(session, "turned", by, now, key, {code: not before}, {code: not is_off})


def seed(session: Session, now: datetime, seeds: dict[str, Any] | None = None) -> int:
    """Enter the dictionaries of the release that are not there, and words they lack; return how many words are new.

    What an administrator has changed stays as it is.
    """
    wanted = json.loads(SEEDS.read_bytes()) if seeds is None else seeds
    keys = set(session.scalars(select(Dictionary.key)))
    codes = set(session.execute(select(Word.dictionary, Word.code)))
    words = [
        {"dictionary": key, "code": code, "zh": zh, "en": en, "position": 10 * place, "is_off": False}
        for key, one in wanted.items()
        for place, (code, zh, en) in enumerate(one["words"], 1)
        if (key, code) not in codes
    ]
    new = [
        {"key": key, "title_zh": one["title"][0], "title_en": one["title"][1], "is_seeded": True}
        for key, one in wanted.items()
        if key not in keys
    ]
    if not words and not new:
        session.rollback()
        return 0
    with transaction(session):
        touch(session)
        if new:
            session.execute(insert(Dictionary), new)
        if words:
            session.execute(insert(Word), words)
        audit.log(session, "settings", "dictionary.seeded", None, now, {"words": len(words)})
    return len(words)


def get(session: Session, key: str) -> Dictionary | None:
    """A dictionary by its key."""
    return session.get(Dictionary, key)


def word(session: Session, key: str, code: str) -> Word | None:
    """A word by its dictionary and code."""
    return session.get(Word, (key, code))


def is_there(session: Session, key: str) -> bool:
    """Whether there is such a dictionary."""
    return session.get(Dictionary, key) is not None


def tally(session: Session, key: str) -> tuple[int, int]:
    """How many words a dictionary offers, and how many are off."""
    rows = session.execute(
        select(Word.is_off, func.count()).where(Word.dictionary == key).group_by(Word.is_off)
    )
    found = {row[0]: row[1] for row in rows}
    return found.get(False, 0), found.get(True, 0)


def _title(title: Words) -> Words:
    zh, en = title.zh.strip(), title.en.strip()
    if not 0 < len(zh) <= LONGEST:
        raise Refused("请填写名称，最多100个字", "Please give a name of at most 100 characters", "title_zh")
    if len(en) > LONGEST:
        raise Refused("英文名称最多100个字符", "The English name has at most 100 characters", "title_en")
    return Words(zh, en)


def checked(entry: Entry) -> Entry:
    """A word as it is kept. Raises `Refused` for `code`, `zh`, `en` or `position`."""
    code, zh, en = entry.code.strip(), entry.zh.strip(), entry.en.strip()
    if not CODE.fullmatch(code):
        raise Refused(
            "代码以字母或数字开头，只含字母、数字、点、下划线和短横线，最多40个字符",
            "A code begins with a letter or digit and has only those, dots, underscores and hyphens (40 at most)",
            "code",
        )
    if not 0 < len(zh) <= LONGEST or len(en) > LONGEST:
        raise Refused(
            "请填写中文词条；中英文各最多100个字",
            "Please give the Chinese word; each has at most 100 characters",
            "en" if len(en) > LONGEST else "zh",
        )
    if entry.position is not None and not 0 <= entry.position <= 1_000_000:
        raise Refused("序号为0至1000000之间的整数", "The order is a whole number up to 1000000", "position")
    return Entry(code, zh, en, entry.position)


def _log(
    session: Session,
    what: str,
    by: Acting | str | None,
    now: datetime,
    key: str,
    before: Any,
    after: Any,
) -> None:
    body = {"dictionary": key, "before": before, "after": after}
    audit.log(session, "settings", f"dictionary.{what}", by, now, body, f"dictionary:{key}")
