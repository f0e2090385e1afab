"""The liaisons of invited units: their accounts by phone, their posts at the unit, and what they are told (D-04)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import notices
from app.platform.identity import by_phone, posts
from app.platform.identity.entities import HeldPost, Unit
from app.platform.registry import Acting, Refused, Words
from app.systems.delegates.congresses import LOCAL
from app.systems.delegates.entities import Congress, Invitation
from app.systems.delegates.roles import LIAISON, PARTICIPANT

ROLES: Final = (LIAISON, PARTICIPANT)  # the second for all candidates: he may complete their forms (D-17)


def appoint(session: Session, congress: Congress, invitation: Invitation, by: Acting, now: datetime) -> None:
    """Open the account of a unit's liaison, give him the unit's posts and tell him, once. Joins the open verb.

    Raises `Refused`, naming the unit, where his account is closed.
    """
    unit = session.get_one(Unit, invitation.unit_id)
    try:
        person = by_phone.open_account(session, invitation.liaison, invitation.phone, by, now)
    except Refused as refused:
        said = refused.words
        raise Refused(f"{unit.name}：{said.zh}", f"{unit.name}: {said.en}", refused.field) from refused
    for role in ROLES:
        posts.grant(session, person, role, unit.path, None, now, by, congress.instance_id)
    invitation.liaison_id = person
    if invitation.told_at is None:
        _tell(session, congress, unit, person, now)
        invitation.told_at = now
    session.flush()


def dismiss(session: Session, invitation: Invitation, by: Acting, now: datetime) -> None:
    """End the posts of a unit's liaison, unless another invitation of the unit still names him. Joins the open verb."""
    person = invitation.liaison_id
    if person is None:
        return
    others = (
        select(Invitation.id)
        .join(Congress, Congress.id == Invitation.congress_id)
        .where(
            Invitation.liaison_id == person,
            Invitation.unit_id == invitation.unit_id,
            Invitation.id != invitation.id,
            Congress.published_at.is_not(None),
            Congress.ended_at.is_(None),
        )
    )
    if session.scalar(others.limit(1)) is None:
        path = session.get_one(Unit, invitation.unit_id).path
        held = select(HeldPost.id).where(
            HeldPost.person_id == person,
            HeldPost.role.in_(ROLES),
            HeldPost.place == path,
            HeldPost.subject == "*",
            posts.live(now),
        )
        for post in session.scalars(held).all():
            posts.end(session, post, now, by)
    invitation.liaison_id = None
    session.flush()


def _tell(session: Session, congress: Congress, unit: Unit, person: str, now: datetime) -> None:
    until = f"{congress.report_by.astimezone(LOCAL):%Y-%m-%d %H:%M}" if congress.report_by else ""
    notices.send(
        session,
        [person],
        Words(f"{congress.name}：请推荐代表、委员", f"{congress.name}: recommend delegates and members"),
        Words(
            f"您是{unit.name}的联络员，请用本手机号码短信登录，在【代表大会】中推荐代表、委员，{until}前上报。",
            f"You are the liaison of {unit.name}. Sign in by SMS with this number, recommend under Congress, and "
            f"report before {until}.",
        ),
        now,
        instance=congress.instance_id,
        channels=("sms",),
    )
