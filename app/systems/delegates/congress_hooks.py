"""What the diagram of the congress set-up and its form may name (PR-D1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.identity.entities import Unit
from app.platform.registry import Call, Hooks, Refused, Words
from app.systems.delegates import congresses, liaisons
from app.systems.delegates.entities import Allotted, Congress, Invitation

NAMED = 5  # units named in a refusal


def plug(hooks: Hooks) -> None:
    """Enter them into the hooks of delegates."""
    hooks.entity("congress", _load, _store)
    hooks.check(congress_days_follow)
    hooks.check(reports_close_in_time)
    hooks.action()(publish_congress)
    hooks.action(returns={"ends_at": str})(tell_liaisons)
    hooks.action(returns={"ends_at": str}, effects=False)(look_at_end)
    hooks.action()(end_congress)


def congress_days_follow(call: Call, values: Mapping[str, Any]) -> Words | None:
    """Say that a congress ends before it begins."""
    first, last = values.get("begins_on"), values.get("ends_on")
    if first and last and last < first:
        return Words("【结束时间】不能早于【开始时间】", "The last day cannot be before the first")
    return None


def reports_close_in_time(call: Call, values: Mapping[str, Any]) -> Words | None:
    """Say that reports would close when the congress is over (D-45)."""
    close, last = values.get("report_by"), values.get("ends_on")
    if close and last and close[:10] > last:
        return Words("【上报截止时间】不能晚于【结束时间】", "Reports close before the congress is over")
    return None


def publish_congress(call: Call, congress_id: str) -> None:
    """Publish the congress if nothing is missing; what is, is said in words."""
    row = _congress(call, congress_id)
    _mind_complete(row, call.now)
    _mind_units(call.session, row)
    row.published_at = call.now
    call.session.flush()
    body = {"congress": row.id, "name": row.name}
    about = congresses.about_of(row.id)
    audit.log(call.session, "delegates", "congress.published", call.by, call.now, body, about)


def tell_liaisons(call: Call, congress_id: str) -> dict[str, Any]:
    """Open the liaisons' accounts, give them their posts and tell them by SMS, each once (D-04, D-16)."""
    row = _congress(call, congress_id)
    invited = select(Invitation).where(Invitation.congress_id == row.id).order_by(Invitation.id)
    for invitation in call.session.scalars(invited).all():
        liaisons.appoint(call.session, row, invitation, call.by, call.now)
    return _ends(row)


def look_at_end(call: Call, congress_id: str) -> dict[str, Any]:
    """Say when the congress ends by itself, now that its last day is another one."""
    return _ends(_congress(call, congress_id))


def end_congress(call: Call, congress_id: str) -> None:
    """Write down that the congress is over."""
    row = _congress(call, congress_id)
    row.ended_at = call.now
    call.session.flush()
    body = {"congress": row.id, "name": row.name}
    about = congresses.about_of(row.id)
    audit.log(call.session, "delegates", "congress.ended", call.by, call.now, body, about)


def _ends(row: Congress) -> dict[str, Any]:
    return {"ends_at": congresses.ends_at(row).isoformat(timespec="seconds")}


def _mind_complete(row: Congress, now: datetime) -> None:
    missing = [
        words
        for name, words in (
            ("begins_on", Words("开始时间", "first day")),
            ("ends_on", Words("结束时间", "last day")),
            ("report_by", Words("上报截止时间", "when reports close")),
        )
        if getattr(row, name) is None
    ]
    if missing:
        zh, en = "、".join(w.zh for w in missing), ", ".join(w.en for w in missing)
        raise Refused(f"请先填写大会的{zh}", f"The congress still needs: {en}")
    if row.report_by is not None and row.report_by <= now:
        raise Refused(
            "上报截止时间已过，请先修改", "Reports would be closed already: change the moment first"
        )


def _mind_units(session: Session, row: Congress) -> None:
    rows = session.execute(
        select(
            Unit.name,
            Invitation.liaison,
            select(Allotted.identity).where(Allotted.invitation_id == Invitation.id).exists(),
        )
        .join(Unit, Unit.id == Invitation.unit_id)
        .where(Invitation.congress_id == row.id)
        .order_by(Unit.name, Invitation.id)
    ).all()
    if not rows:
        raise Refused("请先邀请单位", "No unit is invited yet")
    nobody = [name for name, liaison, _ in rows if not liaison]
    if nobody:
        raise Refused(
            f"请先登记联络员：{_some(nobody, '、', '等')}",
            f"No liaison yet: {_some(nobody, ', ', ' and others')}",
        )
    nothing = [name for name, _, is_allotted in rows if not is_allotted]
    if nothing:
        raise Refused(
            f"尚未分配名额：{_some(nothing, '、', '等')}",
            f"No seats allotted yet: {_some(nothing, ', ', ' and others')}",
        )


def _some(names: list[str], between: str, more: str) -> str:
    return between.join(names[:NAMED]) + (more if len(names) > NAMED else "")


def _congress(call: Call, congress_id: str) -> Congress:
    return call.session.execute(
        select(Congress).where(Congress.id == congress_id, Congress.instance_id == call.instance)
    ).scalar_one()


def _load(call: Call, row: str) -> dict[str, Any]:
    found = call.session.scalar(select(Congress).where(Congress.id == row))
    return congresses.values_of(found) if found else {}


def _store(call: Call, row: str | None, values: Mapping[str, Any]) -> str:
    assert row is not None
    congresses.write(call.session, _congress(call, row), values, call.by, call.now)
    return row
