"""The two steps of every code: who and a captcha, then the digits. Reload, back and a second tab show the same step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from flask import Response, redirect, request, url_for
from flask import session as page_session
from flask_wtf import FlaskForm

from app.platform.data import sealing
from app.platform.identity.messages import Refusal
from app.platform.identity.one_time_codes import APART
from app.platform.registry import System
from app.rooms.portal import asking
from app.rooms.portal.forms import SentCodeForm
from app.rooms.web import acting

_ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Asked:
    """What this browser has asked for: the code's id, where it was to go as typed, and when."""

    id: str
    to: str
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Steps:
    """One way to a code. `ask(form)` sends it and returns its id; `check(asked, code)` returns where it leads.

    `sent` and `label` say what was sent and where to look for it; `verb` is what the code is for.
    """

    purpose: str
    form: type[FlaskForm]
    pages: tuple[str, str]
    heading: str
    sent: str
    label: str
    verb: str
    ask: Callable[[Any], str]
    check: Callable[[Asked, str], Response]
    system: System | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


def walk(steps: Steps, channel: str) -> Any:
    """Show the step this browser stands at, or take what it sends."""
    asked = _asked(steps.purpose)
    if request.args.get("step") == "code":
        if asked is None or "back" in request.form:
            return redirect(_address(), 303)
        return _code(steps, asked)
    if request.method == "GET" and asked is not None:
        form = steps.form(to=asked.to, channel=asked.channel)
    else:
        form = steps.form()
    if "channel" in form and not form.channel.data:
        form.channel.data = channel
    captcha_error = ""
    if request.method == "POST" and "again" not in request.form:
        captcha_error = asking.captcha_missing()
        if form.validate() and not captcha_error:
            try:
                _keep(steps.purpose, steps.ask(form), form)
            except Refusal as refusal:
                is_paused = refusal.code == "paused" and "password" in form
                captcha_error = asking.complain(form, refusal, "password" if is_paused else "to")
            else:
                return redirect(_address(step="code"), 303)
    return asking.show(
        steps.pages[0], form, captcha_error, steps.system, heading=steps.heading, **dict(steps.more)
    )


def _code(steps: Steps, asked: Asked) -> Any:
    form = SentCodeForm()
    form.code.label.text = steps.label
    if request.method == "POST" and form.validate():
        try:
            response = steps.check(asked, form.code.data)
        except Refusal as refusal:
            asking.complain(form, refusal, "code")
        else:
            page_session.pop(_ASKED, None)
            return response
    return asking.show(
        steps.pages[1],
        form,
        "",
        steps.system,
        asks_captcha=False,
        heading=steps.heading,
        sent=steps.sent,
        verb=steps.verb,
        wait=max(0, round((asked.at + APART - acting.now()).total_seconds())),
    )


def _address(**step: str) -> str:
    """This page at another step; where the visitor was going, and through which system, goes along."""
    along = {key: request.args[key] for key in ("system", "next") if key in request.args}
    return url_for(request.endpoint or "", **along, **step)


def _keep(purpose: str, code_id: str, form: Any) -> None:
    """Remember what was asked for, sealed, in the visitor's own page cookie: it holds a phone number."""
    channel = form.channel.data if "channel" in form else ""
    said = [purpose, code_id, form.to.data[:100], channel, acting.now().isoformat()]
    page_session[_ASKED] = sealing.seal(orjson.dumps(said)).hex()


def _asked(purpose: str) -> Asked | None:
    kept = page_session.get(_ASKED)
    if not kept:
        return None
    try:
        of, code_id, to, channel, at = orjson.loads(sealing.unseal(bytes.fromhex(kept)))
    except (ValueError, sealing.Unreadable):
        return None
    return Asked(code_id, to, channel, datetime.fromisoformat(at)) if of == purpose else None
