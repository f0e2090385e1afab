"""What a unit does about whom it recommends: allot seats, remove somebody, switch his account (D-08…D-16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.platform import notices
from app.platform.data import new_id, transaction
from app.platform.identity import accounts, by_phone, passwords, people, phones, places, posts, units
from app.platform.identity.entities import Account, HeldPost
from app.platform.identity.messages import Refusal
from app.platform.registry import Acting, Post, Refused, Words
from app.platform.runtime import messages
from app.platform.runtime.errors import Unknown
from app.systems.delegates import candidates, rules
from app.systems.delegates.dialog import Complaint, NotAllotted, Row, phone_hash, refuse_unfit
from app.systems.delegates.entities import Candidate, Congress, Invitation
from app.systems.delegates.roles import LIAISON, PARTICIPANT

NOT_OPEN = Words("该换届活动未发布或已结束，不能新增", "This congress is not published or is over")
IS_REPORTED = Words("已上报，不能注销", "Reported already: cannot be removed")
NOT_ONLY_HIS = Words(
    "该账号还有其他身份或由其他单位推荐，不能由本单位停用或启用，请联系系统管理员",
    "This account has other roles or was recommended by another unit too: ask an administrator to switch it",
)


def allot(
    session: Session, congress: str, unit: str, rows: Sequence[Row], by: Acting, now: datetime
) -> list[str]:
    """Recommend everybody in `rows` or nobody (D-09); return the candidates' ids.

    Each gets an account by his phone, a post for his form, a chain of his own, and an SMS (D-16). Raises `Unknown`
    unless `by` is the liaison of an invited unit, `NotAllotted` with every complaint, `Refused`.
    """
    post = liaison_post(session, unit, by)
    try:
        with transaction(session):
            held, invitation = _hold(session, congress, unit)
            if held.published_at is None or held.ended_at is not None:
                raise Refused(NOT_OPEN.zh, NOT_OPEN.en)
            refuse_unfit(session, invitation, rows)
            return [
                _recommend(session, held, invitation, place, row, post, by, now)
                for place, row in enumerate(rows)
            ]
    except IntegrityError:  # another unit has recommended one of these numbers at the same moment
        refuse_unfit(session, _invitation(session, congress, unit), rows)
        raise


def liaison_post(session: Session, unit: str, by: Acting) -> Post:
    """The post under which `by` speaks for a unit. Raises `Unknown`."""
    for post in by.holds(LIAISON):
        if places.unit_of(post.place) == unit:
            return post
    raise Unknown(unit)


def _invitation(session: Session, congress: str, unit: str) -> Invitation:
    found = session.scalar(
        select(Invitation).where(Invitation.congress_id == congress, Invitation.unit_id == unit)
    )
    if found is None:
        raise Unknown(congress)
    return found


def _hold(session: Session, congress: str, unit: str) -> tuple[Congress, Invitation]:
    """Lock a unit's seats: whoever takes, frees or reports some waits for whoever does. Raises `Unknown`."""
    invitation = session.scalar(
        select(Invitation)
        .where(Invitation.congress_id == congress, Invitation.unit_id == unit)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if invitation is None:
        raise Unknown(congress)
    return session.get_one(Congress, congress, populate_existing=True), invitation


def _recommend(
    session: Session,
    congress: Congress,
    invitation: Invitation,
    line: int,
    row: Row,
    post: Post,
    by: Acting,
    now: datetime,
) -> str:
    number, name, identity = phones.normal(row.phone) or "", row.name.strip(), row.identities[0]
    try:
        person = by_phone.open_account(session, name, number, by, now)
    except Refused as refused:
        raise NotAllotted({line: [Complaint(refused.field or "phone", refused.words)]}) from refused
    place, identifier = units.path_of(session, invitation.unit_id), new_id()
    session.add(
        Candidate(
            id=identifier,
            instance_id="",  # its chain writes it
            congress_id=congress.id,
            unit_id=invitation.unit_id,
            place=place,
            person_id=person,
            name=name,
            phone=number,
            phone_hash=phone_hash(number),
            identity=identity,
            recommended_at=now,
        )
    )
    session.flush()
    posts.grant(session, person, PARTICIPANT, place, identifier, now, by)
    begins = {
        "candidate_id": identifier,
        "congress": congress.id,
        "unit": invitation.unit_id,
        "convener": congress.unit_id,
    }
    began = messages.send(session, candidates.RECOMMENDED, identifier, begins, replace(by, post=post), now)
    if began != 1:
        raise RuntimeError(f"{candidates.RECOMMENDED} begins {began} chains")
    _tell(session, congress, invitation, identifier, now)
    return identifier


def _tell(
    session: Session, congress: Congress, invitation: Invitation, candidate: str, now: datetime
) -> None:
    row = session.get_one(Candidate, candidate, populate_existing=True)
    unit = units.get(session, invitation.unit_id)
    name, (zh, en) = unit.name if unit else "", rules.IDENTITIES[row.identity]
    notices.send(
        session,
        [row.person_id],
        Words("您已被推荐，请填写登记表", "You were recommended: fill in the form"),
        Words(
            f"{name}推荐您为“{congress.name}”{zh}。请用本手机号短信登录，填写代表登记表。",
            f"{name} recommended you to “{congress.name}” ({en}). Sign in with this phone number and fill in the form.",
        ),
        now,
        instance=row.instance_id,
        channels=("sms",),
    )


def own(session: Session, candidate: str, by: Acting) -> Candidate:
    """A candidate of one of the units that `by` is liaison of, removed ones not. Raises `Unknown`."""
    row = session.get(Candidate, candidate)
    mine = {places.unit_of(post.place) for post in by.holds(LIAISON)}
    if row is None or row.removed_at is not None or row.unit_id not in mine:
        raise Unknown(candidate)
    return row


def remove(session: Session, candidate: str, by: Acting, now: datetime) -> None:
    """Remove a candidate who is not reported, or was rejected at the final review: his seat is free (D-14, D-40).

    Raises `Unknown`, `Refused`.
    """
    with transaction(session):
        row = own(session, candidate, by)
        _hold(session, row.congress_id, row.unit_id)
        refuse_removal(session, row)
        data = {"candidate_id": candidate}
        if messages.send(session, candidates.REMOVE, candidate, data, by, now) != 1:
            raise Refused(IS_REPORTED.zh, IS_REPORTED.en)


def refuse_removal(session: Session, row: Candidate) -> None:
    """Raise `Refused` where a candidate's stage does not let him be removed."""
    if candidates.stage_of(session, row) not in candidates.REMOVABLE:
        raise Refused(IS_REPORTED.zh, IS_REPORTED.en)


def free(session: Session, row: Candidate, by: Acting, now: datetime) -> None:
    """Free a candidate's seat, end his post and close his account, unless it serves for something else (D-14).

    Joins the step of his chain, whose lock says that he is not being reported.
    """
    refuse_removal(session, row)
    row.removed_at = now
    session.flush()
    for tenure in posts.tenures(session, row.person_id):
        if tenure.ended_at is None and (tenure.post.role, tenure.post.subject) == (PARTICIPANT, row.id):
            posts.end(session, tenure.post.id, now, by)
    only_by_text = select(Account.person_id).where(
        Account.person_id == row.person_id, Account.password_hash == passwords.UNUSABLE
    )
    if not posts.of(session, row.person_id, now) and session.scalar(only_by_text) is not None:
        accounts.close(session, row.person_id, by, now)
        # Deleted here, not deregistered by himself: the number may be recommended anew.
        people.change(session, row.person_id, {"phone": None}, by, now)


def disable(session: Session, candidate: str, by: Acting, now: datetime) -> None:
    """Shut a candidate's account; recommendation and seat stay (D-15). Raises `Unknown`, `Refused`."""
    _switch(session, candidate, by, now, is_open=False)


def enable(session: Session, candidate: str, by: Acting, now: datetime) -> None:
    """Open it again. Raises `Unknown`, `Refused`."""
    _switch(session, candidate, by, now, is_open=True)


def _switch(session: Session, candidate: str, by: Acting, now: datetime, *, is_open: bool) -> None:
    with transaction(session):
        row = own(session, candidate, by)
        posts.lock(session, row.person_id)
        others = session.scalars(
            select(HeldPost.id).where(
                HeldPost.person_id == row.person_id,
                posts.live(now),
                ~((HeldPost.role == PARTICIPANT) & (HeldPost.place == row.place) & (HeldPost.subject != "*")),
            )
        ).first()
        if others is not None:
            raise Refused(NOT_ONLY_HIS.zh, NOT_ONLY_HIS.en)
        try:
            (accounts.enable if is_open else accounts.disable)(session, row.person_id, by, now)
        except Refusal as refusal:
            raise Refused(refusal.message("zh"), refusal.message("en")) from refusal
