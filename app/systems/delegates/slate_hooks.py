"""What the diagram of a report may name: a slate is opened, counted for the decision table, refused, sent (PR-D3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.platform import notices
from app.platform.data import new_id
from app.platform.identity import units
from app.platform.registry import Call, Hooks, Refused, Words
from app.platform.runtime import instances, messages
from app.platform.runtime.entities import Instance
from app.platform.runtime.errors import Unknown
from app.systems.delegates import candidates, rosters, rules, slates
from app.systems.delegates.entities import Candidate, Congress, Slate

COUNTED = {
    **dict.fromkeys(rules.IDENTITIES, int),
    **{f"{each}_seats": int for each in rules.IDENTITIES},
    **{f"{each}_{least}": int for each in rules.WITH_MINIMUMS for least in rules.MINIMUMS},
    **{f"{each}_{least}_least": int for each in rules.WITH_MINIMUMS for least in rules.MINIMUMS},
    "must_fill": bool,
}
BUSY = Words("本单位的名单正在办理，请稍候再试", "Somebody is at this unit's slate: try again in a moment")
NOT_ALL = Words(
    "有人员的状态刚刚改变，请核对后再上报", "Somebody's state has just changed: check and report again"
)
ABORTED = frozenset({"55P03", "40P01"})  # a lock that cannot be had, a deadlock


def plug(hooks: Hooks) -> None:
    """Enter them into the hooks of delegates."""
    hooks.action(returns={"slate_id": str, "report_by": str})(open_slate)
    hooks.action(returns={"report_by": str}, effects=False)(look_at_deadline)
    hooks.action(returns=COUNTED, effects=False)(count_slate)
    hooks.action(effects=False)(tell_red)
    hooks.action()(send_slate)
    hooks.entity("slate", _load, _store)


def open_slate(call: Call, congress: str, unit: str) -> dict[str, Any]:
    """Write down that the unit prepares a report, with the next serial number of its congress.

    One that the deadline has closed before it was sent is taken up again, as far as it was, where there is time again.
    """
    session = call.session
    _locked(call, congress, unit)
    slates.mind_deadline(session, congress, call.now)
    if not candidates.quota(session, congress, unit):
        raise Refused(*slates.NOT_ALLOTTED)
    if slates.open_slate_of(session, congress, unit) is not None:
        raise Refused("本单位已有正在办理的上报单", "This unit prepares a report already")
    about = session.get_one(Congress, congress)
    number = session.scalar(select(Instance.number).where(Instance.id == call.instance)) or ""
    slate = slates.unsent(session, congress, unit)
    if slate is None:
        serial = 1 + (
            session.scalar(
                select(func.max(Slate.serial)).where(Slate.congress_id == congress, Slate.unit_id == unit)
            )
            or 0
        )
        slate = Slate(id=new_id(), congress_id=congress, unit_id=unit, place=about.place, serial=serial)
        session.add(slate)
    slate.instance_id, slate.number, slate.opened_at = call.instance, number, call.now
    session.flush()
    title = f"{_name(session, unit)} · {about.name} · 第{slate.serial}次上报"
    instances.retitle(session, call.instance, title)
    return {"slate_id": slate.id, **_deadline(about)}


def look_at_deadline(call: Call, slate_id: str) -> dict[str, Any]:
    """Say when reports close, now that it is another moment (D-45)."""
    slate = _slate(call.session, slate_id)
    return _deadline(call.session.get_one(Congress, slate.congress_id))


def count_slate(call: Call, slate_id: str) -> dict[str, Any]:
    """Count every indicator of the slate, with all its candidates held until it is sent (D-30…D-33).

    Refused after the deadline (D-45), and where nobody waits to be reported.
    """
    session = call.session
    slate = _slate(session, slate_id)
    _locked(call, slate.congress_id, slate.unit_id)
    slates.mind_deadline(session, slate.congress_id, call.now)
    _hold_candidates(session, slate)
    found = slates.figures(session, slate.congress_id, slate.unit_id, call.now)
    if not found.waiting:
        raise Refused(*slates.NOBODY)
    return counted(found.indicators, must_fill=found.must_fill)


def counted(indicators: Iterable[rules.Indicator], *, must_fill: bool) -> dict[str, Any]:
    """Indicators as the variables that the decision table reads."""
    found: dict[str, Any] = {"must_fill": must_fill}
    for one in indicators:
        name = one.identity if one.minimum is None else f"{one.identity}_{one.minimum}"
        found[name] = one.submitted
        found[f"{name}_seats" if one.minimum is None else f"{name}_least"] = one.allotted
    return found


def tell_red(call: Call, slate_id: str, red: str | None = None) -> None:
    """Tell whoever reported which indicators are not satisfied, each with its figures (D-31)."""
    slate = _slate(call.session, slate_id)
    reasons = slates.reasons_of(red, slates.figures(call.session, slate.congress_id, slate.unit_id, call.now))
    notices.send(
        call.session,
        [call.by.person],
        Words("名单未上报：有指标不符合", "Not reported: some indicators are not satisfied"),
        Words("；".join(one.zh for one in reasons), "; ".join(one.en for one in reasons)),
        call.now,
        kind=notices.MESSAGE,
        instance=call.instance,
        channels=["in_app"],
    )


def send_slate(call: Call, slate_id: str) -> None:
    """Report everybody who waits, each by the message to his own chain, and freeze the roster (D-33, D-34)."""
    session, slate = call.session, _slate(call.session, slate_id)
    there = slates.members(session, slate.congress_id, slate.unit_id)
    going = [candidate for candidate, stage in there if stage == candidates.FIRST_PASSED]
    congress = session.get_one(Congress, slate.congress_id)
    slate.roster = [
        rosters.entry(candidate, congress, call.now, is_new=stage == candidates.FIRST_PASSED)
        for candidate, stage in there
    ]
    slate.reported_at = call.now
    session.flush()
    session.execute(
        update(Candidate).where(Candidate.id.in_([one.id for one in going])).values(slate_id=slate_id)
    )
    reached = messages.send_each(session, candidates.REPORT, [one.id for one in going], {}, call.by, call.now)
    if reached != len(going):
        raise Refused(*NOT_ALL)


def _locked(call: Call, congress: str, unit: str) -> None:
    """Lock the invitation; refused at once where another holds it, so that no two wait for each other."""
    try:
        slates.lock(call.session, congress, unit, call.by, nowait=True)
    except Unknown as unknown:
        raise Refused("该单位未受邀参加本次大会", "This unit is not invited") from unknown
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in ABORTED:
            raise Refused(*BUSY) from error
        raise


def _hold_candidates(session: Session, slate: Slate) -> None:
    session.execute(
        select(Instance.id)
        .join(Candidate, Candidate.instance_id == Instance.id)
        .where(
            Candidate.congress_id == slate.congress_id,
            Candidate.unit_id == slate.unit_id,
            Candidate.removed_at.is_(None),
        )
        .order_by(Instance.id)
        .with_for_update(of=Instance)
    ).all()


def _slate(session: Session, slate_id: str) -> Slate:
    return session.get_one(Slate, slate_id)


def _name(session: Session, unit: str) -> str:
    facts = units.get(session, unit)
    return facts.name if facts else ""


def _deadline(congress: Congress) -> dict[str, Any]:
    return {"report_by": (congress.report_by or slates.NEVER).isoformat(timespec="seconds")}


def _load(call: Call, row: str) -> dict[str, Any]:
    """What the slate's steps show: congress, unit, number, every indicator with its figures, the letter."""
    slate = call.session.get(Slate, row)
    if slate is None:
        return {}
    found = slates.figures(call.session, slate.congress_id, slate.unit_id, call.now)
    return {
        "congress_name": call.session.get_one(Congress, slate.congress_id).name,
        "unit_name": _name(call.session, slate.unit_id),
        "number": slate.number,
        "waiting": found.waiting,
        "red": "\n".join(one.zh for one in _reasons(found)) or "全部指标符合",
        "letter": slate.letter,
    }


def _reasons(found: slates.Figures) -> list[Words]:
    return [Words(*rules.refusal(one, must_fill=found.must_fill)) for one in found.red]


def _store(call: Call, row: str | None, values: Mapping[str, Any]) -> str:
    """Keep the covering letter."""
    assert row is not None
    if "letter" in values:
        _slate(call.session, row).letter = values["letter"] or ""
        call.session.flush()
    return row
