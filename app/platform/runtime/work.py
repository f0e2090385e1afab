"""Service tasks that run after the decision: each is a job, three tries, then an incident with a retry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.platform import audit, engine, notices
from app.platform.data import new_id, transaction
from app.platform.identity.entities import Account, Person
from app.platform.jobs import Failed, two_phase
from app.platform.jobs import retry as retry_job
from app.platform.registry import Acting, Call, Outcome, house
from app.platform.runtime import firing, incidents, policy, stepping, timers, versions
from app.platform.runtime.entities import Incident, Instance, Task
from app.platform.runtime.errors import Forbidden, Unknown, Unpublishable
from app.platform.runtime.history import Happening

FOR_THE_LIVING = ("runtime/work", "runtime/receive")
"""Jobs that hold nothing up once their instance is over, or their token has gone another way."""


def acting(session: Session, person: str) -> Acting:
    """Whoever wanted a job done, without posts: what needed a right was asked when it was enqueued."""
    row = session.execute(
        select(Person.name, Account.username)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.id == person)
    ).one_or_none()
    return Acting(person, row.name if row else "", (row.username if row else None) or "")


@house.job("runtime/work")
@two_phase
def work(session: Session, arguments: Mapping[str, Any], now: datetime) -> Callable[[datetime], None]:
    """Do a service task's work: prepare it outside any transaction, then make it true in one.

    Returns the second half, which the worker runs in the transaction that also finishes the job.
    """
    by = acting(session, arguments["by"])
    action = house.actions[arguments["action"]]
    row = session.execute(select(Instance).where(Instance.id == arguments["instance"])).scalar_one()
    own = arguments.get("own") or {}
    known = {**row.variables, **own}
    call = Call(session, now, by, row.id, row.process, arguments["element"], known, row.starter_id)
    version = row.version_id
    prepared: Any = None
    try:
        prepared = action.prepare(call, **arguments["parameters"]) if action.prepare else None
    except Outcome as outcome:
        prepared = outcome

    def make_true(call: Call) -> Mapping[str, Any] | None:
        if isinstance(prepared, Outcome):
            raise prepared
        return action.run(replace(call, prepared=prepared), **arguments["parameters"])

    return lambda moment: carry_out(session, arguments, make_true, moment, version=version)


def carry_out(
    session: Session,
    arguments: Mapping[str, Any],
    run: Callable[[Call], Mapping[str, Any] | None],
    moment: datetime,
    *,
    version: str | None = None,
) -> None:
    """The second half of a service task's work, in a transaction: what `run` returns is what the action has returned.

    It raises `Outcome` for the error boundary. Nothing is done for a token that has moved on. `version`: the one the
    work was prepared for.
    """
    held = stepping.hold(session, acting(session, arguments["by"]), moment, instance=arguments["instance"])
    firing.overtake(held)
    live = engine.tokens(held.program.definition, held.tokens)
    here = next((token for token in live if token.visit == arguments["visit"]), None)
    if held.state != "running" or here is None:
        return  # the token has moved on: nothing is left to do for it
    if version not in (None, held.row.version_id):
        raise RuntimeError("the instance changed its version meanwhile")
    _finish(held, {**arguments, "element": here.element}, run)


def _finish(
    held: stepping.Held, arguments: Mapping[str, Any], run: Callable[[Call], Mapping[str, Any] | None]
) -> None:
    element, own = arguments["element"], arguments.get("own")
    held.returned = _is_returned(held)
    try:
        with held.session.begin_nested():  # what it wrote before it gave up is taken back
            result = run(held.call(element, own))
    except Outcome as outcome:
        _fail(held, arguments, outcome.code)
        return
    held.pen.write(Happening("worked", element, by=held.by.person, outcome=arguments["action"]))
    step = engine.complete(
        held.program.definition,
        held.tokens,
        element,
        arguments["visit"],
        None,
        dict(result or {}),
        stepping.caller(held),
        held.now,
    )
    stepping.write(held, step)


def _fail(held: stepping.Held, arguments: Mapping[str, Any], code: str) -> None:
    """Take the error boundary. Raises the engine's `Faulty` where nobody catches the error: the job then fails."""
    element = arguments["element"]
    held.pen.write(Happening("failed", element, by=held.by.person, outcome=code[:60]))
    step = engine.fail(
        held.program.definition,
        held.tokens,
        element,
        arguments["visit"],
        code,
        stepping.caller(held),
        held.now,
    )
    stepping.write(held, step)


def _is_returned(held: stepping.Held) -> bool:
    """Whether the matter is one sent back: the work stands between a returned task and the next one."""
    return bool(
        held.session.scalar(
            select(Task.is_returned)
            .where(Task.instance_id == held.id, Task.state == "closed")
            .order_by(Task.closed_at.desc(), Task.visit.desc())
            .limit(1)
        )
    )


@house.job("runtime/failed")
def failed(session: Session, job: Failed, error: str, now: datetime) -> None:
    """Open an incident for work that failed three times, and for a notice or event that could not be sent."""
    kind, instance = "job", job.instance
    if job.name == notices.JOB:
        notices.gave_up(session, job.arguments["delivery"])
        kind, instance = notices.OWN_INCIDENT, job.arguments["instance"]
    with transaction(session):
        if instance is None:
            incident = {"job_id": job.id, "kind": kind, "detail": f"{job.name}: {error}"[:2000]}
            session.execute(insert(Incident).values(id=new_id(), opened_at=now, **incident))
            return
        by = acting(session, job.arguments.get("by", ""))
        held = stepping.hold(session, by, now, instance=instance)
        if job.name in FOR_THE_LIVING and not _is_wanted(held, job.arguments.get("visit")):
            return
        stepping.open_incident(held, kind, job.arguments.get("element"), error[:2000], job.id)
        stepping.save(held)


def _is_wanted(held: stepping.Held, visit: int | None) -> bool:
    """Whether the instance still waits for work that was given up; `visit` None is no work of a token."""
    if held.state not in ("running", "suspended"):
        return False
    try:
        live = engine.tokens(held.program.definition, held.tokens)
    except incidents.BROKEN:
        return True  # what is wrong with it is for whoever reads the incident
    return visit is None or any(token.visit == visit for token in live)


def retry(session: Session, incident: str, by: Acting, now: datetime) -> None:
    """Close an incident and try its job again. Raises `Unknown` when there is no such open incident, `Forbidden`.

    Its starter may, and whoever looks after it.

    One that belongs to no instance is for whoever looks after instances everywhere.
    """
    with transaction(session):
        row = session.execute(
            select(Incident).where(Incident.id == incident, Incident.closed_at.is_(None))
        ).scalar_one_or_none()
        if row is not None and row.instance_id is None and policy.may_manage(by, ""):
            _retry_unbound(session, row, by, now)
            return
        if row is None or row.instance_id is None or not policy.may_read(session, by, row.instance_id):
            raise Unknown(incident)
        held = stepping.hold(session, by, now, instance=row.instance_id)
        if by.person != held.row.starter_id and not policy.may_manage(by, held.row.place):
            raise Forbidden("incident.retry")
        closed = session.execute(
            update(Incident)
            .where(Incident.id == incident, Incident.closed_at.is_(None))
            .values(closed_at=now, closed_by_id=by.person)
        )
        if closed.rowcount != 1:  # type: ignore[attr-defined]
            raise Unknown(incident)  # another one has pressed the button meanwhile
        if row.job_id:
            retry_job(session, row.job_id, now)
        elif row.kind == "timer" and row.element:
            timers.go_on(held, row.element)
        elif row.kind == "nobody" and row.element:
            incidents.mind_again(held, row.element)
        held.pen.write(Happening("retried", row.element, by=by.person, body={"name": by.name}))
        stepping.save(held)


def _retry_unbound(session: Session, row: Incident, by: Acting, now: datetime) -> None:
    job, body = row.job_id, {"incident": row.id, "job": row.job_id}
    row.closed_at, row.closed_by_id = now, by.person
    session.flush()
    if job:
        retry_job(session, job, now)
    elif row.kind == "timer" and row.element:
        timers.wake_starts(session, row.element)
    audit.log(session, "runtime", "incident.retried", by, now, body)


def loose_wires(session: Session) -> dict[str, tuple[Any, ...]]:
    """Live versions that name hooks, roles or forms there are no more, with their problems (`flask check`)."""
    found = {}
    live = session.scalars(select(Instance.version_id).where(Instance.state == "running").distinct()).all()
    for version in live:
        try:
            versions.program(session, version)
        except Unpublishable as error:
            found[version] = error.problems
    return found
