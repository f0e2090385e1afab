"""The list of what failed and is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.identity import roles
from app.platform.identity.places import within
from app.platform.lists import Column, Filter, List, Rows
from app.platform.monitoring import incidents, wording
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Incident, Instance
from app.rooms.monitor.lists import rows


def _failed(_session: Session, acting: Acting, _now: datetime) -> Rows:
    asked = rows.joined(
        select(
            *(Incident.id, Incident.kind, Incident.element, Incident.opened_at, Instance.version_id),
            *rows.OF_INSTANCE,
        )
        .select_from(Incident)
        .join(Instance, Instance.id == Incident.instance_id)
    )
    found: Rows = asked.where(Incident.closed_at.is_(None), within(Instance.place, rows.reach_of(acting)))
    return found


INCIDENTS = List(
    key="incidents",
    keeps_views=True,
    title=rows.TITLES["incidents"],
    columns=(
        replace(rows.NUMBER, sort=Instance.number),
        rows.TITLE,
        rows.OF_PROCESS,
        rows.STARTER,
        rows.UNIT,
        rows.WHERE,
        Column("what", Words("异常", "What"), value=incidents.failed, fixed=True),
        Column("opened_at", Words("发生时间", "Since"), kind="moment", sort=Incident.opened_at, card="named"),
        rows.VERSION,
    ),
    query=_failed,
    order=(Incident.opened_at, Incident.id),
    more=incidents.with_steps,
    filters=(
        rows.SEARCH,
        rows.PROCESS,
        rows.REGION,
        Filter(
            "kind",
            Words("类别", "Kind"),
            "choice",
            lambda code, _now: Incident.kind == code,
            lambda _session, _acting: list(wording.INCIDENTS.items()),
        ),
    ),
    permission=roles.MANAGE,
    row="id",
    link=rows.link,
    size=20,
    tabs=rows.tabs,
    exact=1_000,
    empty=Words("管辖范围内没有异常。", "Nothing has failed in your area."),
)
