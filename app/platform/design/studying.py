"""A forecast over many instances, as an errand: its rows are kept until the next study of the process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.platform import jobs
from app.platform.data import new_id, transaction
from app.platform.design import forecasting
from app.platform.design.counting import Count, affected, rows_of
from app.platform.design.forecasting import Fate, Forecast, Target
from app.platform.design.publication_entities import Studied, Study
from app.platform.identity import behalf
from app.platform.jobs import errands
from app.platform.registry import Acting, Words, house
from app.platform.runtime.entities import Instance
from app.platform.runtime.errors import Unknown, Unpublishable

JOB: Final = "design/study"
CHUNK: Final = 1_000
TITLE: Final = Words("测算发布影响：", "Forecast: ")
GONE: Final = Words(
    "草稿或版本已不存在，请重新测算", "The draft or version is not there any more; forecast again"
)


def begin(
    session: Session,
    target: Target,
    mapping: Mapping[str, str],
    source: Mapping[str, Any],
    by: Acting,
    now: datetime,
) -> str:
    """Begin a study as an errand and return the errand. `source`: `{draft, revision}` or `{process, number}`."""
    name = target.program.definition.name
    title = Words(TITLE.zh + name.zh, TITLE.en + name.en)
    with transaction(session):
        study = new_id()
        arguments = {**source, "study": study, "mapping": dict(mapping), "person": by.person}
        total = session.scalar(select(func.count()).select_from(Instance).where(*affected(target))) or 0
        errand = errands.begin(session, JOB, title, arguments, by, now, total)
        session.execute(
            insert(Study).values(
                id=study,
                about=target.about(mapping),
                process=target.process,
                errand_id=errand,
                asked_by_id=by.person,
                asked_at=now,
            )
        )
    return errand


@house.job(JOB)
@jobs.two_phase
def run(session: Session, arguments: Mapping[str, Any], now: datetime) -> Callable[[datetime], None]:
    """Make the study: rows a thousand at a time, the counts at the end. Begun anew after a fall."""
    errand, study = arguments["errand"], arguments["study"]
    by = behalf.acting(session, arguments["person"], now)
    try:
        target = _target(session, arguments)
    except (Unknown, Unpublishable):
        target = None
    if by is None or target is None:
        return lambda at: errands.refuse(session, errand, GONE, at)
    with transaction(session):
        old = select(Study.id).where(Study.process == target.process, Study.facts.is_not(None))
        for rows in (Studied.study_id == study, Studied.study_id.in_(old)):
            session.execute(delete(Studied).where(rows), execution_options={"synchronize_session": False})
    count = Count(session, target, now)
    forecast = Forecast(session, target, arguments["mapping"], by, now)
    alone: list[Any] = []
    done = 0
    with Session(session.get_bind()) as reading:
        for chunk in _stream(reading, target):
            decided = []
            for row in chunk:
                fate = forecast.fate(row)
                if fate is None:
                    alone.append((row.id, row.version_id, row.place))
                else:
                    decided.append((row.id, row.version_id, row.place, fate))
            done += len(decided)
            _keep(session, study, decided, count)
            errands.step(session, errand, done)
    for start in range(0, len(alone), forecasting.BATCH):
        part = alone[start : start + forecasting.BATCH]
        fates = forecasting.tried(session, target, arguments["mapping"], [one[0] for one in part], by, now)
        _keep(session, study, [(*one, fates[one[0]]) for one in part], count)
        done += len(part)
        errands.step(session, errand, done)
    facts = count.summary(now, forecast.obstacles).facts()

    def write(at: datetime) -> None:
        session.execute(update(Study).where(Study.id == study).values(facts=facts))
        errands.finish(
            session, errand, {"study": study, "rows": facts["total"], "source": _source(arguments)}, at
        )

    return write


def _keep(session: Session, study: str, decided: Sequence[tuple[str, str, str, Fate]], count: Count) -> None:
    rows = []
    for instance, version, place, fate in decided:
        count.add(version, place, fate)
        about = {"study_id": study, "instance_id": instance, "version_id": version}
        rows.append({**about, "becomes": fate.becomes, "why": fate.why, "waits": list(fate.waits)})
    if rows:
        with transaction(session):
            session.execute(insert(Studied), rows)


def _stream(reading: Session, target: Target) -> Iterator[Sequence[Any]]:
    """The rows, a thousand at a time, each time from where the last ended: nobody waits on a long read."""
    last = ""
    while True:
        rows = reading.execute(rows_of(target).where(Instance.id > last).limit(CHUNK)).all()
        reading.rollback()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _target(session: Session, arguments: Mapping[str, Any]) -> Target:
    if arguments.get("draft"):
        return forecasting.of_draft(session, arguments["draft"], arguments["revision"])
    return forecasting.of_version(session, arguments["process"], arguments["number"])


def _source(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: arguments[name] for name in ("draft", "revision", "process", "number") if name in arguments}
