"""Personal phrases (常用意见): sentences a person often gives as his opinion, kept on the server, in his order."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.platform.data import new_id, transaction
from app.platform.forms import Wrong
from app.platform.forms.typed import tidy
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Phrase
from app.platform.runtime.errors import RuntimeRefusal, Unknown

MOST, LONGEST = 20, 200


@dataclass(frozen=True, slots=True)
class Said:
    """One phrase."""

    id: str
    text: str


class BadPhrase(RuntimeRefusal):
    """A phrase that cannot be kept: empty, too long, one too many, or one there is already; `words` say which."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.zh)
        self.words = words


def of(session: Session, person: str) -> list[Said]:
    """The person's phrases in his order. One statement."""
    rows = session.execute(
        select(Phrase.id, Phrase.text).where(Phrase.person_id == person).order_by(Phrase.position, Phrase.id)
    )
    return [Said(row.id, row.text) for row in rows]


def add(session: Session, text: str, by: Acting) -> None:
    """Keep one more phrase, at the end. Raises `BadPhrase`."""
    with transaction(session):
        kept = of(session, by.person)
        wanted = _tidy(text, kept)
        if len(kept) >= MOST:
            raise BadPhrase(Words(f"最多保存 {MOST} 条常用意见", f"At most {MOST} phrases"))
        last = session.scalar(select(func.max(Phrase.position)).where(Phrase.person_id == by.person)) or 0
        row = {"id": new_id(), "person_id": by.person, "text": wanted, "position": last + 1}
        session.execute(insert(Phrase), row)


def change(session: Session, phrase: str, text: str, by: Acting) -> None:
    """Write one of one's phrases anew. Raises `Unknown` for another's, `BadPhrase`."""
    with transaction(session):
        others = [one for one in _mine(session, phrase, by) if one.id != phrase]
        session.execute(update(Phrase).where(Phrase.id == phrase).values(text=_tidy(text, others)))


def move_up(session: Session, phrase: str, by: Acting) -> None:
    """Let one of one's phrases change places with the one before it; the first stays. Raises `Unknown`."""
    with transaction(session):
        order = [one.id for one in _mine(session, phrase, by)]
        at = order.index(phrase)
        if at:
            order[at - 1], order[at] = order[at], order[at - 1]
        for position, one in enumerate(order, 1):
            session.execute(update(Phrase).where(Phrase.id == one).values(position=position))


def remove(session: Session, phrase: str, by: Acting) -> None:
    """Forget one of one's phrases. Raises `Unknown` for another's."""
    with transaction(session):
        _mine(session, phrase, by)
        session.execute(delete(Phrase).where(Phrase.id == phrase, Phrase.person_id == by.person))


def _mine(session: Session, phrase: str, by: Acting) -> list[Said]:
    kept = of(session, by.person)
    if all(one.id != phrase for one in kept):
        raise Unknown(phrase)
    return kept


def _tidy(text: str, others: list[Said]) -> str:
    try:
        wanted = tidy(text, lines=True).strip()
    except Wrong as wrong:
        raise BadPhrase(Words("含有无法保存的字符", "It holds characters that cannot be kept")) from wrong
    if not wanted:
        raise BadPhrase(Words("请填写常用意见", "Write the phrase"))
    if len(wanted) > LONGEST:
        raise BadPhrase(
            Words(f"不能超过 {LONGEST} 字，现在是 {len(wanted)} 字", f"At most {LONGEST} characters")
        )
    if any(one.text == wanted for one in others):
        raise BadPhrase(Words("已有相同的常用意见", "You have this phrase already"))
    return wanted
