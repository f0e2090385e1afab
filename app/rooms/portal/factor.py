"""The second factor: shown after the password, set up, given up; and its recovery codes (C-50)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any, cast

import segno
from flask import current_app, flash, redirect, render_template, request, url_for
from flask import session as page_session
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.platform.data import sealing
from app.platform.identity import factors, proof
from app.platform.identity.factors import Whence
from app.platform.identity.messages import Refusal
from app.platform.identity.sessions import Visit
from app.platform.personnel import second_factors
from app.rooms.portal.asking import device_name
from app.rooms.portal.blueprint import blueprint
from app.rooms.portal.forms import CodeForm, RecoveryForm, complain, complaints
from app.rooms.web import acting, language, security
from app.rooms.web.guards import proving, signed_in

_CODES = "factor-codes"
_ONWARD = "factor-onward"
_MINUTES = 10


@blueprint.route("/factor", methods=["GET", "POST"])
@proving("code")
def factor_code() -> Any:
    """Ask for the six digits after the password; then lead to where one was going."""
    target = security.safe_target(request.args.get("next"))
    if _visit().must_prove != "code":
        return redirect(target)
    form = CodeForm()
    if form.validate_on_submit() and _done(
        form,
        lambda: factors.verify(acting.session(), _visit(), form.secret_code.data, _whence(), acting.now()),
    ):
        return redirect(target, 303)
    return _ask("portal/factor_code.html", form, target)


@blueprint.route("/factor/recovery", methods=["GET", "POST"])
@proving("code")
def factor_recovery() -> Any:
    """Ask for a recovery code instead."""
    target = security.safe_target(request.args.get("next"))
    if _visit().must_prove != "code":
        return redirect(target)
    form, left = RecoveryForm(), []
    if form.validate_on_submit() and _done(
        form,
        lambda: left.append(
            second_factors.recover(acting.session(), _visit(), form.secret_code.data, _whence(), acting.now())
        ),
    ):
        flash(
            _("恢复码已使用，还剩 %(left)s 个。", left=left[0]),
            "warning" if left[0] <= factors.FEW else "info",
        )
        return redirect(url_for("portal.factor") if left[0] <= factors.FEW else target, 303)
    return _ask("portal/factor_recovery.html", form, target)


@blueprint.route("/account/factor", methods=["GET", "POST"])
@proving("enrol")
def factor() -> Any:
    """Show how far one is with the second factor; set it up with the first code."""
    if _visit().must_prove == "enrol" and "next" in request.args:
        page_session[_ONWARD] = security.safe_target(request.args["next"])
    form = CodeForm()
    if form.validate_on_submit():
        codes: list[tuple[str, ...]] = []
        if _done(
            form,
            lambda: codes.append(
                second_factors.confirm(acting.session(), _visit(), form.secret_code.data, acting.now())
            ),
        ):
            return _to_codes(codes[0])
    return _manage(form)


@blueprint.post("/account/factor/start")
@proving("enrol")
def start_factor() -> Any:
    """Draw a new secret to be scanned."""
    try:
        factors.begin(acting.session(), _visit(), acting.now())
    except Refusal as refusal:
        flash(refusal.message(language.current()), "warning")
    return redirect(url_for("portal.factor"), 303)


@blueprint.get("/account/factor/codes")
@proving("enrol")
def factor_codes() -> Any:
    """Show the recovery codes that were just made, once."""
    onward = security.safe_target(page_session.pop(_ONWARD, None))
    return render_template(
        "portal/factor_codes.html", codes=_unpacked(page_session.pop(_CODES, None)), onward=onward
    )


@blueprint.post("/account/factor/codes")
@signed_in
def renew_codes() -> Any:
    """Make ten new recovery codes in the place of the old ones."""
    form, codes = CodeForm(), []
    if form.validate_on_submit() and _done(
        form,
        lambda: codes.append(
            factors.renew(acting.session(), _visit(), form.secret_code.data, _whence(), acting.now())
        ),
    ):
        return _to_codes(codes[0])
    return _manage(form, "renew")


@blueprint.post("/account/factor/off")
@signed_in
def factor_off() -> Any:
    """Do without it again, where no post asks for one."""
    form = CodeForm()
    if form.validate_on_submit() and _done(
        form,
        lambda: second_factors.turn_off(
            acting.session(), _visit(), form.secret_code.data, _whence(), acting.now()
        ),
    ):
        flash(_("两步验证已关闭。"), "success")
        return redirect(url_for("portal.account"), 303)
    return _manage(form, "off")


def _done(form: FlaskForm, verb: Callable[[], object]) -> bool:
    """Carry a verb out; its 'no' stands beside the field."""
    try:
        verb()
    except Refusal as refusal:
        complain(form, refusal, "secret_code")
        return False
    return True


def _ask(template: str, form: FlaskForm, target: str) -> Any:
    page = render_template(
        template, form=form, form_complaints=complaints, target=target, here=request.full_path.rstrip("?")
    )
    return page, 422 if complaints(form) else 200


def _manage(form: FlaskForm, asked: str = "") -> Any:
    """The page of the person's own factor; `asked` is the form on it that was sent."""
    me = _visit()
    issuer = language.said(current_app.extensions["chengpi"].title)
    standing = factors.standing(acting.session(), me.person)
    begun = factors.begun(acting.session(), me.person, issuer, me.username) if standing.is_begun else None
    forms = {
        name: form if name == asked else CodeForm(formdata=None, prefix="") for name in ("", "renew", "off")
    }
    page = render_template(
        "portal/factor.html",
        standing=standing,
        secret=begun[0] if begun else None,
        picture=_picture(begun[1]) if begun else None,
        forms=forms,
        wrong=complaints(form),
        demanded=proof.demanded(me.posts),
        must=me.must_prove == "enrol",
        is_on=proof.is_on(),
        few=factors.FEW,
    )
    return page, 422 if complaints(form) else 200


def _picture(address: str) -> tuple[int, str]:
    """The QR code as a drawing within the page, so that no address holds the secret: its width, and its black runs."""
    rows = [bytes(row) for row in segno.make(address, error="m", micro=False).matrix_iter(border=4)]
    runs = [
        f"M{found.start()} {number}h{len(found.group())}v1h-{len(found.group())}z"
        for number, row in enumerate(rows)
        for found in re.finditer(b"\x01+", row)
    ]
    return len(rows), "".join(runs)


def _to_codes(codes: tuple[str, ...]) -> Any:
    """Lead to the page that shows them: sealed in the page cookie on the way, and gone from it once shown."""
    held = {"of": _visit().person, "at": acting.now().timestamp(), "codes": codes}
    page_session[_CODES] = base64.b64encode(sealing.seal(json.dumps(held).encode())).decode()
    return redirect(url_for("portal.factor_codes"), 303)


def _unpacked(sealed: str | None) -> list[str]:
    if sealed is None:
        return []
    try:
        held = json.loads(sealing.unseal(base64.b64decode(sealed)))
    except (ValueError, sealing.Unreadable):
        return []
    age = acting.now().timestamp() - held["at"]
    return held["codes"] if held["of"] == _visit().person and age < _MINUTES * 60 else []


def _whence() -> Whence:
    return Whence(acting.address(), request.cookies.get(device_name()))


def _visit() -> Visit:
    return cast(Visit, acting.me())
