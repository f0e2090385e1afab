"""Choosing what a post is given for (授权事项): by name, as the systems whose roles have subjects list them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from app.platform.identity import subjects
from app.platform.identity.posts import EVERY_SUBJECT
from app.platform.registry import Role, Words, house
from app.rooms.web import acting
from app.rooms.web.language import said

FEW = 40
"""So many are offered in a plain select; more are looked for by typing."""

Kind = tuple[Words, tuple[tuple[str, Words], ...]]


@dataclass(frozen=True, slots=True)
class Offered:
    """What a form offers for the roles it offers: by kind. `typed` is how its value reads, `other` one not offered.

    `alike`: the ids of those that are not told apart by their names.
    """

    kinds: tuple[Kind, ...]
    is_many: bool
    typed: str
    other: Words | None
    alike: frozenset[str]
    every: Words = subjects.EVERY


def offered(roles: Iterable[Role], value: str) -> Offered | None:
    """The subjects of these roles, and `value` among them; None where none of the roles has any."""
    kinds = dict.fromkeys(role.subject for role in roles if role.subject)
    if not kinds:
        return None
    found = {kind: tuple(subjects.offered(acting.session(), kind)) for kind in kinds}
    known = {EVERY_SUBJECT: subjects.EVERY} | {key: words for rows in found.values() for key, words in rows}
    other = _name(kinds, value) if value and value not in known else None
    shown = tuple((subjects.title_of(kind), rows) for kind, rows in found.items() if rows)
    named = Counter(name for words in known.values() for name in set(words))
    alike = frozenset(key for key, words in known.items() if any(named[name] > 1 for name in words))
    words = None if value in alike else known.get(value) or other
    return Offered(shown, len(known) > FEW, said(words) if words else value, other, alike)


def _name(kinds: Iterable[str], value: str) -> Words:
    """What a subject that is not offered is called, where one of the kinds knows it."""
    for kind in kinds:
        if kind in house.subjects and (words := house.subjects[kind].names(acting.session(), [value])):
            return words[value]
    return Words(value, value)


def read(role: str, text: str) -> str | None:
    """The subject that was chosen or typed for a role: its id, from its name where only one is called so."""
    kind = subjects.kind_of(role)
    if not text or text in (EVERY_SUBJECT, *subjects.EVERY):
        return EVERY_SUBJECT if text else None
    named = Counter[str]()
    ids: dict[str, str] = {}
    for key, words in subjects.offered(acting.session(), kind) if kind else ():
        if key == text:
            return key
        for name in set(words):
            named[name] += 1
            ids[name] = key
    return ids[text] if named[text] == 1 else text
