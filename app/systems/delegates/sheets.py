"""The workbook of invited units: unit, liaison and phone for a congress, in many rows (PG-D13)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.identity import phones
from app.platform.registry import Acting, Refused, Words
from app.platform.sheets import Bad, Column, Intake, Row, Sheet, Stored
from app.systems.delegates import congresses, invitations
from app.systems.delegates.entities import Allotted, Candidate, Congress, Invitation, Slate
from app.systems.delegates.invitations import Reported

NO_CONGRESS = Words(
    "没有这个名称和届次的大会，或大会已结束", "There is no congress of this name and term, or it is over"
)


def _prepare(session: Session, by: Acting, now: datetime) -> Mapping[tuple[str, str], str]:
    rows = session.execute(
        select(Congress.name, Congress.term, Congress.id).where(
            congresses.covered(by), Congress.ended_at.is_(None)
        )
    )
    return {(row.name, row.term): row.id for row in rows}


def _store(intake: Intake, rows: Sequence[Row]) -> Stored:
    """Invite what is not invited yet; a unit that is there gets the liaison of its row."""
    bad: list[Bad] = []
    created = 0
    wanted: dict[str, list[Row]] = {}
    for row in rows:
        congress = intake.prepared.get((row.values["congress"], row.values["term"]))
        if congress is None:
            bad.append(Bad(row.number, "congress", NO_CONGRESS))
        else:
            wanted.setdefault(congress, []).append(row)
    for congress, own in wanted.items():
        created += _enter(intake, congress, own, bad)
    return Stored(bad, created)


def _enter(intake: Intake, congress: str, rows: Sequence[Row], bad: list[Bad]) -> int:
    session = intake.session
    units = invitations.named(session, (str(row.values["unit"]) for row in rows))
    held = select(Invitation).where(Invitation.congress_id == congress)
    there = {invitation.unit_id: invitation for invitation in session.scalars(held)}
    fresh: list[tuple[Row, Reported]] = []
    for row in rows:
        ids = units.get(str(row.values["unit"]), [])
        complaint = invitations.unit_complaint(ids, (), [one.unit for _, one in fresh])
        name, phone = str(row.values["liaison"]), str(row.values["phone"])
        wrong = ("unit", complaint) if complaint else _first(invitations.person_complaints(name, phone))
        if wrong is not None:
            bad.append(Bad(row.number, *wrong))
        elif ids[0] not in there:
            fresh.append((row, Reported(ids[0], name, phone)))
        elif (there[ids[0]].liaison, there[ids[0]].phone) != (name.strip(), phones.normal(phone)):
            change = partial(invitations.change_liaison, invitation=there[ids[0]].id, name=name, phone=phone)
            _try(intake, congress, row, bad, change)
    return _invite(intake, congress, fresh, bad)


def _invite(intake: Intake, congress: str, fresh: Sequence[tuple[Row, Reported]], bad: list[Bad]) -> int:
    """All at once into a draft; one by one where each liaison is told, so that one closed account stops only itself."""
    session = intake.session
    if session.get_one(Congress, congress).published_at is None:
        reported = [one for _, one in fresh]
        if reported:
            invitations.invite(session, congress, reported, intake.by, intake.now, intake.record)
        return len(reported)
    return sum(
        _try(intake, congress, row, bad, partial(invitations.invite, reported=[one], record=intake.record))
        for row, one in fresh
    )


def _try(intake: Intake, congress: str, row: Row, bad: list[Bad], verb: Callable[..., object]) -> bool:
    try:
        with intake.session.begin_nested():
            verb(intake.session, congress, by=intake.by, now=intake.now)
    except Refused as refused:
        bad.append(Bad(row.number, "phone", refused.words))
        return False
    return True


def _first(found: Sequence[tuple[str, Words]]) -> tuple[str, Words] | None:
    return found[0] if found else None


def _undo(intake: Intake) -> None:
    """Take back the units of an import, as long as they have recommended nobody and were not told."""
    session = intake.session
    own = session.scalars(
        select(Invitation).where(Invitation.import_id == intake.record).with_for_update()
    ).all()
    for entity in (Candidate, Slate):
        used = select(entity.id).where(
            entity.congress_id.in_({row.congress_id for row in own}),
            entity.unit_id.in_({row.unit_id for row in own}),
        )
        if session.scalar(used.limit(1)) is not None:
            raise Refused(
                "其中有单位已推荐人员，不能撤销这次导入", "Some of its units have recommended people"
            )
    if any(row.told_at is not None for row in own):
        raise Refused(
            "其中有联络员已收到通知，请在大会页面逐个移出单位",
            "Some of its liaisons were told: take the units out one by one",
        )
    ids = [row.id for row in own]
    session.execute(delete(Allotted).where(Allotted.invitation_id.in_(ids)))
    session.execute(delete(Invitation).where(Invitation.id.in_(ids)))
    body = {"import": intake.record}
    audit.log(session, "delegates", "invitations.taken_back", intake.by, intake.now, body)


def _count(session: Session, record: str) -> int:
    return session.scalar(select(func.count()).where(Invitation.import_id == record)) or 0


UNITS = Sheet(
    key="units",
    title=Words("受邀单位", "Invited units"),
    columns=(
        Column(
            "congress",
            Words("大会名称", "Congress"),
            required=True,
            example="演示市科学技术协会第九次代表大会",
        ),
        Column("term", Words("届次", "Term"), required=True, longest=30, example="第九次"),
        Column("unit", Words("单位名称", "Unit"), required=True, longest=120, example="演示区科学技术协会"),
        Column(
            "liaison",
            Words("联络员", "Liaison"),
            required=True,
            longest=invitations.LONGEST,
            settings={"format": "person_name"},
            example="张三",
        ),
        Column(
            "phone",
            Words("手机号码", "Mobile"),
            "phone",
            required=True,
            settings={"accepts": "mobile"},
            example="13800000000",
        ),
    ),
    permission="d.congress.edit",
    same=("congress", "term", "unit"),
    store=_store,
    prepare=_prepare,
    undo=_undo,
    count=_count,
    fills=(Invitation,),
    note=Words(
        "单位名称须与平台中的单位全称一致；已受邀的单位按本表更新联络员。导入后在大会页面分配名额。",
        "Units by their full names; a unit invited already gets the liaison of its row. Allot seats afterwards.",
    ),
)
SHEETS = (UNITS,)
