"""What a post covers: the one rule, as a question about one task and as a condition over a table of tasks."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, false, func, or_

from app.platform.identity.entities import HeldPost
from app.platform.identity.places import BEGINNINGS, below
from app.platform.identity.posts import EVERY_SUBJECT
from app.platform.registry import Post, Role, house

Within = Callable[[Any, str], ColumnElement[bool]]


class TaskColumns(NamedTuple):
    """The columns that say who may work a task: role key, place path, subject."""

    role: Any
    place: Any
    subject: Any


def covers(
    post: Post, role: str, place: str, subject: str | None, roles: Mapping[str, Role] | None = None
) -> bool:
    """Return whether `post` is the role `role` at `place` for `subject`.

    A post without a place is held everywhere. Otherwise a role that reaches `here` covers its own place only,
    one that reaches `below` all that lies under it. The subject counts only for roles that have a kind of
    subject; `*` is all of them. A role nobody declares covers nothing.
    """
    facts = (house.roles if roles is None else roles).get(role)
    if facts is None or post.role != role:
        return False
    if facts.subject is not None and post.subject not in (EVERY_SUBJECT, subject):
        return False
    return post.place in ("", place) or (facts.reach == "below" and place.startswith(post.place))


def eligible_clause(
    posts: Iterable[Post], columns: TaskColumns, roles: Mapping[str, Role] | None = None
) -> ColumnElement[bool]:
    """Ask for the tasks that `posts` cover. The same answer as `covers` for each post and row."""
    return or_(false(), *eligible_ranges(posts, columns, roles))


def eligible_ranges(
    posts: Iterable[Post],
    columns: TaskColumns,
    roles: Mapping[str, Role] | None = None,
    within: Within = below,
) -> list[ColumnElement[bool]]:
    """The parts of `eligible_clause`, each one range of an index on (role, place); `within` says what lies below.

    Databases look such an OR up range by range, but only if every part of it by itself fits an index: whoever
    adds to the OR adds to each part. Posts that another one includes are left out.
    """
    declared = house.roles if roles is None else roles
    places: dict[tuple[str, str], set[str]] = defaultdict(set)
    for post in posts:
        if post.role in declared:
            has_subject = declared[post.role].subject is not None
            places[post.role, post.subject if has_subject else EVERY_SUBJECT].add(post.place)
    return [
        each
        for (role, subject), held in sorted(places.items())
        for each in _ranges(
            columns,
            declared[role],
            subject,
            held - _beyond(held, places.get((role, EVERY_SUBJECT)), subject),
            within,
        )
    ]


def _beyond(held: set[str], by_all: set[str] | None, subject: str) -> set[str]:
    """Places that the same role already holds for every subject."""
    return held & by_all if by_all and subject != EVERY_SUBJECT else set()


def _ranges(
    columns: TaskColumns, role: Role, subject: str, places: set[str], within: Within
) -> Iterator[ColumnElement[bool]]:
    same = [columns.role == role.key]
    if subject != EVERY_SUBJECT:
        same.append(columns.subject == subject)
    if "" in places:
        yield and_(*same)
    elif role.reach == "here" and places:
        yield and_(*same, columns.place.in_(sorted(places)))
    else:
        yield from (and_(*same, within(columns.place, place)) for place in _outermost(places))


def _outermost(places: Iterable[str]) -> list[str]:
    """Leave out every place that lies under another."""
    kept: list[str] = []
    for place in sorted(places):
        if not kept or not place.startswith(kept[-1]):
            kept.append(place)
    return kept


def covering(columns: TaskColumns) -> list[ColumnElement[bool]]:
    """Ask, of the posts there are, for those that cover a task: the same rule as `covers`, between the two tables.

    Whether a post is held now is asked besides (`posts.live`).
    """
    below_it = [key for key, role in house.roles.items() if role.reach == "below"]
    province = func.substr(
        columns.place, 1, BEGINNINGS[0]
    )  # whatever lies above it within the country begins so
    plain = [key for key, role in house.roles.items() if role.subject is None]
    start = func.substr(columns.place, 1, func.length(HeldPost.place))
    return [
        HeldPost.role == columns.role,
        HeldPost.role.in_(list(house.roles)),
        or_(
            HeldPost.place.in_(["", columns.place]),
            and_(
                HeldPost.role.in_(below_it),
                HeldPost.place >= province,
                HeldPost.place <= columns.place,
                start == HeldPost.place,
            ),
        ),
        or_(HeldPost.role.in_(plain), HeldPost.subject.in_([EVERY_SUBJECT, columns.subject])),
    ]
