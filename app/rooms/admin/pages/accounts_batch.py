"""Accounts in batches: whom first passwords are drawn for, and sent or printed for, by an errand (C-07)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

from flask import Flask, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.platform.identity import accounts, roles
from app.platform.jobs.errands import Standing
from app.platform.personnel import first_passwords, slips
from app.platform.personnel.batch_choice import POST, Choice
from app.platform.personnel.intake import naming
from app.platform.registry import Words
from app.rooms.admin import sections
from app.rooms.admin.blueprint import blueprint
from app.rooms.web import errands
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import current

ID = re.compile(r"[0-9a-z]{26}")
TICKS = 1_000
LONGEST_QUESTION = 8_000
WAYS = {
    "unsent": (
        Words("发放初始密码", "Give out first passwords"),
        Words("已有账号、还没有密码的人员", "People whose account has no password yet"),
    ),
    "without": (
        Words("开通账号并发放初始密码", "Make accounts and give out first passwords"),
        Words(
            "还没有账号的人员，用户名按前缀加顺序号生成", "People without an account; user names are numbered"
        ),
    ),
    "again": (
        Words("重新发放初始密码", "Give out first passwords anew"),
        Words(
            "从未登录过的人员，原来的初始密码随即失效",
            "People who never signed in; an earlier first password ends",
        ),
    ),
}
BY = {
    "send": (
        Words("短信或邮件", "By SMS or e-mail"),
        Words(
            "没有手机号码和邮箱的人员不发放，列在结果表中",
            "Whoever has no phone and no address gets none, and is listed",
        ),
    ),
    "both": (
        Words("短信或邮件，其余打印密码信封", "By SMS or e-mail; on paper for the others"),
        Words(
            "没有手机号码和邮箱的人员打印密码信封",
            "Slips are printed for whoever has no phone and no address",
        ),
    ),
    "print": (
        Words("全部打印密码信封", "On paper for all"),
        Words("不发短信和邮件，由您当面交给本人", "Nothing is sent: you hand each a slip"),
    ),
}
sections.enter(
    sections.Section(
        "accounts_batch",
        Words("批量开户", "Accounts in batches"),
        Words(
            "为人员开通账号，通过短信、邮件或密码信封发放初始密码",
            "Make accounts; first passwords by SMS, by e-mail or on paper",
        ),
        "admin.accounts_batch",
        frozenset({roles.PEOPLE}),
        "people",
        72,
    )
)


def attach(app: Flask) -> None:
    """Register the errand, and where its result leads."""
    first_passwords.plug()
    errands.leads(first_passwords.KIND, first=True)(_lead)
    errands.says(first_passwords.KIND)(_outcome)


def _lead(standing: Standing) -> list[tuple[Words, str]]:
    if not standing.result.get("slips"):
        return []
    return [(Words("领取密码信封", "Take the password slips"), url_for("admin.slips", errand=standing.id))]


def _outcome(standing: Standing) -> Words:
    sent, printed, left = (standing.result.get(key, 0) for key in ("sent", "slips", "not_reached"))
    return Words(
        f"发送{sent}人，打印密码信封{printed}份，未办理{left}人（原因见结果文件）。",
        f"Sent to {sent}, on paper for {printed}, none for {left} (why, says the file of the result).",
    )


@blueprint.get("/accounts/batch")
@needs(roles.PEOPLE)
def accounts_batch() -> str:
    """Show how many each way concerns: of all looked after, of an import, of those ticked or of those a list shows."""
    return _page(_choices(request.args), request.args.get("prefix", naming.PREFIX))


@blueprint.post("/accounts/batch/of")
@needs(roles.PEOPLE)
def accounts_batch_of() -> Response:
    """Lead on from the list of people: with those ticked, else with what the list was asked."""
    ticked = [one for one in request.form.getlist("row")[:TICKS] if ID.fullmatch(one)]
    if ticked:
        return redirect(url_for("admin.accounts_batch", person=ticked), 303)
    question = _question(request.form.get("asked", ""))
    if post := request.form.get("post"):
        question.append((POST, post))
    return redirect(url_for("admin.accounts_batch", asked=urlencode(question) or None), 303)


@blueprint.post("/accounts/batch")
@needs(roles.PEOPLE)
def begin_accounts_batch() -> Response | tuple[str, int]:
    """Begin the errand."""
    choices = _choices(request.form)
    prefix = request.form.get("prefix", "").strip()
    choice = choices.get(request.form.get("which", ""))
    complaint = accounts.username_complaint(naming.shaped(prefix or naming.PREFIX, 1))
    if choice is None:
        return _page(choices, prefix, [("which", _("请选择要办理的事项。"))]), 422
    if request.form.get("way", "send") not in BY:
        return _page(choices, prefix, [("way", _("请选择发放方式。"))]), 422
    if choice.which == "without" and complaint is not None:
        return _page(choices, prefix, [("prefix", complaint.message(current()))]), 422
    count = first_passwords.count(session(), choice, me(), now())
    if not count:
        return _page(choices, prefix, [("which", _("没有需要办理的人员，请另选一项。"))]), 422
    if choice.way == "print" and count > slips.MOST:
        most = _("密码信封一次最多打印%(most)s份，请先在人员列表中筛选或勾选，分次办理。", most=slips.MOST)
        return _page(choices, prefix, [("way", most)]), 422
    errand = first_passwords.begin(session(), choice, me(), now(), request.host_url)
    return redirect(url_for("errands.show", errand=errand), 303)


def _choices(given: MultiDict[str, str]) -> dict[str, Choice]:
    """The three kinds of batch, for those the address or the form names."""
    record, asked = given.get("import", ""), _question(given.get("asked", ""))
    people = tuple(one for one in given.getlist("person")[:TICKS] if ID.fullmatch(one))
    prefix = naming.asked(given.get("prefix", "").strip() + "*")[1]
    way = given.get("way", "send")
    return {
        key: Choice(
            key,  # type: ignore[arg-type]
            record if ID.fullmatch(record) else None,
            people,
            prefix,
            dict(asked) if asked else None,
            way if way in BY else "send",  # type: ignore[arg-type]
        )
        for key in WAYS
    }


def _question(text: str) -> list[tuple[str, str]]:
    """What the list was asked; 400 rather than a part of it, which would mean more people."""
    if len(text) > LONGEST_QUESTION:
        abort(400)
    return parse_qsl(text, keep_blank_values=True)


def _page(choices: dict[str, Choice], prefix: str, wrong: Sequence[tuple[str, str]] = ()) -> str:
    by, at, found = me(), now(), next(iter(choices.values()))
    ways = [
        (key, *WAYS[key], first_passwords.count(session(), choice, by, at)) for key, choice in choices.items()
    ]
    return render_template(
        "admin/accounts_batch.html",
        ways=ways,
        chosen=request.form.get("which") or next((way[0] for way in ways if way[3]), ""),
        by=BY,
        way=request.values.get("way", "send"),
        prefix=prefix or naming.PREFIX,
        record=found.record,
        people=found.people,
        asked=urlencode(found.asked) if found.asked else "",
        wrong=dict(wrong),
        kept=slips.KEPT,
    )
