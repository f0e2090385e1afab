"""Who may be handed a task by name, and by whom: the questions that transfer, delegate, signers and copy share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.platform.engine import UserTask
from app.platform.identity.entities import Account, Person
from app.platform.registry import Acting, Words
from app.platform.runtime import firing, policy, receipts, recusal, seats, stepping, taken
from app.platform.runtime.entities import Incident, Task
from app.platform.runtime.errors import BadPerson, Forbidden, InstanceChanged, MissingOpinion, Unknown
from app.platform.runtime.policy import Standing
from app.platform.runtime.seats import Bench

REASON = Words("管理员办理", "An administrator's act")
TELL = {
    "no_account": Words("找不到此人，或其账号不能登录。", "There is no such person who can sign in."),
    "own": Words(
        "不能改派给您本人，请由其他管理员办理。", "Not to yourself: another administrator has to do that."
    ),
    "oneself": Words("不能选择您本人。", "You cannot choose yourself."),
    "holds": Words("此人正在办理这项任务。", "This person holds the task."),
    "recused": Words("此人与事项有关联，应当回避。", "This person is connected with the matter."),
    "already": Words("此人已是签署人。", "This person is a signer already."),
    "many": Words("签署人太多。", "Too many signers."),
    "not_seated": Words("此人不是签署人。", "This person is not a signer."),
    "decided": Words("此人已经办理，不能减签。", "This person has decided already and cannot be removed."),
    "not_added": Words("只能减去加签的人。", "Only signers who were added can be removed."),
    "last": Words("这是最后一位签署人，不能减签。", "The last signer cannot be removed."),
    "unclaimed": Words("请先由办理人签收，再加签。", "Somebody must claim the task first."),
    "nobody": Words("请选择人员。", "Choose somebody."),
    "which": Words("请用加签、减签更换签署人。", "Add and remove signers instead."),
}
MOST = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A task under lock, as a verb of people finds it. `standing` is None for an administrator's act."""

    held: stepping.Held
    row: Any
    bench: Bench
    drawn: UserTask
    standing: Standing | None


def bad(code: str) -> BadPerson:
    """The refusal `code` in its words."""
    return BadPerson(code, TELL[code])


def ask(
    session: Session,
    task: str,
    verb: str,
    revision: int,
    by: Acting,
    now: datetime,
    comment: str,
    *,
    once: tuple[str | None, str],
    managed: bool = True,
) -> Asked | None:
    """Lock a task for `verb`, by whoever may work it where its step allows that, or by an administrator.

    An administrator (`managed`) must say why. None when the key of `once` (key, body) has had its answer.
    Raises `Unknown`, `Forbidden`, `TaskTaken`, `InstanceChanged`, `MissingOpinion`.
    """
    held = stepping.hold(session, by, now, task=task)
    firing.overtake(held)
    if receipts.answered(session, by.person, *once) is not None:
        return None
    row = session.execute(select(Task.__table__).where(Task.id == task)).one()
    bench = seats.bench(session, row)
    drawn = held.program.asked(row)
    if row.state != "open":
        if not policy.may_read(session, by, held.id):
            raise Unknown(task)
        raise taken.task(session, row, bench, drawn, by)
    standing = policy.standing(by, row, bench.rows)
    if standing is None or verb not in drawn.allow:
        if not (managed and policy.may_manage(by, held.row.place, held.row.starter_id)):
            raise Forbidden(f"task.{verb}") if standing else taken.refusal(session, held, row, bench, drawn)
        if not comment.strip():
            raise MissingOpinion(REASON)
        standing = None
    if held.state != "running" or row.revision != revision:
        raise InstanceChanged()
    return Asked(held, row, bench, drawn, standing)


def able(session: Session, people: Iterable[str]) -> dict[str, str]:
    """The names of persons who can sign in, by id. Raises `BadPerson`. One statement."""
    wanted = list(dict.fromkeys(people))
    rows = session.execute(
        select(Person.id, Person.name)
        .join(Account, Account.person_id == Person.id)
        .where(Person.id.in_(wanted), Account.is_disabled.is_(False))
    ).all()
    found = {row.id: row.name for row in rows}
    if len(found) != len(wanted):
        raise bad("no_account")
    return {person: found[person] for person in wanted}


def named(asked: Asked, people: Iterable[str]) -> dict[str, str]:
    """The names of persons who can be handed the task: they can sign in, and it does not avoid them.

    Raises `BadPerson`. Two statements at most, whatever the number.
    """
    found, row = able(asked.held.session, people), dict(asked.row._mapping)
    kept = recusal.left(asked.held.session, row, found.items(), asked.held.now)
    if len(kept) != len(found):
        raise bad("recused")
    return found


def seat_a_single(asked: Asked) -> SimpleNamespace:
    """Turn a task that one person decides into one of seats: he who holds it, or acts, keeps a seat."""
    row, standing = asked.row, asked.standing
    holder = standing.person if standing is not None else row.claimed_by_id or row.assignee_id
    if holder is None:
        raise bad("unclaimed")
    asked.bench.rule = "sequence"
    name = asked.held.session.scalar(select(Person.name).where(Person.id == holder)) or ""
    is_personal = row.assignee_id is not None
    return asked.bench.add(holder, name, 1, is_personal=is_personal)


def store(asked: Asked, **values: Any) -> None:
    """Raise the task's revision with what changed: whoever has read it before reads it anew."""
    asked.held.session.execute(
        update(Task).where(Task.id == asked.row.id).values(revision=asked.row.revision + 1, **values)
    )


def finish(asked: Asked, once: tuple[str | None, str]) -> None:
    """Answer the key, as the last thing of the verb."""
    held = asked.held
    receipts.give(held.session, held.by.person, *once, {"task": asked.row.id}, held.now)


def overcome(asked: Asked) -> None:
    """Close the incident of a task that nobody could answer: somebody has seen to it."""
    if asked.held.row.has_incident:
        kinds = (Incident.kind == "nobody", Incident.element == asked.row.element)
        stepping.close_incidents(asked.held, *kinds)


def body(asked: Asked, comment: str, people: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """What the history keeps of such a verb."""
    by, standing = asked.held.by, asked.standing
    said: dict[str, Any] = {"comment": comment, "name": by.name, **more}
    if people is not None:
        said["to"] = [{"person": person, "name": name} for person, name in people.items()]
    if standing is not None and standing.principal is not None:
        said |= {"for": standing.person, "for_name": standing.principal.name}
    return said
