"""A random chain in the real house, and its life: every verb done to both the runtime and a plain model of it.

The model is a tree of blocks (`play`) for where the matter stands and a desk (`desks`) for who sits there. After
every verb both must say the same, and the doctor must find nothing.
"""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from app.platform import engine
from app.platform.registry import Acting
from app.platform.runtime import (
    control,
    doctor,
    errors,
    firing,
    messages,
    moving,
    questions,
    tasks,
    versions,
)
from app.platform.runtime.entities import Instance, Question, Seat, Subscription, Task, Timer
from app.platform.runtime.tasks import Decision
from tests.empty_world import MONDAY
from tests.platform.engine.nested import Nested, loop, refers
from tests.platform.engine.play import Play, Spot
from tests.platform.engine.scenes import Part, Scene, Shape
from tests.platform.runtime.chains import CITY as AT_CITY
from tests.platform.runtime.chains import files
from tests.platform.runtime.desks import Desk
from tests.platform.runtime.signing import FRIENDS, SIGNERS
from tests.platform.runtime.steps import FOREIGN, STARTER, begin
from tests.world import APPLICATION, World

FORM = {"forms/fairs/application.json": APPLICATION}
RULES = ("starter", "starter", "one", "one", "any", "all", "sequence", "share:0.6")
ADMINISTRATOR = "管理员"
EVERYBODY = (
    *SIGNERS,
    *FRIENDS,
)  # but who has started it: he judges nothing of his own, whoever hands it to him
ALL = "return withdraw transfer delegate signers ask"
REFUSED = (errors.Forbidden, errors.Unknown, errors.TaskTaken, errors.InstanceChanged, errors.BadPerson)
LONGEST_WALK = 400

VERBS = (
    *7 * ["complete"], *4 * ["send_back"], *2 * ["straight"], *2 * ["withdraw"], "move", *2 * ["add"], "remove",
    "transfer", "delegate", "claim", "unclaim", *3 * ["fire"], *5 * ["wait"], *2 * ["message"], "suspend",
    *2 * ["ask"], *4 * ["answer"],
)  # fmt: skip
PEOPLE = ("send_back", "straight", "add", "remove", "transfer", "delegate", "claim", "unclaim", "ask")
Command = tuple[str, int, int]

counted: Counter[str] = Counter()
"""What the lives of this run have come to, by verb."""


class HouseScene(Scene):
    """A scene as a chain of the house: its tasks belong to the starter, or to one or several of the city."""

    def __init__(self, shape: Shape, process: str, seed: int) -> None:
        self.process, self.seed = process, seed
        self.rules: dict[str, str] = {}
        super().__init__(shape)

    def _sheet(self, called: int | None) -> Nested:
        if called is None:
            return Nested(self.process, form="fairs/application").start().end()
        sheet = Nested(f"{self.process}_{called}").start(f"begin{called}").end(f"done{called}")
        del sheet.given["start"]  # only ever a part of another
        return sheet

    def _ask(self, label: str, *outcomes: str) -> None:
        rule = self.rules[label] = random.Random(f"{self.seed} {label}").choice(RULES)
        outcomes = outcomes or ("yes=办理", "no=不办-")
        given = {"assignee": "starter"} if rule == "starter" else {"assignee": "", "seats": rule}
        self.pen.task(label, outcomes="; ".join(outcomes), allow=ALL, due="P3WD", pause="asking", **given)

    def _await(self, label: str) -> None:
        name = f"{self.process}_{label}"
        self.pen.names("message", name).catch(label, refers("message", name), correlation="district")

    def _several(self, number: int, size: int, one_by_one: bool) -> str:
        return loop(str(size), one_by_one=one_by_one)

    def _keys(self, kind: str, ways: int) -> range:
        return range(ways if kind == "xor" else 2 ** (ways - 1))

    def _condition(self, kind: str, way: int, ways: int) -> str:
        keys = [way] if kind == "xor" else [key for key in self._keys(kind, ways) if key >> way & 1]
        return " or ".join(f'outcome == "o{key}"' for key in keys)

    def _drawn(self) -> None:
        members = [
            each.key
            for each in self.root.walk()
            if each.key
            and each.kind != "catch"
            and self.rules.get(each.key) != "starter"
            and _is_outermost(each)
        ]
        if members:
            self.pen.lane("city", *members, **AT_CITY)

    def publish(self, world: World) -> None:
        with world.session() as session:
            versions.publish(session, files(self.pen, *self.others) | FORM, None, world.now)


def _is_outermost(part: Part) -> bool:
    return not any(each.kind in ("sub", "call", "body") for each in part.chain()[:-1])


def outcomes(part: Part) -> tuple[str, ...]:
    """The keys of the outcomes of a task, each at the place of the choice it means."""
    if part.kind == "loop":
        return ("onward", "again")
    if part.kind == "xor":
        return tuple(f"o{way}" for way in range(len(part.inner)))
    if part.kind == "or":
        return tuple(f"o{way}" for way in range(2 ** (len(part.inner) - 1)))
    return ("yes", "no")


class Life:
    """One instance, in the house and in the model."""

    def __init__(self, world: World, shape: Shape, seed: int, number: int) -> None:
        self.world, self.said = world, [f"{shape!r} seed {seed}"]
        self.scene = HouseScene(shape, f"tests_life{number}", seed)
        world.now = MONDAY
        self.scene.publish(world)
        self.play = Play(self.scene.root)
        self.desks: dict[int, Desk] = {}
        self.ids: dict[int, str] = {}
        self.decided: set[str] = set()
        self.last: tuple[str, Spot, str | None] | None = None
        self.decider, self.older = STARTER, list[Spot]()
        self.known: list[Spot] = []
        self.passing: list[int] = []
        self.is_suspended = False
        self.questions: dict[str, tuple[str, int]] = {}  # those that wait: of whom, and at which task
        self.actings: dict[str, Acting] = {}
        self.instance = begin(world, self.scene.process)
        counted["instances"] += 1
        self.compare()

    # ── the two beside each other ─────────────────────────────────────────────────────────────────────────────

    def compare(self) -> None:
        """What the house holds must be what the model says, and sound."""
        told = "\n".join(self.said)
        spots = self.play.spots()
        with self.world.session() as session:
            assert doctor.examine_one(session, self.instance, self.world.now) == [], told
            row = session.get_one(Instance, self.instance)
            program = versions.program(session, row.version_id)
            live = engine.tokens(program.definition, row.tokens)
            self._number(spots, live, told)
            state = "ended" if self.play.ended else "suspended" if self.is_suspended else "running"
            assert row.state == state, told
            assert live or self.play.ended, told
            self._meet(session, spots, told)
            self._wonder(session, spots, told)
            if self.play.ended:
                for entity in (Timer, Subscription):
                    assert session.scalars(select(entity.id).where(entity.instance_id == row.id)).all() == []
        self.known, self.version = spots, row.version_id

    def _number(self, spots: list[Spot], live: Any, told: str) -> None:
        """Let the model know what the engine calls what is new; nothing may be missing or too much."""
        numbers = {spot.visit for spot in spots}
        new = sorted((token for token in live if token.visit not in numbers), key=lambda token: token.visit)
        for spot in spots:
            if spot.visit is None:
                token = next((each for each in new if _name(each) == _plain(spot)), None)
                assert token is not None, f"nothing waits at {spot.label}\n{told}"
                new.remove(token)
                spot.visit = token.visit
        assert [(token.element, token.visit) for token in new] == [], f"too much\n{told}"
        assert sorted((token.visit, *_name(token)) for token in live) == sorted(
            (spot.visit, *_plain(spot)) for spot in spots
        ), told
        self.order = [token.element for token in live]

    def _meet(self, session: Any, spots: list[Spot], told: str) -> None:
        """The open tasks, and who sits at them."""
        rows = session.scalars(
            select(Task).where(Task.instance_id == self.instance, Task.state == "open")
        ).all()
        tasks_here = {spot.visit: spot for spot in spots if spot.label in self.scene.tasks}
        assert sorted((row.element, row.visit) for row in rows) == sorted(
            (spot.label, visit) for visit, spot in tasks_here.items()
        ), told
        self.ids = {row.visit: row.id for row in rows}
        names = {person: name for name, person in self.world.people.items()}
        seats: dict[str, list[Any]] = {row.id: [] for row in rows}
        open_seats = select(Seat).where(Seat.instance_id == self.instance, Seat.state != "closed")
        for seat in session.scalars(open_seats):
            if seat.task_id in seats:
                seats[seat.task_id].append((names[seat.person_id], seat.position, seat.outcome or seat.state))
        before, self.desks = self.desks, {}
        for row in rows:
            order = sorted(seats[row.id], key=lambda seat: int(seat[1]))
            desk = before.get(row.visit) or self._desk(row.element, [seat[0] for seat in order])
            self.desks[row.visit] = desk
            assert row.seats == desk.rule, told
            assert sorted(seats[row.id]) == desk.stands(), told
            assert desk.actors(), told
            if desk.rule == "one":
                held = {
                    row.assignee_id and names[row.assignee_id],
                    row.claimed_by_id and names[row.claimed_by_id],
                }
                assert held - {None} == {desk.assignee, desk.holder} - {None}, told

    def _wonder(self, session: Any, spots: list[Spot], told: str) -> None:
        """The questions that wait are those at tasks that are still there, and hold up their deadlines."""
        here = {spot.visit for spot in spots}
        self.questions = {each: at for each, at in self.questions.items() if at[1] in here}
        waiting = select(Question.id).where(
            Question.instance_id == self.instance, Question.closed_at.is_(None)
        )
        assert set(session.scalars(waiting)) == set(self.questions), told
        paused = select(Task.visit).where(Task.instance_id == self.instance, Task.paused_at.is_not(None))
        assert set(session.scalars(paused)) == {visit for _, visit in self.questions.values()}, told

    def _desk(self, label: str, order: list[str]) -> Desk:
        """A new one. In a sequence `order` is as the house has it: by name, as the database sorts names."""
        rule = self.scene.rules[label]
        signers = tuple(order) if rule == "sequence" else SIGNERS
        assert sorted(signers) == sorted(SIGNERS)
        return Desk("one", (), STARTER) if rule == "starter" else Desk(rule, signers)

    # ── commands ──────────────────────────────────────────────────────────────────────────────────────────────

    def likely(self, chance: random.Random) -> Command:
        """A command that probably has something to do here."""
        verbs = Counter(VERBS)
        if not any(spot.is_timer or spot.label.startswith("w") for spot in self.known):
            verbs -= Counter({"fire": 3, "wait": 5})
        if not any(spot.label.startswith("c") for spot in self.known):
            verbs -= Counter({"message": 2})
        if not self.questions:
            verbs -= Counter({"answer": 4})
        if self.last is None or self.last[0] != "decided":
            verbs -= Counter({"withdraw": VERBS.count("withdraw") - (chance.random() < 0.2)})
        verb = chance.choice(list(verbs.elements()))
        which = chance.randrange(60)
        if verb in ("send_back", "straight"):
            at = [spot for spot in self.known if spot.visit in self.desks]
            able = [n for n, spot in enumerate(at) if self.play.targets(spot) & self.decided]
            if not able and chance.random() < 0.8:
                return "complete", which, chance.randrange(60)
            which = chance.choice(able) if able else which
        return verb, which, chance.randrange(60)

    def obey(self, verb: str, which: int, choice: int) -> None:
        """Do what a command says, as far as there is something to do it to."""
        self.world.now += timedelta(seconds=1)
        if self.is_suspended and (verb in PEOPLE or choice % 2):
            verb = "suspend"
        if verb in ("fire", "wait", "suspend"):
            self.let_fire()
            if not self.play.ended:
                getattr(self, verb)(which, choice)
        elif verb in ("withdraw", "move", "message", "answer"):
            self.passing = [] if self.is_suspended else self.due()
            getattr(self, verb)(which, choice)
            self.passing = []
        else:
            at = [spot for spot in self.known if spot.visit in self.desks]
            if at:
                self.at_task(verb, at[which % len(at)], choice)

    def at_task(self, verb: str, spot: Spot, choice: int) -> None:
        """A verb of a task; deadlines that have passed come first, and may take it away."""
        due, desk = ([] if self.is_suspended else self.due()), self.desks[spot.visit or 0]
        if self.is_suspended:
            self.refused(REFUSED, lambda: self._complete(spot, desk.actors()[0], self._pick(spot, choice)))
        elif due and spot.visit not in {each.visit for each in self._afterwards(due)}:
            counted["overtaken, and gone"] += 1
            if verb != "complete":
                self.refused(REFUSED, lambda: self._claim(tasks.claim, spot, desk.actors()[0]))
                return
            self.said.append(f"{spot.label} too late")
            with pytest.raises(errors.TaskOvertaken):
                self._complete(spot, desk.actors()[0], self._pick(spot, choice))
            self.come_true(due)
            self.compare()
        else:
            self.passing = due
            getattr(self, verb)(spot, desk, choice)
            self.passing = []

    def done(self, what: str) -> None:
        """The house has done it, and before it what was due."""
        counted[what] += 1
        if self.passing:
            counted["overtaken"] += 1
            self.come_true(self.passing)

    def refused(self, by: Any, act: Callable[[], Any]) -> None:
        """It must be refused, and nothing happen."""
        counted["refused"] += 1
        with pytest.raises(by):
            act()
        self.compare()

    # ── decisions ─────────────────────────────────────────────────────────────────────────────────────────────

    def complete(self, spot: Spot, desk: Desk, choice: int) -> None:
        actors = desk.actors()
        person, outcome = actors[choice % len(actors)], self._pick(spot, choice)
        if choice % 20 == 19:
            self.refused((errors.Unknown, errors.Forbidden), lambda: self._complete(spot, FOREIGN, outcome))
            return
        self.said.append(f"{person} decides {spot.label}#{spot.visit}: {outcome}")
        self._complete(spot, person, outcome)
        self.done("complete")
        self.took(spot, desk, desk.decide(person, outcome), person)

    def took(self, spot: Spot, desk: Desk, result: str | None, person: str) -> None:
        """The task has come to `result`, or is still open."""
        self.last = ("signed", spot, person)
        if result is not None:
            self.last = ("decided", spot, None if desk.is_by_rule else person)
            self.decider = person
            self.decided.add(spot.label)
            self.older = self.play.spots()
            spot.act.complete(outcomes(self.scene.tasks[spot.label]).index(result))
            if self.play.ended:
                counted["ended"] += 1
        self.compare()

    def _pick(self, spot: Spot, choice: int) -> str:
        keys = outcomes(self.scene.tasks[spot.label])
        return keys[choice // 5 % len(keys)]

    def _complete(self, spot: Spot, person: str, outcome: str) -> None:
        with self.world.session() as session:
            decision = Decision(outcome, "意见", self._revision(session, spot))
            tasks.complete(
                session, self.ids[spot.visit or 0], None, decision, self.by(person), self.world.now
            )

    def send_back(self, spot: Spot, desk: Desk, choice: int, then: str = "step_by_step") -> None:
        person = desk.actors()[choice % len(desk.actors())]
        self.said.append(f"{person} sends {spot.label}#{spot.visit} back, {then}")

        def act(to: str) -> None:
            with self.world.session() as session:
                task, revision = self.ids[spot.visit or 0], self._revision(session, spot)
                by, now = self.by(person), self.world.now
                moving.send_back(session, task, to, revision, by, now, "补", then=then)  # type: ignore[arg-type]

        allowed = sorted(self.play.targets(spot) & self.decided)
        if not allowed or choice % 8 == 7:
            wrong = sorted(set(self.scene.tasks) - set(allowed))
            self.refused(errors.CannotMove, lambda: act(wrong[choice % len(wrong)]))
            return
        to = allowed[choice // 3 % len(allowed)]
        self.said[-1] += f" to {to}"
        act(to)
        self.done("return" if then == "step_by_step" else "straight back")
        self.last = ("returned", spot, person)
        if then == "step_by_step":
            self.play.send_back(spot, to)
        else:
            spot.act.stand_in(to)
        self.compare()

    def straight(self, spot: Spot, desk: Desk, choice: int) -> None:
        self.send_back(spot, desk, choice, "straight_back")

    def withdraw(self, which: int, choice: int) -> None:
        """Whoever decided last takes it back, unless something has happened since."""
        if self.last is None:
            return
        kind, spot, by = self.last
        if kind != "decided":
            by = None
        person = by or self.decider
        if choice % 8 == 7:
            person = FRIENDS[0] if by != FRIENDS[0] else STARTER

        def act() -> None:
            with self.world.session() as session:
                moving.withdraw(session, self.instance, self.by(person), self.world.now)

        self.said.append(f"{person} withdraws ({kind} {spot.label} by {by})")
        source = self._withdrawable(spot)
        if kind != "decided" or person != by or source is None or self.passing or self.is_suspended:
            self.refused((errors.CannotMove, errors.Unknown, errors.InstanceChanged), act)
            return
        act()
        self.done("withdraw")
        self.last = ("withdrawn", spot, person)
        self.play.send_back(source, spot.label)
        self.compare()

    def _withdrawable(self, decided: Spot) -> Spot | None:
        """The newest place that the decision has led to, and from which the matter can go back to it."""
        new = [spot for spot in self.known if spot not in self.older]
        able = [spot for spot in new if decided.label in self.play.targets(spot)]
        return max(able, key=lambda each: each.visit or 0, default=None)

    def move(self, which: int, choice: int) -> None:
        """An administrator puts what waits at an element somewhere else."""
        source = self.order[which % len(self.order)]
        visit = min(spot.visit or 0 for spot in self.known if spot.label == source)
        spot = next(each for each in self.known if each.visit == visit)
        target = sorted(self.play.places)[choice % len(self.play.places)]
        later = self._afterwards(self.passing)
        if [each.label for each in later].count(source) > 1 or visit not in {each.visit for each in later}:
            return  # by its element alone it is not known which

        def act() -> None:
            with self.world.session() as session:
                by = self.by(ADMINISTRATOR)
                moving.move(session, self.instance, source, target, "误操作", by, self.world.now)

        self.said.append(f"moves {source}#{visit} to {target}")
        if not self.play.may_repair(spot, target) or self.is_suspended:
            self.refused((errors.CannotMove, errors.InstanceChanged), act)
            return
        act()
        self.done("move")
        self.last = ("moved", spot, ADMINISTRATOR)
        self.play.repair(spot, target)
        self.compare()

    # ── people ────────────────────────────────────────────────────────────────────────────────────────────────

    def add(self, spot: Spot, desk: Desk, choice: int) -> None:
        person, to = desk.actors()[choice % len(desk.actors())], EVERYBODY[choice // 3 % len(EVERYBODY)]
        where = ("before", "after", "parallel")[choice % 3]
        self.said.append(f"{person} adds {to} {where} at {spot.label}#{spot.visit}")
        if desk.has(to) or (desk.rule == "one" and to == person):
            self.refused(errors.BadPerson, lambda: self._signers(spot, person, [to], [], where))
            return
        self._signers(spot, person, [to], [], where)
        self.done("add")
        desk.add(person, to, where)
        self.last = ("added", spot, person)
        self.compare()

    def remove(self, spot: Spot, desk: Desk, choice: int) -> None:
        """By an administrator, who may remove any; or by one on turn, who may only remove the added."""
        left = sorted({chair.person for chair in desk.left})
        if not left:
            return
        gone, actors = left[choice // 3 % len(left)], desk.actors()
        person = actors[choice % len(actors)] if choice % 3 else ADMINISTRATOR
        is_added = any(chair.added for chair in desk.left if chair.person == gone)
        self.said.append(f"{person} removes {gone} at {spot.label}#{spot.visit}")
        if not desk.may_remove(gone) or (person != ADMINISTRATOR and not is_added):
            self.refused(errors.BadPerson, lambda: self._signers(spot, person, [], [gone], "after"))
            return
        self._signers(spot, person, [], [gone], "after")
        self.done("remove")
        result = desk.remove(gone)
        self.took(spot, desk, result, person)

    def _signers(self, spot: Spot, person: str, add: list[str], remove: list[str], where: Any) -> None:
        ids = [[self.world.people[each] for each in names] for names in (add, remove)]
        with self.world.session() as session:
            task, revision = self.ids[spot.visit or 0], self._revision(session, spot)
            tasks.signers(session, task, *ids, where, revision, self.by(person), self.world.now, "有原因")

    def transfer(self, spot: Spot, desk: Desk, choice: int, verb: str = "transfer") -> None:
        person, to = desk.actors()[choice % len(desk.actors())], EVERYBODY[choice // 3 % len(EVERYBODY)]
        self.said.append(f"{person} {verb}s {spot.label}#{spot.visit} to {to}")
        is_taken = to == person or desk.has(to)
        if verb == "transfer" and desk.rule == "one":
            is_taken = to in (desk.assignee, desk.holder, person)

        def act() -> None:
            with self.world.session() as session:
                task, revision = self.ids[spot.visit or 0], self._revision(session, spot)
                run, whom = getattr(tasks, verb), self.world.people[to]
                run(session, task, whom, revision, self.by(person), self.world.now, "有原因")

        if is_taken:
            self.refused(errors.BadPerson, act)
            return
        act()
        self.done(verb)
        getattr(desk, verb)(person, to)
        self.last = (f"{verb}d", spot, person)
        self.compare()

    def delegate(self, spot: Spot, desk: Desk, choice: int) -> None:
        self.transfer(spot, desk, choice, "delegate")

    def claim(self, spot: Spot, desk: Desk, choice: int) -> None:
        person = desk.actors()[choice % len(desk.actors())]
        self.said.append(f"{person} claims {spot.label}#{spot.visit}")
        if desk.rule != "one":
            self.refused(errors.Forbidden, lambda: self._claim(tasks.claim, spot, person))
            return
        self._claim(tasks.claim, spot, person)
        self.done("claim")
        desk.holder = person
        self.last = ("claimed", spot, person)
        self.compare()

    def unclaim(self, spot: Spot, desk: Desk, choice: int) -> None:
        if desk.holder is None:
            self.claim(spot, desk, choice)
            return
        others = [name for name in SIGNERS if name != desk.holder]
        if desk.assignee is None:
            self.refused(REFUSED, lambda: self._claim(tasks.claim, spot, others[choice % len(others)]))
        self.said.append(f"{desk.holder} unclaims {spot.label}#{spot.visit}")
        self._claim(tasks.unclaim, spot, desk.holder)
        self.done("unclaim")
        desk.holder = None
        self.compare()

    def _claim(self, verb: Callable[..., None], spot: Spot, person: str) -> None:
        with self.world.session() as session:
            revision = self._revision(session, spot)
            verb(session, self.ids[spot.visit or 0], revision, self.by(person), self.world.now)

    def ask(self, spot: Spot, desk: Desk, choice: int) -> None:
        person, to = desk.actors()[choice % len(desk.actors())], EVERYBODY[choice // 3 % len(EVERYBODY)]
        self.said.append(f"{person} asks {to} at {spot.label}#{spot.visit}")
        visit = spot.visit or 0

        def act() -> str:
            with self.world.session() as session:
                whom, revision = self.world.people[to], self._revision(session, spot)
                by, now = self.by(person), self.world.now
                return questions.ask(session, self.ids[visit], whom, "为何？", revision, by, now)

        at_task = [each for each, (_, at) in self.questions.items() if at == visit]
        if to == person or len(at_task) >= questions.MOST_OPEN:
            self.refused((errors.BadPerson, errors.BadQuestion), act)
            return
        self.questions[act()] = (to, visit)
        self.done("ask")
        self.last = ("asked", spot, person)
        self.compare()

    def answer(self, which: int, choice: int) -> None:
        """Whoever was asked answers, days later; now and then the question is taken back, or another one answers."""
        if not self.questions:
            return
        question, (to, visit) = sorted(self.questions.items())[which % len(self.questions)]
        spot = next(each for each in self.known if each.visit == visit)
        verb = "take_back" if choice % 4 == 3 else "answer"
        person = self.desks[visit].actors()[0] if verb == "take_back" else to
        self.said.append(f"{person} {verb}s at {spot.label}#{visit}")

        def act(name: str) -> None:
            with self.world.session() as session:
                said = () if verb == "take_back" else ("因为",)
                getattr(questions, verb)(session, question, *said, self.by(name), self.world.now)

        if self.is_suspended or visit not in {each.visit for each in self._afterwards(self.passing)}:
            self.refused((errors.InstanceChanged, errors.QuestionClosed), lambda: act(person))
            return
        if choice % 8 == 6:
            self.refused((errors.Forbidden, errors.Unknown), lambda: act(FOREIGN))
            return
        act(person)
        self.done(verb)
        self.questions.pop(question, None)
        self.compare()

    # ── time and messages ─────────────────────────────────────────────────────────────────────────────────────

    def armed(self) -> list[tuple[int, Any]]:
        """The instance's timers in the order in which they fire: visit and moment."""
        with self.world.session() as session:
            rows = select(Timer.visit, Timer.next_at).where(
                Timer.instance_id == self.instance, Timer.next_at.is_not(None)
            )
            return [
                (row.visit, row.next_at) for row in session.execute(rows.order_by(Timer.next_at, Timer.id))
            ]

    def due(self) -> list[int]:
        return [visit for visit, at in self.armed() if at <= self.world.now]

    def let_fire(self) -> None:
        """A sweep fires what is due, one after the other."""
        while due := self.due():
            counted["timer"] += 1
            self.said.append(f"timer #{due[0]}")
            firing.fire_due(self.world.sessions, lambda: self.world.now, "tests", limit=1)
            self.come_true(due[:1])
            self.compare()

    def come_true(self, due: list[int]) -> None:
        """What it means in the model that these timers have come, one after the other."""
        for visit in due:
            self._come(self.play, visit)
        self.last = ("fired", Spot("", self.play.root), None)

    @staticmethod
    def _come(play: Play, visit: int) -> None:
        spot = next((each for each in play.spots() if each.visit == visit), None)
        if spot is not None:
            spot.act.fire(spot) if spot.is_timer else spot.act.come(spot)

    def _afterwards(self, due: list[int]) -> list[Spot]:
        """Where it would wait if these timers came."""
        play = copy.deepcopy(self.play)
        for visit in due:
            self._come(play, visit)
        return play.spots()

    def wait(self, which: int, choice: int) -> None:
        """It becomes late, and no sweep comes: the next verb must mind by itself."""
        armed = self.armed()
        if armed:
            self.said.append("late")
            self.world.now = max(self.world.now, armed[min(which % 3, len(armed) - 1)][1])

    def fire(self, which: int, choice: int) -> None:
        self.wait(which, choice)
        self.let_fire()
        if self.is_suspended:
            counted["nothing fires while suspended"] += 1
            firing.fire_due(self.world.sessions, lambda: self.world.now, "tests")
            self.compare()

    def message(self, which: int, choice: int) -> None:
        waiting = [spot for spot in self.known if spot.label.startswith("c")]
        if not waiting:
            return
        label = waiting[which % len(waiting)].label
        same = sorted((spot for spot in waiting if spot.label == label), key=lambda spot: spot.visit or 0)
        self.said.append(f"message {label}")

        def send(correlation: str) -> int:
            with self.world.session() as session:
                name, by = f"{self.scene.process}_{label}", self.by(STARTER)
                return messages.send(session, name, correlation, {}, by, self.world.now)

        assert send("130403") == 0
        if self.is_suspended:
            assert send("130402") == len(same), "each is kept for when it goes on"
            self.done("message kept")
            self.compare()
            return
        count = send("130402")
        self.done("message")
        for spot in same:
            if spot in self.play.spots():  # else the deadline was faster
                spot.act.come(spot)
                count -= 1
                self.last = ("message", spot, STARTER)
        assert count == 0, "\n".join(self.said)
        self.compare()

    def suspend(self, which: int, choice: int) -> None:
        verb = control.resume if self.is_suspended else control.suspend
        self.said.append(verb.__name__)
        with self.world.session() as session:
            verb(session, self.instance, "检查", self.by(ADMINISTRATOR), self.world.now)
        counted[verb.__name__] += 1
        self.is_suspended = not self.is_suspended
        self.compare()

    # ── the end ───────────────────────────────────────────────────────────────────────────────────────────────

    def walk_out(self) -> None:
        """Whatever was done to it, it can be brought to its end."""
        if self.is_suspended:
            self.suspend(0, 0)
        for _ in range(LONGEST_WALK):
            self.world.now += timedelta(seconds=1)
            self.let_fire()
            if self.play.ended:
                return
            self._go_on()
        raise AssertionError("\n".join(["it never ended", *self.said]))

    def _go_on(self) -> None:
        at = next((spot for spot in self.known if spot.visit in self.desks), None)
        if at is not None:
            self.at_task("complete", at, 0)
        elif any(spot.label.startswith("c") for spot in self.known):
            self.message(0, 0)
        else:
            self.fire(0, 0)

    def clear(self) -> None:
        """Leave nothing behind that would stir while others live."""
        with self.world.session() as session, session.begin():
            for entity in (Timer, Subscription):
                session.execute(delete(entity).where(entity.instance_id == self.instance))

    def by(self, name: str) -> Acting:
        if name not in self.actings:
            self.actings[name] = self.world.acting(name, MONDAY)
        return self.actings[name]

    def _revision(self, session: Any, spot: Spot) -> int:
        return int(session.scalar(select(Task.revision).where(Task.id == self.ids[spot.visit or 0])))


def _name(token: Any) -> tuple[str, tuple[str, ...]]:
    place = token.own.get("loop_index")
    return token.element, () if place is None else ("abc"[place],)


def _plain(spot: Spot) -> tuple[str, tuple[str, ...]]:
    return spot.label, tuple(item for _, item in spot.act.own)
