"""Field types that are searched for by name: an organisation, a person. Values are ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from app.platform.forms.complaints import Wrong
from app.platform.forms.given import Given, NamedFacts
from app.platform.forms.kinds.base import Kind
from app.platform.forms.typed import tidy

if TYPE_CHECKING:
    from app.platform.forms.definition import Field

LONGEST_SEARCH = 60


@dataclass(frozen=True, slots=True)
class Search:
    """What the template draws: the text looked for, and what can be chosen, the present choice first."""

    text: str
    chosen: str
    found: tuple[NamedFacts, ...]


class Named(Kind):
    """Something with a name that is searched for. The raw texts are the id chosen and the text looked for.

    The page sends the id as `name` and the text as `name.search`. A text that is the whole name of exactly one
    thing found chooses it.
    """

    codes = frozenset({"required", "control", "choice", "not_found"})
    how = "choose"
    wide = True

    def find(self, one: Field, text: str, given: Given) -> Sequence[NamedFacts]:
        """What may be chosen, by a part of its name."""
        raise NotImplementedError

    def known(self, one: Field, id_: str, given: Given) -> NamedFacts | None:
        """One of them by its id."""
        raise NotImplementedError

    def collect(self, one: Field, sent: Mapping[str, Sequence[str]]) -> list[str]:
        """The id, and after it the text looked for."""
        kept = [*list(sent.get(one.name, ()))[:2], "", ""][:2]
        text = next(iter(sent.get(f"{one.name}.search", ())), kept[1])
        return [kept[0], text] if text else [kept[0]] if kept[0] else []

    def parse(self, one: Field, raw: Sequence[str], given: Given) -> str | None:
        """The id of what was chosen; it must be there to choose."""
        id_, text = [*raw, "", ""][:2]
        if id_:
            facts = self.known(one, id_, given)
            if facts is None:
                raise Wrong("choice")
            return facts.id
        text = tidy(text)
        if not text:
            return None
        named = [facts for facts in self._matches(one, text, given) if facts.name == text]
        if len(named) != 1:
            raise Wrong("not_found")
        return named[0].id

    def said(self, one: Field, value: Any, given: Given, language: str) -> str:
        """Its name."""
        facts = self.known(one, value, given) if value else None
        return facts.name if facts else str(value or "")

    def offers(self, one: Field, raw: Sequence[str], given: Given, language: str) -> Search:
        """The present choice and what the search finds."""
        id_, text = [*raw, "", ""][:2]
        chosen = self.known(one, id_, given) if id_ else None
        found = self._matches(one, text, given)
        kept = [chosen] if chosen else []
        return Search(text, chosen.id if chosen else "", (*kept, *(each for each in found if each.id != id_)))

    def _matches(self, one: Field, text: str, given: Given) -> Sequence[NamedFacts]:
        try:
            wanted = tidy(text)
        except Wrong:
            return ()
        return self.find(one, wanted, given) if 0 < len(wanted) <= LONGEST_SEARCH else ()


class Organisation(Named):
    """A unit, found by a part of its name."""

    key = "organisation"
    variable = "organisation"

    def find(self, one: Field, text: str, given: Given) -> Sequence[NamedFacts]:
        """Open units."""
        return given.units(text)

    def known(self, one: Field, id_: str, given: Given) -> NamedFacts | None:
        """A unit, closed or not."""
        return given.unit(id_)


class Person(Named):
    """Somebody who holds `role` (its key, `<system>.<role>`) now, found by a part of the name."""

    key = "person"
    settings: ClassVar[Mapping[str, Any]] = {
        "role": {"type": "string", "pattern": "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+$", "maxLength": 60}
    }
    needs = ("role",)

    def find(self, one: Field, text: str, given: Given) -> Sequence[NamedFacts]:
        """Holders of the role."""
        return given.people(text, str(one.settings["role"]))

    def known(self, one: Field, id_: str, given: Given) -> NamedFacts | None:
        """Somebody who holds the role or has held it."""
        return given.holder(id_, str(one.settings["role"]))
