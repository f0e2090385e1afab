"""Who plays in a rehearsal: people who really are there, and stand-ins with exactly the post that a move names."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.platform.data import new_id
from app.platform.data.ids import LENGTH
from app.platform.design.moves import Who
from app.platform.identity import places as paths
from app.platform.identity import posts, regions, roles, units
from app.platform.identity.entities import Account, HeldPost, Person
from app.platform.identity.messages import Refusal
from app.platform.registry import Acting, Post, Words
from app.platform.runtime import places, substitutes
from app.platform.runtime.entities import Instance

ANYBODY: Final = "person"
"""The role of somebody who is signed in and holds no post, as `start` = `person` means him."""
SOMEBODY: Final = Words("演练·任何人", "Anyone (rehearsal)")


class Cast:
    """The people of one run, stand-ins named in `language`.

    `alone`: they hold their posts, and nobody else holds any (`posts.ALONE`).
    """

    def __init__(self, session: Session, now: datetime, *, alone: bool, language: str = "zh") -> None:
        self.session, self.now, self.alone, self.language = session, now, alone, language
        self.people: dict[str, Acting] = {}
        self.names: dict[str, Who] = {}
        self._reached: dict[str, bool] = {}
        if alone:
            session.info[posts.ALONE] = set()

    def enter(self, everybody: Iterable[Who]) -> None:
        """Let all who are named be there from the beginning on: who gets a task is asked when it opens.

        Whose place there is not is left out: his move says so when it is made.
        """
        for who in everybody:
            if who.role:
                with suppress(Refusal):
                    self.acting(who)

    def acting(self, who: Who) -> Acting:
        """The acting person that a move means. Raises `Refusal` for a place there is not."""
        if who.person:
            return self.real(who.person)
        found = self.people.get(str(who))
        if found is None:
            found = self.people[str(who)] = self._stand_in(who)
            self.names[found.person] = who
        return found

    def real(self, person: str) -> Acting:
        """A person who really is there, as he would be at the door; or one of the cast, by his id."""
        known = next((one for one in self.people.values() if one.person == person), None)
        if known is not None:
            return known
        row = self.session.execute(
            select(Person.name, Account.username)
            .outerjoin(Account, Account.person_id == Person.id)
            .where(Person.id == person)
        ).one_or_none()
        held = posts.of(self.session, person, self.now)
        by = Acting(person, row.name if row else "", (row.username if row else None) or "", held)
        return substitutes.with_principals(self.session, by, self.now)

    def office(self, person: str, role: str | None, place: str | None) -> Who:
        """How a move names somebody who is there: as the cast knows him, else by the post a task asks for."""
        if person in self.names:
            return self.names[person]
        return Who(role, code_of(place or "")) if role else Who(person=person)

    def begun(self, reached: set[str], base: datetime) -> set[str]:
        """Those of the instances a run has reached that were not there before it. One statement for new ones."""
        if fresh := reached - self._reached.keys():
            before = self.session.scalars(
                select(Instance.id).where(Instance.id.in_(fresh), Instance.started_at <= base)
            ).all()
            self._reached |= {instance: instance not in before for instance in fresh}
        return {instance for instance in reached if self._reached[instance]}

    def _stand_in(self, who: Who) -> Acting:
        count = str(who.number) if who.number > 1 else ""
        if who.role == ANYBODY:
            name, person = SOMEBODY.said(self.language) + count, new_id()
            self.session.execute(insert(Person).values(id=person, name=name, created_at=self.now))
            return Acting(person, name, "")
        place = path_of(self.session, who.place)
        title, where = roles.title_of(who.role), places.name_of(self.session, place)
        called = Words(f"演练·{where}{title.zh}", f"{where} {title.en} (rehearsal)".strip())
        name = called.said(self.language) + count
        person, post = new_id(), Post(new_id(), who.role, place, who.subject)
        self.session.execute(insert(Person).values(id=person, name=name[:100], created_at=self.now))
        if self.alone:
            self.session.execute(
                insert(HeldPost).values(
                    id=post.id,
                    person_id=person,
                    role=post.role,
                    place=place,
                    subject=who.subject,
                    from_at=self.now,
                )
            )
            self.session.info[posts.ALONE].add(person)
        return Acting(person, name, "", (post,), post)


def path_of(session: Session, place: str) -> str:
    """The path of a place by its code or id; nothing for everywhere. Raises `Refusal`."""
    if not place:
        return ""
    return units.path_of(session, place) if len(place) == LENGTH else regions.path_of(session, place)


def code_of(place: str) -> str:
    """How a move names a place: the id of the innermost unit, else the code of the region."""
    unit = paths.unit_of(place)
    return unit or place.rstrip("/").rpartition("/")[2]
