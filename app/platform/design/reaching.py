"""Every step in every place it is asked at: is somebody eligible today? The arithmetic, without a database.

A step is asked where its lane says. Of `starter.*` those are the places of whoever may start; of a variable, which
nobody knows beforehand, every region of its level in which the chain is meant to be used (`Ground.domain`), or, for a
role of units, every unit where the role is meant to be held. What `nobody` says counts as the runtime does it: `up`,
another role, or skipping the step. `role@place` of it is looked up from where the step's own place was found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from app.platform.design.ground import Ground, Held, steps
from app.platform.engine import Definition, Place, UserTask
from app.platform.engine.properties import BadValue
from app.platform.engine.properties import place as read_place
from app.platform.identity.places import ancestor, region_of, unit_of
from app.platform.identity.posts import EVERY_SUBJECT
from app.platform.registry import Role, Words, house

Reason = Literal["no_holder", "all_shut", "recused"]
REASONS: Final[Mapping[Reason, Words]] = {
    "no_holder": Words("没有人担任", "nobody holds the role"),
    "all_shut": Words("担任者的账号都已停用", "all accounts of those who hold it are shut"),
    "recused": Words("能办理的人都须回避", "all who could must step back"),
}


@dataclass(frozen=True, slots=True)
class Ask:
    """Who a step asks: the part of a task that says so. `level`: of the region its variable holds, if a form says."""

    element: str
    name: Words
    role: str
    at: Place | None
    subject: str | None = None
    nobody: str = "incident"
    keeps_starter_out: bool = False
    keeps_unit_out: bool = False
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A place where nobody can do a step, and why."""

    place: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Reach:
    """A step over all places it is asked at (`asked`, in order): where nobody can do it, and where it hangs by a hair.

    `partial`: somebody, though not for every subject. `lone`: one alone, who cannot where he has started it himself.
    `postless`: nobody where it was started by somebody without a post, who has no place.
    """

    ask: Ask
    asked: tuple[str, ...]
    without: tuple[Gap, ...] = ()
    partial: tuple[str, ...] = ()
    lone: tuple[str, ...] = ()
    postless: bool = False


def asks(definition: Definition, levels: Mapping[str, str] | None = None) -> list[Ask]:
    """What the steps of a chain ask of roles; a step for a person by name is not asked anywhere.

    `levels`: for variables that a region field sets, how deep that is.
    """
    return [
        _ask(task, definition.starts, levels or {})
        for task in definition.tasks.values()
        if task.role is not None and not task.assignee
    ]


def _ask(task: UserTask, starts: tuple[str, ...], levels: Mapping[str, str]) -> Ask:
    opens = "nobody" not in task.avoid
    return Ask(
        task.id,
        task.name,
        task.role or "",
        task.at,
        task.subject,
        task.nobody,
        opens and ("starter" in task.avoid or task.judges(starts)),
        opens and "own_unit" in task.avoid,
        levels.get(task.at.variable or "") if task.at is not None else None,
    )


@dataclass
class Looking:
    """One chain looked at over the ground. `offered`: for a kind of subject all there are, where that can be told."""

    ground: Ground
    starts: tuple[str, ...]
    roles: frozenset[str]
    offered: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.domain = self.ground.domain(self.roles)
        inner = {step for path in self.domain for step in steps(path)[:-1]}
        self.leaves = tuple(sorted(path for path in self.domain if path not in inner))
        self._known: dict[tuple[Any, ...], dict[str, list[str]]] = {}

    def reach(self, ask: Ask) -> Reach:
        """One step over all the places it is asked at."""
        facts = house.roles.get(ask.role)
        if facts is None or (facts.subject is not None and self.offered.get(facts.subject) == frozenset()):
            return Reach(ask, ())  # nothing is asked for a subject of which there is none
        origins = self._origins(ask, facts)
        gaps: list[Gap] = []
        partial, lone = [], []
        for place in origins:
            state = self._state(ask, facts, place, origins[place])
            if state == "partial":
                partial.append(place)
            elif state == "lone":
                lone.append(place)
            elif state is not None:
                gaps.append(Gap(place, state))
        postless = self._is_placeless(ask, facts) and "" not in origins and self._state(ask, facts, "", [""])
        return Reach(ask, tuple(origins), tuple(gaps), tuple(partial), tuple(lone), bool(postless))

    def _is_placeless(self, ask: Ask, facts: Role) -> bool:
        """Whether somebody without a post may ask it, of the place of a starter."""
        at = ask.at.kind if ask.at else ""
        return "person" in self.starts and at.startswith("starter.") and facts.place != "none"

    def _origins(self, ask: Ask, facts: Role) -> dict[str, list[str]]:
        """The places a step is asked at, in order, each with the places from which it is."""
        at = ask.at or Place("everywhere")
        if at.kind == "everywhere" or facts.place == "none":
            return {"": [""]}
        is_local = at.kind == "variable" and at.level is None  # then the role itself says where
        is_local |= "person" in self.starts and facts.place == "unit"
        key = (at.kind, at.level, ask.level, ask.role if is_local else None)
        if key not in self._known:
            places = (
                self._of_variable(ask, facts, at) if at.kind == "variable" else self._started_at(ask, facts)
            )
            found = defaultdict(list)
            for place in places:
                found[_resolve(at, place)].append(place)
            self._known[key] = {place: found[place] for place in sorted(found)}
        return self._known[key]

    def _of_variable(self, ask: Ask, facts: Role, at: Place) -> Collection[str]:
        meant = self.ground.of(ask.role).meant
        if facts.place == "unit" and at.level is None:
            return [place for place in meant if unit_of(place) and place in self.ground.places]
        level = at.level or ask.level
        if level is not None:
            return self.leaves if at.level else sorted({ancestor(leaf, level) for leaf in self.leaves})
        depths = {len(steps(place)) for place in meant if place and not unit_of(place)}
        return [path for path in sorted(self.domain) if len(steps(path)) in depths]

    def _started_at(self, ask: Ask, facts: Role) -> Collection[str]:
        """The places under which somebody may start today; the whole domain where a system or anybody starts it."""
        if not self.starts:
            return self.leaves
        found: set[str] = set()
        for rule in self.starts:
            role, _, where = rule.partition("@")
            if rule == "person":
                units = [place for place in self.ground.of(ask.role).meant if unit_of(place)]
                found.update((units if facts.place == "unit" else self.leaves) or ("",))
                continue
            for place in self.ground.of(role).anywhere:
                if not where or where == "everywhere" or place in ("", where):
                    found.add(place)
        return found

    def _state(
        self, ask: Ask, facts: Role, place: str, origins: Collection[str]
    ) -> Reason | Literal["partial", "lone"] | None:
        held = self.ground.of(ask.role)
        places = [
            step for step in _answering(facts, place) if not (ask.keeps_unit_out and _inside(step, place))
        ]
        covered = _covers(held, places, facts, self.offered)
        if covered == "whole":
            alone = self._alone(held, places, origins) if ask.keeps_starter_out and held.alone else ""
            if alone == "always" and not self._otherwise(ask, place, origins):
                return "recused"
            return "lone" if alone else None
        if self._otherwise(ask, place, origins):
            return None
        if covered == "partly":
            return "partial"
        if not held.anywhere.isdisjoint(_answering(facts, place)):
            return "recused"
        return "no_holder" if held.shut.isdisjoint(_answering(facts, place)) else "all_shut"

    def _alone(
        self, held: Held, places: Iterable[str], origins: Collection[str]
    ) -> Literal["always", "sometimes", ""]:
        """Whether one person alone holds it who may start it himself; `always`: and nobody else may start there."""
        persons = {held.alone.get(step) for step in places if step in held.anywhere}
        if len(persons) != 1:
            return ""
        person = persons.pop()
        mine = self.ground.starting.get(person or "", frozenset())
        may = {place for role, place in mine if any(rule.partition("@")[0] == role for rule in self.starts)}
        hit = [origin for origin in origins if origin in may or "" in may]
        if person is None or not hit:
            return ""
        others = "person" in self.starts or self._others_start(person, hit)
        return "sometimes" if others or len(hit) < len(origins) else "always"

    def _others_start(self, person: str, origins: Collection[str]) -> bool:
        for rule in self.starts:
            held = self.ground.of(rule.partition("@")[0])
            for place in {"", *origins}:
                if place in held.anywhere and held.alone.get(place) != person:
                    return True
        return False

    def _otherwise(self, ask: Ask, place: str, origins: Collection[str]) -> bool:
        """Whether what the diagram wants where nobody is eligible finds somebody."""
        policy = ask.nobody
        if policy.startswith("skip:"):
            return True
        facts = house.roles[ask.role]
        if policy == "up":
            held = self.ground.of(ask.role)
            return any(
                _covers(held, _answering(facts, step), facts, self.offered) == "whole"
                for step in steps(place)[1:-1]
            )
        role, mark, where = policy.partition("@")
        other = house.roles.get(role)
        if not mark or other is None:
            return False
        try:
            at = read_place(where)
        except BadValue:
            return False
        anywhere = self.ground.of(role).anywhere
        return all(not anywhere.isdisjoint(_answering(other, _resolve(at, origin))) for origin in origins)


def _answering(facts: Role, place: str) -> tuple[str, ...]:
    """The places at which a post of a role answers for `place`."""
    return ("", place) if facts.reach == "here" and place else steps(place)


def _inside(step: str, unit: str) -> bool:
    """Whether a post at `step` lies in a unit, or in one of its parts."""
    return bool(unit_of(unit)) and step.startswith(unit)


def _resolve(at: Place, origin: str) -> str:
    """The place that an `at` means for what was started, or lies, at `origin`."""
    if at.kind == "everywhere":
        return ""
    if at.kind == "starter.unit":
        return origin
    if at.level:
        return ancestor(origin, at.level)
    return origin if at.kind == "variable" else region_of(origin)


def _covers(
    held: Held, places: Collection[str], facts: Role, offered: Mapping[str, frozenset[str]]
) -> Literal["whole", "partly", ""]:
    """Whether those who hold a role at one of the places do so for every subject there is, for some, or not at all."""
    if held.anywhere.isdisjoint(places):
        return ""
    if facts.subject is None:
        return "whole"
    subjects = {subject for subject, at in held.able.items() if not at.isdisjoint(places)}
    every = offered.get(facts.subject)
    return "whole" if EVERY_SUBJECT in subjects or (every is not None and every <= subjects) else "partly"
