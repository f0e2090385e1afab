"""Does at once, inside a rehearsal, what a worker would do after it: service tasks, messages, and what is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select, update

from app.platform import documents, jobs
from app.platform.design.halting import halted
from app.platform.documents import printing, templates
from app.platform.jobs import Failed, Job
from app.platform.registry import Call, house
from app.platform.runtime import versions, work
from app.platform.runtime.entities import Instance

if TYPE_CHECKING:
    from app.platform.design.rehearsing import Run

MOST: Final = 200
WORK: Final = "runtime/work"
DONE_HERE: Final = (WORK, "runtime/message", "runtime/receive")
PRINTS: Final = "platform/document"
_job = Job.__table__


@dataclass(frozen=True, slots=True)
class Asked:
    """Work of an action that is not rehearsed: it reaches outside the database. The designer says what it returns."""

    job: str
    element: str
    action: str
    arguments: Mapping[str, Any]


def settle(run: Run) -> None:
    """Do what has become due, and what that brings; what would leave the house is left undone."""
    for _ in range(MOST):
        row = _next(run)
        if row is None:
            return
        run.done.add(row.id)
        _carry_out(run, row)


def _next(run: Run) -> Any:
    wanted = [job for job in jobs.asked_for(run.session) if job not in run.done]
    if not wanted:
        return None
    row = run.session.execute(
        select(_job)
        .where(_job.c.id.in_(wanted), _job.c.name.in_(DONE_HERE), _job.c.state == "waiting")
        .order_by(_job.c.due_at, _job.c.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        run.done.update(wanted)
    return row


def _carry_out(run: Run, row: Any) -> None:
    """Run one job; one that fails for good is an incident, as it would be after its third try."""
    arguments = row.arguments
    if row.name == WORK:
        action = house.actions.get(arguments["action"])
        if action is not None and action.prepare is not None and action.name != PRINTS:
            run.asked[row.id] = Asked(row.id, arguments["element"], action.name, arguments)
            return
    try:
        with run.session.begin_nested():
            if row.name == WORK and arguments["action"] == PRINTS:
                _print(run, arguments)
            elif row.name == WORK:
                work.work(run.session, arguments, run.clock)(run.clock)
            else:
                house.jobs[row.name](run.session, arguments, run.clock)
            run.session.execute(
                update(Job).where(_job.c.id == row.id).values(state="done", done_at=run.clock)
            )
    except Exception as error:
        said = halted(error).words.zh
        failed = Failed(row.id, row.name, arguments, row.instance_id, 3)
        work.failed(run.session, failed, said, run.clock)
        if row.name == WORK:
            run.failed[arguments["element"]] = said
            run.asked[row.id] = Asked(row.id, arguments["element"], arguments["action"], arguments)


def _print(run: Run, arguments: Any) -> None:
    """Ask the document's data and give it its number, as printing does; no page is set."""
    template = str(arguments["parameters"]["template"])
    row = run.session.execute(select(Instance).where(Instance.id == arguments["instance"])).scalar_one()
    known = {**row.variables, **(arguments.get("own") or {})}
    by = work.acting(run.session, arguments["by"])
    call = Call(run.session, run.clock, by, row.id, row.process, arguments["element"], known, row.starter_id)
    program = versions.of_instance(run.session, row.id)
    shelf = templates.Shelf(program.version, program.files)
    data, _labels = printing.snapshot(call, template)
    number = documents.next_number(run.session, templates.manner(shelf, template).series, run.clock)
    name = f"{str(data.get('file_name', number)).removesuffix('.pdf')}.pdf"
    received = documents.Received(name[:100], "application/pdf", b" ", pages=1)
    content = documents.settings().storage.put(number.encode())
    digest = printing.hash_of(template, data)
    rendered = documents.Rendered(template, number, data, digest, content, received)

    def write(at: Call) -> None:
        printing.write_down(replace(at, prepared=rendered), template)

    work.carry_out(run.session, arguments, write, run.clock)
    run.printed.append((arguments["element"], template, number))
