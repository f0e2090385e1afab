"""The captcha on a page: its picture, its question, and what a visitor answered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from captcha.image import ImageCaptcha
from flask import Response, abort, current_app, render_template, request

from app.platform.identity import captcha as challenges
from app.platform.identity.messages import MESSAGES
from app.platform.registry import Words
from app.rooms.portal.blueprint import blueprint
from app.rooms.web import acting, language
from app.rooms.web.guards import open_to_all


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page shows; never the answer. `proof` stands in for the answer of one that was solved."""

    kind: str
    nonce: str
    question: Words | None = None
    proof: str = ""


def ask(kind: str | None) -> Asked:
    """Put a new question to the visitor: `picture`, or `words` for who does not see one (C-02)."""
    fixed = current_app.extensions["chengpi"].captcha_answer
    if kind == "words":
        made = challenges.question(acting.session(), acting.now(), fixed)
    else:
        made = challenges.new(acting.session(), acting.now(), fixed)
    return Asked("words" if made.words else "picture", made.nonce, made.words)


def answered() -> challenges.Answer:
    """Return what the posted form answers."""
    return challenges.Answer(
        request.form.get("captcha_nonce", "")[:64].replace("\0", ""),
        request.form.get("captcha_answer", "")[:32],
    )


def kept() -> Asked | None:
    """Return the captcha this visitor has solved, for a form that is shown to him again."""
    given = answered()
    if not challenges.is_proved(acting.session(), given, acting.now()):
        return None
    return Asked(_kind_sent(), given.nonce, proof=given.text)


@blueprint.get("/captcha")
@open_to_all
def captcha() -> str:
    """Show another captcha, as a fragment of the form."""
    return render_template("portal/captcha.html", captcha=ask(request.args.get("kind")), captcha_error="")


@blueprint.post("/captcha")
@open_to_all
def prove() -> tuple[str, int]:
    """Say whether a captcha is solved, before its form is sent (D-02): solved, or another one with the complaint."""
    proof = challenges.prove(acting.session(), answered(), acting.now())
    if proof is None:
        error = MESSAGES["captcha_wrong"].said(language.current())
        return render_template("portal/captcha.html", captcha=ask(_kind_sent()), captcha_error=error), 422
    solved = Asked(_kind_sent(), proof.nonce, proof=proof.text)
    return render_template("portal/captcha.html", captcha=solved, captcha_error=""), 200


def _kind_sent() -> str:
    return "words" if request.form.get("captcha_kind") == "words" else "picture"


@blueprint.get("/captcha/<nonce>.png")
@open_to_all
def captcha_picture(nonce: str) -> Response:
    """Draw the picture of a captcha that waits for its answer."""
    letters = challenges.letters(acting.session(), nonce, acting.now())
    if letters is None:
        abort(404)
    return Response(_painter().generate(letters).getvalue(), mimetype="image/png")


@lru_cache(maxsize=1)
def _painter() -> ImageCaptcha:
    return _Painter(width=132, height=44, font_sizes=(29, 32, 34))


class _Painter(ImageCaptcha):  # type: ignore[misc]
    """Letters that stand apart: people are to read them."""

    character_rotate = (-20, 20)
    character_warp_dx = (0.05, 0.15)
    character_warp_dy = (0.05, 0.15)
    word_offset_dx = 0.04
    word_space_probability = 1.0
