"""The page where one act hands over what a person leaves behind (离岗交接): who takes it, the preview, the act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.platform.identity import authority, finding, roles
from app.platform.identity.entities import Account, Person
from app.platform.identity.messages import Refusal
from app.platform.personnel import leaving
from app.platform.registry import Words
from app.platform.runtime import handing_on
from app.platform.runtime.entities import Process
from app.platform.runtime.errors import Unknown
from app.rooms.admin.blueprint import blueprint
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import current, said

Answer = Response | str | tuple[str, int]
MOST = 20


@dataclass(frozen=True)
class Asked:
    """The form as filled in so far. `to`: the people ticked, among whom the work is divided."""

    to: tuple[str, ...] = ()
    successor: str = ""
    processes: Mapping[str, str] = field(default_factory=dict)
    posts: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    disables: bool = True
    who: str = ""

    def plan(self) -> leaving.Plan:
        """What the verb is handed; the only one ticked takes all."""
        successor = self.successor or (self.to[0] if len(self.to) == 1 else "")
        return leaving.Plan(successor or None, self.reason, self.processes, self.posts, self.disables)


@blueprint.get("/people/<person>/leave")
@needs(roles.PEOPLE)
def leave(person: str) -> Answer:
    """Ask who takes over what waits for somebody who leaves."""
    _mind(person)
    return _page(person, Asked(who=request.args.get("who", "").strip()[: finding.LONGEST]))


@blueprint.post("/people/<person>/leave")
@needs(roles.PEOPLE)
def hand_over(person: str) -> Answer:
    """Look for people, show the preview, or do what the preview says."""
    name, asked = _mind(person), _read(request.form)
    if request.form.get("do") not in ("preview", "confirm"):
        return _page(person, asked)
    if not asked.reason.strip():
        return _page(person, asked, {"reason": _("请填写原因")}), 422
    if len(asked.reason) > leaving.LONGEST_REASON:
        return _page(person, asked, {"reason": _("原因最多%(most)d个字", most=leaving.LONGEST_REASON)}), 422
    if request.form["do"] == "preview":
        return _page(person, asked, previewed=True)
    try:
        mark = request.form.get("mark", "")
        done = leaving.leave(session(), person, asked.plan(), mark, me(), now())
    except leaving.Changed:
        wrong = {"": _("交接内容已变化，尚未办理。请核对下面的新预览后再确认。")}
        return _page(person, asked, wrong, previewed=True), 409
    except Refusal as refusal:
        return _page(person, asked, {"": refusal.message(current())}), 422
    moved = sum(fate.becomes == "moves" for fate in done.work)
    left = sum(fate.becomes == "stays" for fate in done.work)
    flash(
        _(
            "已为%(name)s办理离岗交接：移交任务%(moved)d项，未移交%(left)d项。",
            name=name,
            moved=moved,
            left=left,
        ),
        "success",
    )
    return redirect(url_for("admin.leave", person=person), 303)


def _mind(person: str) -> str:
    """The name of somebody the reader sees; foreign and absent ones answer alike."""
    seen = select(Person.name).where(Person.id == person, authority.visible(me(), now()))
    name = session().scalar(seen)
    if name is None:
        raise Unknown(person)
    return name


def _read(form: MultiDict[str, str]) -> Asked:
    def to(text: str) -> str:
        return text if text.isascii() and text.isalnum() else ""

    def several(start: str) -> dict[str, str]:
        found = {key.removeprefix(start): to(value) for key, value in form.items() if key.startswith(start)}
        return {key: value for key, value in found.items() if value}

    ticked = tuple(dict.fromkeys(filter(None, (to(one) for one in form.getlist("to")))))[:MOST]
    return Asked(
        ticked,
        to(form.get("successor", "")),
        several("process-"),
        several("post-"),
        form.get("reason", "").strip(),
        "disables" in form,
        form.get("who", "").strip()[: finding.LONGEST],
    )


def _page(
    person: str, asked: Asked, wrong: Mapping[str, str] | None = None, *, previewed: bool = False
) -> str:
    wrong = dict(wrong or {})
    name = _mind(person)
    try:
        base = leaving.preview(session(), person, leaving.Plan(None, ""), me(), now())
    except Refusal as refusal:
        return render_template("admin/leave.html", name=name, refused=refusal.message(current()))
    shown = leaving.preview(session(), person, asked.plan(), me(), now()) if previewed else None
    counts = Counter(fate.process for fate in base.work)
    rows = session().execute(
        select(Process.key, Process.name_zh, Process.name_en).where(Process.key.in_(counts))
    )
    processes = {row.key: Words(row.name_zh, row.name_en) for row in rows}
    near = {fate.post.place for fate in base.posts}
    found = finding.people(session(), asked.who, near, now(), asked.to, leafing=finding.may_leaf(me().posts))
    return render_template(
        "admin/leave.html",
        person=person,
        name=name,
        refused="",
        asked=asked,
        base=base,
        shown=shown,
        counts=counts,
        processes=processes,
        found=[one for one in found.people if one.id != person],
        more=found.more,
        ticked=[one for one in found.people if one.id in asked.to],
        why=handing_on.WHY,
        wrong=wrong,
        summary=[(f"leave-{key}" if key else None, text) for key, text in wrong.items()],
        has_account=session().get(Account, person) is not None,
        said=said,
    )
