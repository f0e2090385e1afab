"""Incidents: what holds instances up, for those who look after them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import false, or_, select

from app.platform.identity import roles
from app.platform.identity.places import below
from app.platform.runtime import policy, work
from app.platform.runtime.entities import Incident, Instance
from app.platform.runtime.errors import Unknown
from app.rooms.api.operations import once, operation
from app.rooms.api.paging import ARGUMENTS, page
from app.rooms.api.reading import Asked
from app.rooms.api.saying import moment
from app.rooms.api.schemas import KEY, TEXT, page_of, said, shape
from app.rooms.web.acting import me, now, session


@operation(
    "GET",
    "/incidents",
    "incidents",
    "列出故障",
    "List what holds instances up",
    page_of("Incident"),
    query={"process": said(KEY, "流程标识", "key of a process"), **ARGUMENTS},
)
def list_incidents(asked: Asked) -> dict[str, Any]:
    """Open incidents of the instances the caller looks after, the latest first."""
    looked_after = [below(Instance.place, place) for place in roles.places(me().posts, roles.MANAGE)]
    rows = (
        select(
            Incident.id,
            Incident.instance_id,
            Incident.element,
            Incident.kind,
            Incident.detail,
            Incident.opened_at,
            Instance.title,
        )
        .join(Instance, Instance.id == Incident.instance_id)
        .where(Incident.closed_at.is_(None), or_(false(), *looked_after))
    )
    if "process" in asked.query:
        rows = rows.where(Instance.process == asked.query["process"])
    return page("incidents", rows, Incident.opened_at, Incident.id, asked, _row, latest_first=True)


def _row(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "instance": row.instance_id,
        "title": row.title,
        "element": row.element,
        "kind": row.kind,
        "detail": row.detail,
        "opened_at": moment(row.opened_at),
    }


@operation(
    "POST",
    "/incidents/<incident>/retry",
    "incidents",
    "重试",
    "Close an incident and try again",
    shape({"incident": TEXT, "instance": TEXT}),
    body=shape({}),
)
def retry_incident(asked: Asked, incident: str) -> dict[str, Any]:
    """Try again what failed."""

    def run() -> dict[str, Any]:
        instance = _instance(incident)
        work.retry(session(), incident, me(), now())
        return {"incident": incident, "instance": instance}

    return once(asked, "retry", (incident,), run)


def _instance(incident: str) -> str:
    """The instance it holds up; whether one may try again, the verb asks. Raises `Unknown`."""
    found = session().scalar(
        select(Instance.id)
        .join(Incident, Incident.instance_id == Instance.id)
        .where(Incident.id == incident, policy.readable(me()))
    )
    if found is None:
        raise Unknown(incident)
    return str(found)
