"""The letter that names at once everything to be put right (一次性告知书): printed after a return that names items."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import jobs
from app.platform.documents import files
from app.platform.documents.entities import Document
from app.platform.documents.printing import keep, prepare
from app.platform.identity.entities import Person
from app.platform.jobs.entities import Job
from app.platform.registry import Call, house
from app.platform.runtime import history, items, places, versions, work
from app.platform.runtime.entities import Instance, Process, Task

TEMPLATE = "platform/correction_letter"
MARK = "return:"
"""What the element of such a document begins with; the return's row in the history follows."""
LOCAL = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Paper:
    """What there is of a return's letter: its file once it is printed, else whether somebody is at it."""

    file: str | None
    is_under_way: bool = False


def paper(session: Session, instance: str, seq: int) -> Paper:
    """The letter of the return at row `seq` of the instance's history. Two statements at most."""
    file = session.scalar(
        select(Document.file_id)
        .where(
            Document.instance_id == instance,
            Document.template == TEMPLATE,
            Document.element == f"{MARK}{seq}",
        )
        .order_by(Document.id.desc())
        .limit(1)
    )
    if file is not None:
        return Paper(file)
    state = session.scalar(select(Job.state).where(Job.key == items.letter_key(instance, seq)))
    return Paper(None, state in ("waiting", "running"))


def ask(session: Session, instance: str, seq: int, now: datetime) -> None:
    """Have it printed where that failed, or where the return came from before there were letters."""
    job = jobs.enqueue(
        session, items.LETTER, {"instance": instance, "seq": seq}, now, key=items.letter_key(instance, seq)
    )
    jobs.retry(session, job, now)


def data(call: Call) -> dict[str, Any]:
    """What the letter says: whose matter, who sent it back and why, and each thing with its reason."""
    seq = int(call.element.removeprefix(MARK))
    session = call.session
    row = next(each for each in history.of(session, call.instance) if each.seq == seq)
    found = session.execute(
        select(Instance.title, Instance.number, Process.name_zh, Person.name)
        .join(Process, Process.key == Instance.process)
        .outerjoin(Person, Person.id == Instance.starter_id)
        .where(Instance.id == call.instance)
    ).one()
    place = session.scalar(select(Task.place).where(Task.id == row.task)) if row.task else None
    return {
        "file_name": f"一次性告知书-{found.title}.pdf",
        "about": found.title,
        "process": found.name_zh,
        "matter": found.number or "",
        "applicant": found.name or "",
        "office": f"{places.name_of(session, place) or ''}{row.name_zh}",
        "by": row.by_name,
        "on": row.at.astimezone(LOCAL).date().isoformat(),
        "comment": str(row.body.get("comment", "")),
        "lines": _lines(session, call, row),
    }


def _lines(session: Session, call: Call, row: history.HistoryRow) -> list[dict[str, str]]:
    """Each thing named, in the order of the form it stands in."""
    program = versions.of_instance(session, call.instance)
    form = items.shown_form(program, program.definition.tasks.get(row.element or ""))
    fields, owners = form.fields if form else {}, row.body.get("of", {})
    order = {name: place for place, name in enumerate(fields)}
    lines = []
    named = row.body.get("items", {})
    for item in sorted(named, key=lambda one: order.get(owners.get(one, one), len(order))):
        name = owners.get(item, item)
        facts = files.facts(session, item) if item in owners else None
        label = fields[name].label.zh if name in fields else name
        lines.append({"label": label, "file": facts.name if facts else "", "reason": named[item]})
    return lines


@jobs.two_phase
def run(session: Session, arguments: Mapping[str, Any], now: datetime) -> Callable[[datetime], Any] | None:
    """Print it, once."""
    row = session.execute(select(Instance).where(Instance.id == arguments["instance"])).scalar_one()
    seq = int(arguments["seq"])
    if paper(session, row.id, seq).file is not None:
        return None
    by = work.acting(session, row.starter_id)
    call = Call(session, now, by, row.id, row.process, f"{MARK}{seq}", row.variables, row.starter_id)
    rendered = prepare(call, TEMPLATE)
    return lambda moment: keep(session, rendered, call, moment)


def plug() -> None:
    """Register the job and what the letter says."""
    house.documents[TEMPLATE] = data
    house.job(items.LETTER)(run)
