"""待上报 with its indicators, 全部上报, and the reports there are (PG-D8, D-30…D-34, D-40)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.platform.identity.entities import Unit
from app.platform.registry import Refused, Words
from app.platform.runtime.errors import HookRefused
from app.rooms.web import lists
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.systems.delegates import candidates, choices, rosters, rules, seats, slates
from app.systems.delegates.entities import Congress, Slate
from app.systems.delegates.pages.blueprint import blueprint
from app.systems.delegates.review_lists import WAITING
from app.systems.delegates.slate_lists import seen

LONGEST_LETTER = 2000


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator as drawn: `1(3)`, green or red with a sign and a word."""

    title: Words
    text: str
    is_met: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """The indicators of one of the reader's units at a congress; no rows while nothing is allotted (D-48).

    `report_by`: when reports close (D-45); `late` says so where they are closed.
    """

    invited: seats.Invited
    report_by: datetime | None
    late: Words | None
    waiting: int
    rows: tuple[tuple[Figure, ...], ...]
    reasons: tuple[Words, ...]


@blueprint.get("/waiting")
@needs("d.slate.report")
def waiting() -> str | Response:
    """Show who waits to be reported, below the indicators of the congress asked for (PG-D8)."""
    invitations = seats.invited(session(), me())
    wanted = request.args.get("congress")
    if wanted is None and invitations:
        asked = {**request.args.to_dict(flat=False), "congress": invitations[0].congress}
        return redirect(url_for("delegates.waiting", **asked))
    panels = [_panel(each) for each in invitations if not wanted or each.congress == wanted]
    return lists.answer(WAITING, "delegates/waiting.html", panels=panels)


@blueprint.get("/invitations/<invitation>/report")
@needs("d.slate.report")
def report(invitation: str) -> str:
    """Show what 全部上报 would send, and ask for the covering letter."""
    invited = _invited(invitation)
    return _page(
        invited, letter=slates.letter_of(session(), invited.id, invited.congress, invited.unit, me())
    )


@blueprint.post("/invitations/<invitation>/report")
@needs("d.slate.report")
def report_all(invitation: str) -> Response | tuple[str, int]:
    """全部上报: everybody who waits, or nobody (D-31, D-33)."""
    invited, letter = _invited(invitation), request.form.get("letter", "")
    try:
        done = slates.report_all(session(), invited.congress, invited.unit, letter, me(), now())
    except (Refused, HookRefused) as refused:
        slates.keep_letter(session(), invited.id, letter, me(), now())
        reasons = refused.reasons if isinstance(refused, slates.NotGreen) else (refused.words,)
        return _page(invited, reasons, letter), 422
    said = ngettext(
        "已上报 %(num)d 人，上报单编号 %(number)s。",
        "已上报 %(num)d 人，上报单编号 %(number)s。",
        done.count,
        number=done.number,
    )
    flash(said, "success")
    return redirect(url_for("delegates.slate", slate=done.slate), 303)


@blueprint.get("/slates/<slate>")
@needs("d.person.view")
def slate(slate: str) -> str:
    """Show one report: letter, roster as it was sent, and what it changed against the one before (D-40)."""
    found = session().execute(
        select(Slate, Congress.name.label("congress"), Unit.name.label("unit"))
        .join(Congress, Congress.id == Slate.congress_id)
        .join(Unit, Unit.id == Slate.unit_id)
        .where(Slate.id == slate, Slate.reported_at.is_not(None), seen(me()))
    )
    row = found.one_or_none() or abort(404)
    return render_template(
        "delegates/slate.html",
        slate=row.Slate,
        congress=row.congress,
        unit=row.unit,
        roster=[_said(one) for one in row.Slate.roster or ()],
        changes=rosters.changed_by(session(), row.Slate),
        identities={key: Words(*words) for key, words in rules.IDENTITIES.items()},
    )


def _said(one: Mapping[str, Any]) -> dict[str, Any]:
    """A person of a roster in the words of the lists."""
    parties = [one[key] for key in ("party", "second_party") if one.get(key)]
    return {
        **one,
        "identity": Words(*rules.IDENTITIES[one["identity"]]),
        "gender": choices.GENDERS.get(one["gender"] or ""),
        "ethnicity": Words(one["ethnicity"] or "", choices.said(choices.ETHNICITIES, one["ethnicity"], "en")),
        "party": Words(
            "、".join(parties), "; ".join(choices.said(choices.PARTIES, each, "en") for each in parties)
        ),
    }


def _invited(invitation: str) -> seats.Invited:
    """The invitation, if it is one of one's own units'; else 404."""
    return next((one for one in seats.invited(session(), me()) if one.id == invitation), None) or abort(404)


def _panel(invited: seats.Invited) -> Panel:
    found = slates.figures(session(), invited.congress, invited.unit, now())
    about = session().get_one(Congress, invited.congress)
    late = slates.LATE if slates.is_late(about.report_by, about.ended_at, now()) else None
    if not candidates.quota(session(), invited.congress, invited.unit):
        return Panel(invited, about.report_by, late, found.waiting, (), (slates.NOT_ALLOTTED,))
    groups = [[one for one in found.indicators if one.identity == each] for each in rules.WITH_MINIMUMS]
    groups.append([one for one in found.indicators if one.identity not in rules.WITH_MINIMUMS])
    return Panel(
        invited,
        about.report_by,
        late,
        found.waiting,
        tuple(tuple(_figure(one) for one in group) for group in groups),
        tuple(Words(*rules.refusal(one, must_fill=found.must_fill)) for one in found.red),
    )


def _figure(one: rules.Indicator) -> Figure:
    if one.minimum is not None:
        title = Words(*rules.MINIMUMS[one.minimum])
    else:
        zh, en = rules.IDENTITIES[one.identity]
        title = Words(f"{zh}名额", f"{en} seats")
    return Figure(title, f"{one.submitted}({one.allotted})", one.is_met)


def _page(invited: seats.Invited, complaints: Sequence[Words] = (), letter: str = "") -> str:
    return render_template(
        "delegates/report.html",
        panel=_panel(invited),
        complaints=complaints,
        letter=letter,
        longest=LONGEST_LETTER,
        no_one=slates.NOBODY,
    )
