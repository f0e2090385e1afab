"""Saved views: a list's question under a name, for oneself, for one's office, or for everybody."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Index, String, and_, case, delete, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.platform import audit
from app.platform.data import Base, Id, Json, Moment, new_id, sealing, transaction
from app.platform.identity import posts, roles
from app.platform.identity.places import Place
from app.platform.lists import catalogue
from app.platform.registry import Acting, Refused, house
from app.platform.runtime.errors import Forbidden, Unknown

ME, OFFICE, EVERYBODY = REACHES = ("me", "office", "everybody")
LONGEST = 30
MOST = 50  # of one owner
SHOWN = 60


class View(Base):
    """A view of the list `list` (as the catalogue names it): `asked` are its address parameters, sealed.

    `reach`: me, office (whoever holds `role` at `place` itself: colleagues of the same unit or the same region's
    office; without a role nobody but the owner), everybody.
    """

    __tablename__ = "lists_view"
    __table_args__ = (
        Index("ix_lists_view_owner", "owner_id", "position"),
        Index("ix_lists_view_place", "reach", "place"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    list: Mapped[str] = mapped_column(String(120))
    owner_id: Mapped[str] = mapped_column(Id)
    title: Mapped[str] = mapped_column(String(60))
    asked: Mapped[dict[str, Any]] = mapped_column(Json)
    reach: Mapped[str] = mapped_column(String(10))
    place: Mapped[str | None] = mapped_column(Place)
    role: Mapped[str | None] = mapped_column(String(80))
    position: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment)


class Office(NamedTuple):
    """Those who hold the same role at the same place."""

    place: str
    role: str


@dataclass(frozen=True, slots=True)
class Saved:
    """A view as one reader sees it. `may_change`: it is his, or he looks after whom it is for."""

    id: str
    list: str
    title: str
    asked: Mapping[str, str]
    reach: str
    place: str | None
    owner: str
    may_change: bool


_table = View.__table__


def of(session: Session, by: Acting, most: int = SHOWN, only: Collection[str] | None = None) -> list[Saved]:
    """The views `by` sees: his own first, then his office's, then everybody's, each in its order. One statement.

    No more than `most`, since every page of a list shows them; `only` those of the lists that are named.
    """
    group = case({reach: number for number, reach in enumerate(REACHES)}, value=_table.c.reach)
    where = [_seen(by), *([_table.c.list.in_(sorted(only))] if only is not None else [])]
    rows = select(_table).where(*where).order_by(group, _table.c.position, _table.c.id).limit(most)
    return [_saved(row, by) for row in session.execute(rows)]


def get(session: Session, view: str, by: Acting) -> Saved:
    """One of the views that `by` sees. Raises `Unknown`."""
    row = session.execute(select(_table).where(_table.c.id == view, _seen(by))).one_or_none()
    if row is None:
        raise Unknown(view)
    return _saved(row, by)


def offices(by: Acting) -> tuple[Office, ...]:
    """The offices `by` belongs to: of each post that is held somewhere, but not of a role he took by himself."""
    given = (post for post in by.posts if post.place and not _is_taken(post.role))
    return tuple(sorted({Office(post.place, post.role) for post in given}))


def _is_taken(role: str) -> bool:
    """Whether anybody may register with a role: its holders are strangers to each other."""
    facts = house.roles.get(role)
    return facts is not None and facts.chosen_by_oneself


def reaches(by: Acting) -> tuple[str, ...]:
    """For whom `by` may save a view."""
    office = (OFFICE,) if offices(by) else ()
    return (ME, *office, *((EVERYBODY,) if _is_administrator(by) else ()))


def save(
    session: Session,
    listing: str,
    title: str,
    asked: Mapping[str, str],
    reach: str,
    by: Acting,
    now: datetime,
    office: Office | None = None,
) -> str:
    """Save a question to the list called `listing` and return the view's id.

    An office's view is saved for `office`, one of `offices(by)` (the first unless told). Raises `Refused` in words
    for a bad name, `Forbidden` for a reach that is not his to give.
    """
    if catalogue.get(listing) is None:
        raise Unknown(listing)
    if reach not in reaches(by):
        raise Forbidden("view.share")
    if reach == OFFICE:
        office = office or offices(by)[0]
        if office not in offices(by):
            raise Forbidden("view.share")
    else:
        office = None
    view = new_id()
    row: dict[str, Any] = {
        "id": view,
        "list": listing,
        "owner_id": by.person,
        "asked": _sealed(asked),
        "reach": reach,
        "place": office.place if office else None,
        "role": office.role if office else None,
        "created_at": now,
    }
    with transaction(session):
        posts.lock(session, by.person)  # one's names are compared one after the other
        row["title"] = _named(session, title, by.person)
        mine = select(func.count(), func.max(_table.c.position)).where(_table.c.owner_id == by.person)
        count, last = session.execute(mine).one()
        if count >= MOST:
            raise Refused(
                f"视图已有{MOST}个，请先删除不用的。", f"There are {MOST} views; delete some first."
            )
        row["position"] = (last or 0) + 1
        session.execute(insert(View).values(row))
        _tell(session, "view.saved", view, reach, by, now, {"list": listing, "title": row["title"]})
    return view


def change(
    session: Session,
    view: str,
    by: Acting,
    now: datetime,
    *,
    title: str | None = None,
    asked: Mapping[str, str] | None = None,
) -> None:
    """Rename a view, or let it ask something else of the same list. Raises `Unknown`, `Forbidden`, `Refused`."""
    with transaction(session):
        found = _changeable(session, view, by)
        changes: dict[str, Any] = {}
        if title is not None:
            changes["title"] = _named(session, title, found.owner, view)
        if asked is not None:
            changes["asked"] = _sealed(asked)
        if changes:
            session.execute(update(View).where(_table.c.id == view).values(**changes))
            told = {"title": changes.get("title", found.title), "question": asked is not None}
            _tell(session, "view.changed", view, found.reach, by, now, told)


def remove(session: Session, view: str, by: Acting, now: datetime) -> None:
    """Delete a view. Raises `Unknown`, `Forbidden`."""
    with transaction(session):
        found = _changeable(session, view, by)
        session.execute(delete(View).where(_table.c.id == view))
        _tell(session, "view.removed", view, found.reach, by, now, {"title": found.title})


def move(session: Session, view: str, by: Acting, *, up: bool) -> None:
    """Exchange one of one's own views with its neighbour of the same reach; at the end nothing happens.

    Raises `Unknown`, `Forbidden`.
    """
    with transaction(session):
        found = _changeable(session, view, by)
        same = select(_table.c.id, _table.c.position).where(
            _table.c.owner_id == found.owner, _table.c.reach == found.reach
        )
        rows = session.execute(same.order_by(_table.c.position, _table.c.id)).all()
        at = next(place for place, row in enumerate(rows) if row.id == view)
        other = at - 1 if up else at + 1
        if 0 <= other < len(rows):
            for one, position in ((rows[at].id, rows[other].position), (rows[other].id, rows[at].position)):
                session.execute(update(View).where(_table.c.id == one).values(position=position))


def _seen(by: Acting) -> ColumnElement[bool]:
    own = and_(_table.c.owner_id == by.person, _table.c.reach != OFFICE)
    held = (and_(_table.c.place == one.place, _table.c.role == one.role) for one in offices(by))
    office = and_(_table.c.reach == OFFICE, or_(_table.c.owner_id == by.person, *held))
    return or_(own, office, _table.c.reach == EVERYBODY)


def _changeable(session: Session, view: str, by: Acting) -> Saved:
    """The view, held until the transaction ends: its owner first, as `save` does, then the row."""
    owner = session.scalar(select(_table.c.owner_id).where(_table.c.id == view))
    if owner is None:
        raise Unknown(view)
    posts.lock(session, owner)
    row = session.execute(select(_table).where(_table.c.id == view).with_for_update()).one_or_none()
    if row is None or not (_may_change(row, by) or _sees(row, by)):
        raise Unknown(view)
    found = _saved(row, by)
    if not found.may_change:
        raise Forbidden("view.change")
    return found


def _sees(row: Any, by: Acting) -> bool:
    if row.reach == OFFICE:
        return bool((row.place, row.role) in offices(by) or row.owner_id == by.person)
    return bool(row.reach == EVERYBODY or row.owner_id == by.person)


def _may_change(row: Any, by: Acting) -> bool:
    """The owner, and of what is shared an administrator; what is everybody's is no longer its owner's alone."""
    if row.reach == EVERYBODY:
        return _is_administrator(by)
    if row.reach == OFFICE and roles.may(by.posts, roles.MANAGE, row.place):
        return True
    return bool(row.owner_id == by.person)


def _is_administrator(by: Acting) -> bool:
    return "" in roles.places(by.posts, roles.MANAGE)


def _saved(row: Any, by: Acting) -> Saved:
    return Saved(
        row.id,
        row.list,
        row.title,
        orjson.loads(sealing.unseal(base64.b64decode(row.asked["sealed"]))),
        row.reach,
        row.place,
        row.owner_id,
        _may_change(row, by),
    )


def _sealed(asked: Mapping[str, str]) -> dict[str, str]:
    """A question may hold a name that was typed, or four digits of a number: it is kept sealed."""
    return {"sealed": base64.b64encode(sealing.seal(orjson.dumps(dict(asked)))).decode()}


def _named(session: Session, title: str, owner: str, but: str = "") -> str:
    title = " ".join(title.replace("\0", "").split())
    if not title:
        raise Refused("请填写视图名称。", "Give the view a name.", "title")
    if len(title) > LONGEST:
        raise Refused(f"视图名称不超过{LONGEST}个字。", f"At most {LONGEST} characters.", "title")
    same = select(_table.c.id).where(_table.c.owner_id == owner, _table.c.title == title, _table.c.id != but)
    if session.scalar(same.limit(1)) is not None:
        raise Refused(f"已有名为“{title}”的视图。", f"There is a view called “{title}” already.", "title")
    return title


def _tell(
    session: Session, kind: str, view: str, reach: str, by: Acting, now: datetime, body: Mapping[str, Any]
) -> None:
    """What is shared leaves a row in the audit; what is one's own does not."""
    if reach != ME:
        audit.log(session, "lists", kind, by, now, {"view": view, "reach": reach, **body})
