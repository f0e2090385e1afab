"""Congresses as their convening unit keeps them: made, changed, published, ended, cloned for the next term (PG-D13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.platform import audit, forms
from app.platform.data import new_id, transaction
from app.platform.forms import Entry
from app.platform.identity.entities import Unit
from app.platform.registry import Acting, Post, Refused
from app.platform.runtime import asking, instances, messages, tasks, versions
from app.platform.runtime.entities import Instance, Task
from app.platform.runtime.errors import Forbidden, Unknown
from app.platform.runtime.tasks import Decision
from app.systems.delegates.entities import Allotted, Congress, Invitation
from app.systems.delegates.roles import CONVENER

PROCESS: Final = "delegates_congress_setup"
FORM: Final = "delegates/congress"
OVER: Final = "delegates_congress_over"  # the congress is ended; correlation is its id, as of the others
DATES: Final = "delegates_congress_dates"  # its last day is another one: PR-D1 looks again
DEADLINE: Final = "delegates_deadline_changed"  # reports close at another moment: each open PR-D3 looks again
DRAFT, PUBLISHED, ENDED = "草稿", "已发布", "已结束"
LOCAL: Final = ZoneInfo("Asia/Shanghai")
DEFAULTS: Final[Mapping[str, Any]] = {"young": "with", "heads": "equal"}
DAYS: Final = ("begins_on", "ends_on", "age_on")
ALREADY_PAST = (
    "【上报截止时间】不能早于现在",
    "“Reports close” cannot lie in the past",
)
CHANGED = ("大会的状态已经改变，请刷新页面", "The congress has changed meanwhile: load the page again")


def covered(by: Acting) -> ColumnElement[bool]:
    """The SQL of which congresses a convener keeps: those of the own unit."""
    return Congress.place.in_([post.place for post in by.holds(CONVENER)])


def get(session: Session, congress: str, by: Acting) -> Congress:
    """A congress of the person's own unit. Raises `Unknown`."""
    found = session.scalar(select(Congress).where(Congress.id == congress, covered(by)))
    if found is None:
        raise Unknown(congress)
    return found


def title_of(congress: Congress) -> str:
    """What its process is called: the name, and the term where the name does not say it."""
    return congress.name if congress.term in congress.name else f"{congress.name} · {congress.term}"


def stage_of(session: Session, congress: Congress) -> str:
    """草稿, 已发布 or 已结束."""
    return session.scalar(select(Instance.stage_zh).where(Instance.id == congress.instance_id)) or DRAFT


def step_of(session: Session, congress: Congress) -> str | None:
    """The step of PR-D1 that is open: configure, invite, allot; None once it is published."""
    return session.scalar(
        select(Task.element).where(Task.instance_id == congress.instance_id, Task.state == "open")
    )


def values_of(congress: Congress) -> dict[str, Any]:
    """A congress as its form shows it."""
    days = {name: day.isoformat() for name in DAYS if (day := getattr(congress, name)) is not None}
    by = congress.report_by
    return {
        "name": congress.name,
        "term": congress.term,
        **days,
        **({"report_by": by.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M")} if by else {}),
        "young": "with" if congress.counts_45 else "without",
        "heads": "equal" if congress.must_fill else "most",
    }


def ends_at(congress: Congress) -> datetime:
    """The first moment after its last day, in China's time."""
    assert congress.ends_on is not None
    return datetime.combine(congress.ends_on + timedelta(days=1), time(), LOCAL)


def create(session: Session, entry: Entry, by: Acting, now: datetime) -> str:
    """Make a congress of the person's unit and go on to inviting (PR-D1). Raises `Forbidden`, `Refused`.

    `entry` is the read form of the step `configure`. Returns the congress's id.
    """
    post = _post(by)
    with transaction(session):
        unit = session.scalar(select(Unit.id).where(Unit.path == post.place))
        if unit is None:
            raise Forbidden("d.congress.edit")
        identifier = new_id()
        columns = _columns({**DEFAULTS, **entry.changed})
        _mind_name(session, post.place, columns["name"], columns["term"])
        row = Congress(
            id=identifier, instance_id=identifier, unit_id=unit, place=post.place, made_at=now, **columns
        )
        session.add(row)
        session.flush()
        said = {"congress": identifier, "name": row.name, "term": row.term}
        audit.log(session, "delegates", "congress.made", by, now, said, about_of(identifier))
        _start(session, row, post, by, now)
        _decide(session, row, "configure", "next", by, now, entry)
    return identifier


def change(session: Session, congress: str, entry: Entry, by: Acting, now: datetime) -> None:
    """Write what was changed of a congress, at any time until it is over. Raises `Unknown`, `Refused`."""
    with transaction(session):
        row = get(session, congress, by)
        if stage_of(session, row) == ENDED:
            raise Refused("大会已结束，不能修改", "The congress is over")
        if _open_task(session, row, "configure") is not None:  # it was sent back here
            _decide(session, row, "configure", "next", by, now, entry)
        else:
            write(session, row, entry.changed, by, now)


def write(session: Session, row: Congress, values: Mapping[str, Any], by: Acting, now: datetime) -> None:
    """Write form values to a congress, with what follows for its timers; joins the verb that is open."""
    new = _columns(values)
    before = {name: getattr(row, name) for name, value in new.items() if getattr(row, name) != value}
    if not before:
        return
    if {"name", "term"} & before.keys():
        _mind_name(session, row.place, new.get("name", row.name), new.get("term", row.term), row.id)
    for name in before:
        setattr(row, name, new[name])
    _mind_published(row)
    if "report_by" in before:
        _mind_deadline(row, now)
    session.flush()
    body = {
        "congress": row.id,
        "before": {name: _said(value) for name, value in before.items()},
        "after": {name: _said(new[name]) for name in before},
    }
    audit.log(session, "delegates", "congress.changed", by, now, body, about_of(row.id))
    instances.retitle(session, row.instance_id, title_of(row))
    if "ends_on" in before:
        messages.send(session, DATES, row.id, {}, by, now)
    if "report_by" in before:
        messages.send(session, DEADLINE, row.id, {}, by, now)


def to_quotas(session: Session, congress: str, by: Acting, now: datetime) -> None:
    """Go on from inviting to allotting. Raises `Unknown`; does nothing where it has gone on already."""
    with transaction(session):
        row = get(session, congress, by)
        if _open_task(session, row, "invite") is not None:
            _decide(session, row, "invite", "next", by, now)


def publish(session: Session, congress: str, by: Acting, now: datetime) -> None:
    """Publish a draft: what is missing is refused in words, else the liaisons are told (PR-D1).

    Raises `Unknown`, `HookRefused`, and `Refused` where it is no draft any more.
    """
    with transaction(session):
        row = get(session, congress, by)
        if _open_task(session, row, "configure") is not None:
            _decide(session, row, "configure", "next", by, now)
        if _open_task(session, row, "invite") is not None:
            _decide(session, row, "invite", "next", by, now)
        _decide(session, row, "allot", "publish", by, now)


def end(session: Session, congress: str, by: Acting, now: datetime) -> None:
    """End a published congress before its last day. Raises `Unknown`, `Refused`."""
    with transaction(session):
        row = get(session, congress, by)
        if not messages.send(session, OVER, row.id, {}, by, now):
            raise Refused(*CHANGED)


def clone(session: Session, congress: str, by: Acting, now: datetime) -> str:
    """Begin the next term with a congress's rules, units and quotas, without people and dates.

    Returns the new congress's id. Raises `Unknown`.
    """
    with transaction(session):
        old = get(session, congress, by)
        post = next(post for post in by.holds(CONVENER) if post.place == old.place)
        identifier = new_id()
        row = Congress(
            id=identifier,
            instance_id=identifier,
            unit_id=old.unit_id,
            place=old.place,
            name=_free_name(session, old),
            term=old.term,
            counts_45=old.counts_45,
            must_fill=old.must_fill,
            cloned_from=old.id,
            made_at=now,
        )
        session.add(row)
        session.flush()
        _copy_units(session, old.id, row)
        body = {"congress": identifier, "from": old.id, "name": old.name}
        audit.log(session, "delegates", "congress.cloned", by, now, body, about_of(identifier))
        _start(session, row, post, by, now)
    return identifier


def about_of(congress: str) -> str:
    """What the record calls a congress."""
    return f"congress:{congress}"


def _post(by: Acting) -> Post:
    posts = by.holds(CONVENER)
    if not posts:
        raise Forbidden("d.congress.edit")
    return by.post if by.post is not None and by.post in posts else posts[0]


def _start(session: Session, row: Congress, post: Post, by: Acting, now: datetime) -> None:
    started = instances.start(
        session, PROCESS, by=by, post=post, now=now, data={"congress_id": row.id}, title=title_of(row)
    )
    row.instance_id = started.instance
    session.flush()


def _open_task(session: Session, row: Congress, element: str) -> tuple[str, int] | None:
    found = session.execute(
        select(Task.id, Task.revision).where(
            Task.instance_id == row.instance_id, Task.element == element, Task.state == "open"
        )
    ).first()
    return (found.id, found.revision) if found else None


def _decide(
    session: Session,
    row: Congress,
    element: str,
    outcome: str,
    by: Acting,
    now: datetime,
    entry: Entry | None = None,
) -> None:
    """Decide a step of PR-D1 from its page. Raises `Refused` where it is not open."""
    task = _open_task(session, row, element)
    if task is None:
        raise Refused(*CHANGED)
    entry = entry or _as_it_stands(session, row, element, by, now)
    tasks.complete(session, task[0], entry, Decision(outcome, revision=task[1]), by, now)


def _as_it_stands(session: Session, row: Congress, element: str, by: Acting, now: datetime) -> Entry:
    step = versions.of_instance(session, row.instance_id).forms[FORM].at(element)
    values = values_of(row)
    given = asking.given(session, values, lambda _file: None, by=by, now=now, process=PROCESS)
    return forms.read(step, {name: [str(value)] for name, value in values.items()}, given)


def _mind_name(session: Session, place: str, name: str, term: str, besides: str | None = None) -> None:
    same = select(Congress.id).where(Congress.place == place, Congress.name == name, Congress.term == term)
    if session.scalar(same.where(Congress.id != (besides or "")).limit(1)) is not None:
        raise Refused("已有同名、同届次的大会", "There is a congress of this name and term already", "name")


def _mind_published(row: Congress) -> None:
    """What a published congress needs, it does not lose again."""
    if row.published_at is None:
        return
    for name, words in (
        ("begins_on", ("请填写【开始时间】", "Fill in “First day”")),
        ("ends_on", ("请填写【结束时间】", "Fill in “Last day”")),
        ("report_by", ("请填写【上报截止时间】", "Fill in “Reports close”")),
    ):
        if getattr(row, name) is None:
            raise Refused(*words, name)


def _mind_deadline(row: Congress, now: datetime) -> None:
    """Reports that are being prepared are not closed behind their backs (D-45)."""
    if row.published_at is not None and row.report_by is not None and row.report_by < now:
        raise Refused(*ALREADY_PAST, "report_by")


def _free_name(session: Session, old: Congress) -> str:
    """The old name, marked as a copy as often as needed: name and term are one congress's only."""
    name = old.name
    there: Sequence[str] = session.scalars(
        select(Congress.name).where(Congress.place == old.place, Congress.term == old.term)
    ).all()
    while name in there:
        name = f"{name[:94]}（新一届）"
    return name


def _copy_units(session: Session, old: str, row: Congress) -> None:
    for invitation in session.scalars(
        select(Invitation).where(Invitation.congress_id == old).order_by(Invitation.id)
    ).all():
        identifier = new_id()
        session.add(
            Invitation(
                id=identifier,
                congress_id=row.id,
                unit_id=invitation.unit_id,
                place=invitation.place,
                liaison="",
                phone="",
            )
        )
        session.flush()
        session.add_all(
            Allotted(
                invitation_id=identifier,
                identity=allotted.identity,
                seats=allotted.seats,
                minimums=dict(allotted.minimums),
            )
            for allotted in session.scalars(select(Allotted).where(Allotted.invitation_id == invitation.id))
        )
    session.flush()


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Form values as columns; only those that were given."""
    found: dict[str, Any] = {name: values[name] for name in ("name", "term") if name in values}
    found |= {
        name: date.fromisoformat(values[name]) if values[name] else None for name in DAYS if name in values
    }
    if "report_by" in values:
        said = values["report_by"]
        moment = datetime.fromisoformat(said).replace(tzinfo=LOCAL) if said else None
        found["report_by"] = moment.astimezone(UTC) if moment else None
    if "young" in values:
        found["counts_45"] = values["young"] != "without"
    if "heads" in values:
        found["must_fill"] = values["heads"] != "most"
    return found


def _said(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(LOCAL):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else value
