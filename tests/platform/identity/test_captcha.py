"""A captcha is answered once; solved, it is stood in for by a proof that is used once."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.platform.identity import captcha
from app.platform.identity.captcha import Answer
from tests.platform.identity.conftest import NOW


def test_a_solved_captcha_is_proved_once_and_not_answered_again(session: Session) -> None:
    """D-02, C-03."""
    asked = captcha.new(session, NOW)
    solved = Answer(asked.nonce, f" {asked.answer.lower()} ")
    proof = captcha.prove(session, solved, NOW)
    assert proof is not None
    assert captcha.is_proved(session, proof, NOW)
    assert not captcha.take(session, solved, NOW)
    assert captcha.take(session, proof, NOW)
    assert not captcha.is_proved(session, proof, NOW)
    assert not captcha.take(session, proof, NOW)


def test_a_wrong_answer_proves_nothing_and_there_is_no_second_try(session: Session) -> None:
    asked = captcha.new(session, NOW)
    assert captcha.prove(session, Answer(asked.nonce, "????"), NOW) is None
    assert captcha.prove(session, Answer(asked.nonce, asked.answer), NOW) is None


def test_only_a_proof_that_still_holds_is_one(session: Session) -> None:
    asked = captcha.new(session, NOW)
    assert not captcha.is_proved(session, Answer(asked.nonce, asked.answer), NOW)
    proof = captcha.prove(session, Answer(asked.nonce, asked.answer), NOW)
    assert proof is not None
    assert not captcha.is_proved(session, Answer(proof.nonce, "0" * len(proof.text)), NOW)
    later = NOW + captcha.LIFETIME
    assert not captcha.is_proved(session, proof, later)
    assert not captcha.take(session, proof, later)
