"""The form and the list of stand-ins (休假代理), as one's own page and the administrators' show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.platform.data import new_id
from app.platform.registry import Words
from app.platform.runtime.entities import Process
from app.platform.runtime.substitutes import Standing
from app.rooms.web import whom
from app.rooms.web.acting import now, session
from app.rooms.web.times import SHANGHAI

FIELDS: Final = {
    "dates": "until",
    "overlap": "from",
    "no_account": "to",
    "oneself": "to",
    "shut": "to",
    "unknown_process": "processes",
}
"""The field that a refusal of the verb (`BadStanding`) speaks of."""
MOST_PAST: Final = 10


@dataclass(frozen=True)
class Wanted:
    """An appointment as asked so far."""

    to: str = ""
    from_on: str = ""
    until_on: str = ""
    scope: str = "all"
    processes: tuple[str, ...] = ()
    key: str = ""

    @property
    def begins(self) -> datetime | None:
        """The first moment of the first day in Shanghai; None for what is no day."""
        return _midnight(self.from_on)

    @property
    def ends(self) -> datetime | None:
        """The first moment after the last day."""
        return _midnight(self.until_on, timedelta(days=1))

    @property
    def chosen(self) -> tuple[str, ...] | None:
        """The processes it is for; None is all of them."""
        return self.processes if self.scope == "some" else None


def read(values: MultiDict[str, str]) -> Wanted:
    """What an address or a post asks for; it begins today where nothing is said."""
    to = whom.chosen(values, "to")
    return Wanted(
        to[0] if to else "",
        values.get("from", today()),
        values.get("until", ""),
        values.get("scope", "all"),
        tuple(values.getlist("processes")[:200]),
        values.get("key") or new_id(),
    )


def complaints(wanted: Wanted) -> dict[str, str]:
    """What is wrong with a form by itself, by field, before the verb is asked."""
    found = {}
    if not wanted.to:
        found["to"] = _("请选择代理人")
    if wanted.begins is None:
        found["from"] = _("请填写开始日期")
    if wanted.ends is None:
        found["until"] = _("请填写结束日期")
    if wanted.begins is not None and wanted.ends is not None and wanted.ends <= wanted.begins:
        found["until"] = _("结束日期不能早于开始日期")
    if wanted.scope == "some" and not wanted.processes:
        found["processes"] = _("请选择至少一个流程")
    return found


def summary(wrong: Mapping[str, str]) -> list[tuple[str | None, str]]:
    """Every complaint with the id of its field, for the head of the form."""
    return [(f"verb-{name}" if name else None, sentence) for name, sentence in wrong.items()]


def processes() -> dict[str, Words]:
    """The processes an appointment can be narrowed to, by key."""
    rows = session().execute(
        select(Process.key, Process.name_zh, Process.name_en).order_by(Process.system, Process.key).limit(200)
    )
    return {row.key: Words(row.name_zh, row.name_en) for row in rows}


def groups(standings: Sequence[Standing]) -> list[tuple[str, Standing]]:
    """Running ones first, then those to come, then the last ten that are past; each with its state."""
    told = [(state(one), one) for one in standings]
    past = [pair for pair in told if pair[0] == "past"][:MOST_PAST]
    return [pair for name in ("running", "coming") for pair in told if pair[0] == name] + past


def state(one: Standing) -> str:
    """running, coming or past."""
    if one.ended_at is not None or one.until_at <= now():
        return "past"
    return "coming" if one.from_at > now() else "running"


def today() -> str:
    """This day in Shanghai, as a date field takes it."""
    return now().astimezone(SHANGHAI).date().isoformat()


def _midnight(text: str, later: timedelta = timedelta()) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day + later, time(), SHANGHAI) if 2000 <= day.year < 2200 else None
