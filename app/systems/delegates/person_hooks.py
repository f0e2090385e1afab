"""What the diagram of a person's review may name (PR-D2), and the form that is filled in there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.platform import notices
from app.platform.identity import posts
from app.platform.registry import Call, Hooks, Refused, Words
from app.platform.runtime import instances
from app.systems.delegates import candidates, recommending
from app.systems.delegates.entities import Candidate, Congress
from app.systems.delegates.roles import LIAISON

NOT_HIS_OWN = Words("不能审核本人的登记表", "Nobody reviews his own form")


def plug(hooks: Hooks) -> None:
    """Enter them into the hooks of delegates."""
    hooks.action()(open_candidate)
    hooks.action()(record_submission)
    hooks.action()(record_first_review)
    hooks.action()(record_withdrawal)
    hooks.action()(record_final_review)
    hooks.action()(remove_candidate)
    hooks.entity("candidate", _load, _store)


def open_candidate(call: Call, candidate_id: str) -> None:
    """Bind the candidate to its chain and name the chain after it (D-16)."""
    row = call.session.execute(select(Candidate).where(Candidate.id == candidate_id)).scalar_one()
    row.instance_id = call.instance
    call.session.flush()
    congress = call.session.get_one(Congress, row.congress_id)
    instances.retitle(call.session, call.instance, candidates.title_of(row, congress))


def record_submission(call: Call, candidate_id: str) -> None:
    """Write down when the form was submitted and how old the person is then (D-18, D-42); tell the liaison."""
    row, congress = _about(call, candidate_id)
    row.submitted_at = call.now
    candidates.count_age(row)
    call.session.flush()
    others = [person for person in _liaisons(call, row) if person != call.by.person]
    _tell(call, row, congress, others, Words("登记表已提交，请初审", "the form was submitted: review it"))


def record_first_review(call: Call, candidate_id: str, outcome: str) -> None:
    """Tell the person and the liaison what the first review made of it (D-24, D-26)."""
    row, congress = _judged(call, candidate_id)
    said = (
        Words("初审通过，等待上报", "passed the first review and waits to be reported")
        if outcome == "pass"
        else Words("初审不通过，请按意见修改后重新提交", "was rejected: correct and submit it again")
    )
    _tell(call, row, congress, [row.person_id, *_liaisons(call, row)], said)


def record_withdrawal(call: Call, candidate_id: str) -> None:
    """Tell the person that the result of the first review was taken back (D-25, D-27)."""
    row, congress = _about(call, candidate_id)
    said = Words("初审结果已撤销，重新审核中", "the result of the first review was withdrawn")
    _tell(call, row, congress, [row.person_id], said)


def record_final_review(call: Call, candidate_id: str, outcome: str) -> None:
    """Tell the person and the liaison what the convening unit has decided (D-36, D-39)."""
    row, congress = _judged(call, candidate_id)
    said = (
        Words("终审审核通过", "passed the final review")
        if outcome == "pass"
        else Words("终审审核不通过", "was rejected at the final review")
    )
    _tell(call, row, congress, [row.person_id, *_liaisons(call, row)], said)


def remove_candidate(call: Call, candidate_id: str) -> None:
    """Free the seat and end the person's part (D-14)."""
    row, _ = _about(call, candidate_id)
    recommending.free(call.session, row, call.by, call.now)


def _liaisons(call: Call, row: Candidate) -> list[str]:
    place = row.place
    return [person for person, _ in posts.holders(call.session, LIAISON, place, None, call.now)]


def _tell(call: Call, row: Candidate, congress: Congress, to: list[str], what: Words) -> None:
    name = candidates.title_of(row, congress)
    notices.send(
        call.session,
        list(dict.fromkeys(to)),
        Words(f"{row.name}：{what.zh}", f"{row.name}: {what.en}"),
        Words(f"“{name}”{what.zh}。", f"“{name}” {what.en}."),
        call.now,
        kind=notices.MESSAGE,
        instance=call.instance,
    )


def _about(call: Call, candidate_id: str) -> tuple[Candidate, Congress]:
    row = call.session.execute(
        select(Candidate).where(Candidate.id == candidate_id, Candidate.instance_id == call.instance)
    ).scalar_one()
    return row, call.session.get_one(Congress, row.congress_id)


def _judged(call: Call, candidate_id: str) -> tuple[Candidate, Congress]:
    """The same, where who decides is not the candidate: a liaison may be recommended himself."""
    row, congress = _about(call, candidate_id)
    if row.person_id == call.by.person:
        raise Refused(NOT_HIS_OWN.zh, NOT_HIS_OWN.en)
    return row, congress


def _load(call: Call, row: str) -> dict[str, Any]:
    return candidates.values_of(call.session, row)


def _store(call: Call, row: str | None, values: Mapping[str, Any]) -> str:
    if row is None:
        raise ValueError("a candidate begins with a recommendation")
    candidates.write(call.session, row, values)
    return row
