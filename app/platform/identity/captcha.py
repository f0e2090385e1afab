"""The question that a program finds harder than a person: asked once, answered once, kept on the server."""

import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.identity.entities import Captcha
from app.platform.registry import Words

LIFETIME = timedelta(minutes=5)
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 4
_PROOF = 24  # characters: no picture and no question asks for as many
_NUMBERS_ZH = "零一二三四五六七八九"
_NUMBERS_EN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class Challenge:
    """A question put to a visitor. `nonce` goes into the page; `answer` only into the picture."""

    nonce: str
    answer: str
    words: Words | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page sends back."""

    nonce: str
    text: str


def new(session: Session, now: datetime, fixed_answer: str | None = None) -> Challenge:
    """Ask for the letters of a picture. `fixed_answer` is for demonstrations and tests."""
    answer = fixed_answer or "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return _keep(session, answer, None, now)


def question(session: Session, now: datetime, fixed_answer: str | None = None) -> Challenge:
    """Ask in words, for who does not see the picture (C-02): “三加五等于几？（填数字）”."""
    first, second = secrets.randbelow(9) + 1, secrets.randbelow(9) + 1
    words = Words(
        f"{_NUMBERS_ZH[first]}加{_NUMBERS_ZH[second]}等于几？（填数字）",
        f"What is {_NUMBERS_EN[first]} plus {_NUMBERS_EN[second]}? (digits)",
    )
    return _keep(session, fixed_answer or str(first + second), words, now)


def _keep(session: Session, answer: str, words: Words | None, now: datetime) -> Challenge:
    nonce = secrets.token_urlsafe(24)
    with transaction(session):
        values = {"nonce": nonce, "answer": answer, "expires_at": now + LIFETIME}
        session.execute(insert(Captcha), values)
    return Challenge(nonce, answer, words)


def letters(session: Session, nonce: str, now: datetime) -> str | None:
    """Return what the picture of `nonce` has to show, or None when it was answered or has expired."""
    found = select(Captcha.answer).where(Captcha.nonce == nonce, Captcha.expires_at > now)
    return session.scalar(found)


def take(session: Session, answer: Answer, now: datetime) -> bool:
    """Use the challenge up and return whether the answer was right. There is no second try."""
    with transaction(session):
        kept = session.execute(
            delete(Captcha)
            .where(Captcha.nonce == answer.nonce)
            .returning(Captcha.answer, Captcha.expires_at)
            .execution_options(synchronize_session=False)
        ).first()
    if kept is None or kept.expires_at <= now:
        return False
    return hmac.compare_digest(_plain(kept.answer), _plain(answer.text))


def prove(session: Session, answer: Answer, now: datetime) -> Answer | None:
    """Use the challenge up; return what a form may send in its place, once and for as long, or None for a wrong answer.

    With it a page knows that the captcha is solved before it lets anything be sent (C-03, D-02).
    """
    if not take(session, answer, now):
        return None
    proof = secrets.token_hex(_PROOF // 2)
    return Answer(_keep(session, proof, None, now).nonce, proof)


def is_proved(session: Session, answer: Answer, now: datetime) -> bool:
    """Whether `answer` is the proof of a solved captcha that still holds; it is not used up."""
    if len(answer.text) != _PROOF:
        return False
    kept = letters(session, answer.nonce, now)
    return kept is not None and hmac.compare_digest(_plain(kept), _plain(answer.text))


def _plain(text: str) -> bytes:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold().encode()


def sweep(session: Session, now: datetime) -> None:
    """Remove what nobody answered in time."""
    with transaction(session):
        session.execute(delete(Captcha).where(Captcha.expires_at <= now))
