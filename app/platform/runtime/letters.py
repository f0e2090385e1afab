"""What people are told of a verb: read off the history it has just written, in one place for all verbs.

A task that goes to a role is told to nobody: it stands in the inbox and at the badge of whoever holds the role. And
nobody is told of what he has done himself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from app.platform import notices
from app.platform.notices import Letter
from app.platform.registry import Words
from app.platform.runtime.history import Happening
from app.platform.runtime.notice_kinds import ARRIVED, COPIED, ENDED, RETURNED

if TYPE_CHECKING:
    from app.platform.runtime.seating import Seating
    from app.platform.runtime.stepping import Held

LONGEST = 300  # characters of an opinion that a notice repeats; the page has it all
MOST = 200
OWN_WORDS = (RETURNED, ENDED)
"""Where the process itself has told a person in the same verb, with words of its own, these are not said again."""

_GATHERED = "runtime.letters"
_HANDED = {  # how a task comes into a person's hands: what its history row is called → the sentence
    "transferred": Words(
        "{by}将“{title}”的“{step}”转给您办理。", "{by} has handed you “{step}” of “{title}”."
    ),
    "delegated": Words(
        "{by}请您对“{title}”的“{step}”提出意见。", "{by} asks for your advice on “{step}” of “{title}”."
    ),
    "advised": Words(
        "{by}已对“{title}”的“{step}”提出意见，请您继续办理。",
        "{by} has given the advice you asked for on “{step}” of “{title}”; please go on.",
    ),
    "added": Words("{by}请您签署“{title}”的“{step}”。", "{by} asks you to sign “{step}” of “{title}”."),
}
_YOURS = Words("“{title}”的“{step}”由您办理。", "“{step}” of “{title}” is yours to do.")
_TURN = Words("轮到您签署“{title}”的“{step}”。", "It is your turn to sign “{step}” of “{title}”.")
_ITEMS = Words(
    "需修改{count}项，详见一次性告知书。", " {count} items are to be put right, as the letter with it says."
)
_BACK = Words(
    "“{title}”被退回，请在“{step}”修改后重新提交。", "“{title}” was sent back; please correct it at “{step}”."
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A task that has come into one person's hands: his by name, or at a seat of his that is on turn."""

    person: str
    task: str
    step: Words
    is_seat: bool = False
    is_returned: bool = False


def arrive(held: Held, row: Mapping[str, Any], people: Sequence[str], *, is_seat: bool = False) -> None:
    """Note that a task (its row) is now in these persons' hands; told when the verb is written."""
    step = Words(row["name_zh"], row["name_en"])
    is_returned = bool(row["is_returned"]) and not is_seat
    held.arrived += [Arrival(person, row["id"], step, is_seat, is_returned) for person in people if person]


def hand(held: Held, rows: Sequence[Mapping[str, Any]], seated: Seating) -> None:
    """Note into whose hands tasks come that open for a person, or with seats."""
    left = {row["id"] for row in seated.nobody} | {row["id"] for row, _outcome in seated.skipped}
    sitting = {signers.task: signers for signers in seated.benches}
    for row in rows:
        if row["id"] in sitting:
            turn = [seat.person_id for seat in sitting[row["id"]].left if seat.state == "open"]
            arrive(held, row, turn, is_seat=True)
        elif row["assignee_id"] is not None and row["id"] not in left:
            arrive(held, row, [row["assignee_id"]])


def of(held: Held) -> list[Letter]:
    """What is to be told of what stands in the verb's pen, before it is put away."""
    happened = held.pen.happened
    found = [*_arrivals(held, happened), *_ends(held, happened), *_copies(held, happened)]
    held.arrived = []
    return found


def post(held: Held, letters: Sequence[Letter]) -> None:
    """Send letters, or let them wait for those of the other verbs they are gathered with."""
    left = [letter for letter in letters if not _is_told(held, letter)]
    waiting = held.session.info.get(_GATHERED)
    if waiting is not None:
        waiting += left
    elif left:
        notices.post(held.session, left, held.now)


@contextmanager
def gathered(session: Session, now: datetime) -> Iterator[None]:
    """Send what the verbs inside tell people together at the end, in as many statements as that of one verb."""
    session.info[_GATHERED] = waiting = list[Letter]()
    try:
        yield
    finally:
        session.info.pop(_GATHERED, None)
    notices.post(session, waiting, now)


def _is_told(held: Held, letter: Letter) -> bool:
    return letter.kind in OWN_WORDS and notices.has_heard(held.session, letter.to[0], held.id)


def _arrivals(held: Held, happened: Sequence[Happening]) -> Iterator[Letter]:
    gone = {each.task for each in happened if each.kind in ("closed", "decided", "returned")}
    back = next((each for each in reversed(happened) if each.kind in ("decided", "returned")), None)
    told: set[tuple[str, str]] = set()
    for each in held.arrived:
        if each.person in ("", held.by.person) or each.task in gone or (each.person, each.task) in told:
            continue
        told.add((each.person, each.task))
        if each.is_returned and back is not None:
            title = Words(f"退回：{held.title}", f"Sent back: {held.title}")
            count = len((back.body or {}).get("items") or ())
            more = Words(*(said.format(count=count) for said in _ITEMS)) if count else Words("", "")
            words = Words(_BACK.zh + more.zh, _BACK.en + more.en)
            yield _letter(held, each, RETURNED, title, words, back.body)
            continue
        title = Words(f"待办：{held.title}", f"To do: {held.title}")
        how = _how(each, happened)
        words = _HANDED[how.kind] if how is not None else _TURN if each.is_seat else _YOURS
        yield _letter(held, each, ARRIVED, title, words, how.body if how is not None else None)


def _how(arrival: Arrival, happened: Sequence[Happening]) -> Happening | None:
    """What has handed a task to this person, where somebody did it by name."""
    for each in reversed(happened):
        if each.task != arrival.task or each.kind not in _HANDED:
            continue
        named = [to["person"] for to in (each.body or {}).get("to", ())]
        if each.kind == "advised" or arrival.person in named:
            return each
    return None


def _letter(
    held: Held, about: Arrival, kind: str, title: Words, words: Words, said: Mapping[str, Any] | None
) -> Letter:
    body = said or {}
    by = _by(held, body)
    text = Words(
        words.zh.format(by=by, title=held.title, step=about.step.zh) + _opinion(body).zh,
        words.en.format(by=by, title=held.title, step=about.step.en) + _opinion(body).en,
    )
    return Letter((about.person,), title, text, kind, held.id, about.task)


def _by(held: Held, body: Mapping[str, Any]) -> str:
    name = str(body.get("name") or held.by.name)
    return f"{name}（代{body['for_name']}）" if body.get("for_name") else name


def _opinion(body: Mapping[str, Any]) -> Words:
    """What somebody has written to it, as the last part of a text; nothing where he has not."""
    comment = " ".join(str(body.get("comment") or "").split())
    if not comment:
        return Words("", "")
    short = comment if len(comment) <= LONGEST else f"{comment[: LONGEST - 1]}…"
    name = body.get("name")
    return Words(f"{name}的意见：{short}" if name else f"意见：{short}", f" {name or 'Opinion'}: {short}")


def _ends(held: Held, happened: Sequence[Happening]) -> Iterator[Letter]:
    """That the starter's matter is over, with what has come of it."""
    over = next((each for each in happened if each.kind in ("ended", "cancelled")), None)
    if over is None or held.row.starter_id in ("", held.by.person):  # "": the house began it by itself
        return
    title = held.title
    if over.kind == "cancelled":
        body = over.body or {}
        yield Letter(
            (held.row.starter_id,),
            Words(f"撤销：{title}", f"Cancelled: {title}"),
            Words(
                f"“{title}”已被{_by(held, body)}撤销。{_opinion(body).zh}",
                f"“{title}” was cancelled by {_by(held, body)}.{_opinion(body).en}",
            ),
            ENDED,
            held.id,
        )
        return
    last = next((each.body for each in reversed(happened) if each.kind == "decided"), None) or {}
    result = held.stage or (Words(last["zh"], last["en"]) if "zh" in last else None)
    zh, en = (f"：{result.zh}", f": {result.en}") if result else ("", "")
    yield Letter(
        (held.row.starter_id,),
        Words(f"办结：{title}", f"Ended: {title}"),
        Words(f"“{title}”已办结{zh}。{_opinion(last).zh}", f"“{title}” has ended{en}.{_opinion(last).en}"),
        ENDED,
        held.id,
    )


def _copies(held: Held, happened: Sequence[Happening]) -> Iterator[Letter]:
    """That an instance is there to be read; once for each person and task."""
    title = held.title
    for each in happened:
        if each.kind != "copied":
            continue
        body = each.body or {}
        people = [to["person"] for to in body.get("to", ()) if to["person"] != held.by.person]
        yield Letter(
            tuple(people[:MOST]),
            Words(f"抄送：{title}", f"Copied to you: {title}"),
            Words(
                f"{_by(held, body)}将“{title}”抄送给您阅知。{_opinion(body).zh}",
                f"{_by(held, body)} has copied “{title}” to you.{_opinion(body).en}",
            ),
            COPIED,
            held.id,
            key=f"copied:{each.task}",
        )
