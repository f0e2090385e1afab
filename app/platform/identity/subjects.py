"""What subjects are called: a post is held for a project, a congress, … whose system names it (`Hooks.subject`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from app.platform.identity.posts import EVERY_SUBJECT
from app.platform.registry import Words, house

EVERY = Words("全部事项", "Every subject")
NONE = Words("", "")

Held = tuple[str, str]
"""A role and the subject it is held for: what posts, batches of codes and rows of the record have."""


def kind_of(role: str) -> str | None:
    """The kind of subject that a role has; None where it has none, or is switched off."""
    facts = house.roles.get(role)
    return facts.subject if facts else None


def title_of(kind: str | None) -> Words:
    """What a kind of subject is called; its key where no system names it."""
    known = house.subjects.get(kind or "")
    return known.title if known else Words(kind or "", kind or "")


def names(session: Session, held: Iterable[Held]) -> Mapping[Held, Words]:
    """What the subjects of many posts are called: one statement for each kind among them, whatever their number.

    Empty where the role has none. A subject that its system does not know (any more) is its id.
    """
    wanted = set(held)
    asked: dict[str, set[str]] = defaultdict(set)
    for role, subject in wanted:
        kind = kind_of(role)
        if kind in house.subjects and subject and subject != EVERY_SUBJECT:
            asked[kind].add(subject)
    found = {kind: house.subjects[kind].names(session, sorted(ids)) for kind, ids in asked.items()}
    return {(role, subject): _name(role, subject, found) for role, subject in wanted}


def _name(role: str, subject: str, found: Mapping[str, Mapping[str, Words]]) -> Words:
    kind = kind_of(role)
    if role in house.roles and kind is None:
        return NONE
    if subject in ("", EVERY_SUBJECT):
        return EVERY if kind is not None else NONE
    return found.get(kind or "", {}).get(subject, Words(subject, subject))


def unknown(session: Session, held: Iterable[Held]) -> set[Held]:
    """Those whose subject the system that names it does not know: nobody is given them. One statement for each kind.

    A kind that no system names is not looked up.
    """
    wanted = set(held)
    found: set[Held] = set()
    for kind in house.subjects.keys() & {kind_of(role) for role, _ in wanted}:
        of_kind = {one for one in wanted if kind_of(one[0]) == kind and one[1] not in ("", EVERY_SUBJECT)}
        if of_kind:
            known = house.subjects[kind].names(session, sorted({subject for _, subject in of_kind}))
            found |= {one for one in of_kind if one[1] not in known}
    return found


def offered(session: Session, kind: str) -> list[tuple[str, Words]]:
    """The subjects of a kind that there are to choose from, as its system lists them; none where it lists none."""
    known = house.subjects.get(kind)
    return list(known.offered(session)) if known and known.offered else []
