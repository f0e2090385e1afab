"""The sockets a system plugs into: its lease, its roles, and the hooks that diagrams and forms may name."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:  # whoever tries a diagram out in a child need not load the database for its words
    from sqlalchemy.orm import Session


class Words(NamedTuple):
    """One text in the two languages of the house."""

    zh: str
    en: str

    def said(self, language: str) -> str:
        """Return the text in `language` (`zh…` or `en…`)."""
        return self.en if language.startswith("en") and self.en else self.zh


@dataclass(frozen=True, slots=True)
class Role:
    """A role people hold somewhere. `permissions` are `<system>.<object>.<action>` codes (C-13).

    `about` is a line for whoever chooses it for himself (P-02). `given_by`: the roles whose holders may give it,
    within their own place and subject. `second_factor`: its holders show one after the password (C-50). `is_made`:
    an administrator made it here; those of a lease are locked.
    """

    key: str
    title: Words
    place: Literal["none", "region", "unit"] = "none"
    subject: str | None = None
    reach: Literal["here", "below"] = "here"
    permissions: frozenset[str] = frozenset()
    chosen_by_oneself: bool = False
    about: Words | None = None
    given_by: frozenset[str] = frozenset()
    second_factor: bool = False
    is_made: bool = False


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A line of a system's menu for holders of `permission`. `page`: a Flask endpoint, `list:<key>`, `import:<key>`."""

    title: Words
    page: str
    permission: str
    badge: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A role held: where (`place`, a path; empty = everywhere) and for what (`subject`, `*` = all)."""

    id: str
    role: str
    place: str = ""
    subject: str = "*"


@dataclass(frozen=True, slots=True)
class Principal:
    """An absent person another one stands in for, with his own posts; `processes` None is all."""

    person: str
    name: str
    posts: tuple[Post, ...] = ()
    processes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Acting:
    """The person who acts, frozen at the door: never a row. `post` is the one worked under, if chosen."""

    person: str
    name: str
    username: str
    posts: tuple[Post, ...] = ()
    post: Post | None = None
    substitutes_for: tuple[Principal, ...] = field(default=(), kw_only=True)

    def holds(self, role: str) -> tuple[Post, ...]:
        """Posts of this person with `role`."""
        return tuple(post for post in self.posts if post.role == role)


@dataclass(frozen=True, slots=True)
class Call:
    """What a hook is handed: the open transaction, the moment, who acts, and the instance it works for."""

    session: Session
    now: datetime
    by: Acting
    instance: str
    process: str
    element: str
    variables: Mapping[str, Any]
    starter: str
    prepared: Any = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What a system plants its demonstration with: new sessions, `work(moment)` that does what waits, a password."""

    sessions: Callable[[], Session]
    work: Callable[[datetime], None]
    password: str
    now: datetime


class Refused(Exception):
    """A hook's 'no' in words: the verb is rolled back and the person reads the message."""

    def __init__(self, zh: str, en: str = "", field: str | None = None) -> None:
        super().__init__(zh)
        self.words = Words(zh, en or zh)
        self.field = field


class Outcome(Exception):
    """Raised by a hook to take the error boundary `code` of its service task."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Action:
    """A service task's function, with the names a diagram may hand it and the variables it declares.

    `prepare(call, **parameters)` runs before, outside the transaction (rendering, looking outside); what it
    returns stands in `call.prepared`. `effects`: whether it leaves something behind that a return past it would
    have to take back; `undo(call)` takes it back.
    """

    name: str
    run: Callable[..., Mapping[str, Any] | None]
    parameters: frozenset[str]
    required: frozenset[str]
    returns: Mapping[str, type]
    when: Literal["now", "after"]
    prepare: Callable[..., Any] | None = None
    effects: bool = True
    undo: Callable[..., Any] | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """A bound form's row: `load(call, row) -> values`, `store(call, row or None, values) -> row`."""

    name: str
    load: Callable[[Call, str], dict[str, Any]]
    store: Callable[[Call, str | None, Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Forgetting:
    """How a system clears what its own tables keep of an ended instance: `run(session, instance, now)`.

    `keeps` says in words what it leaves there all the same, None for nothing.
    """

    run: Callable[[Session, str, datetime], None]
    keeps: Words | None = None


@dataclass(frozen=True, slots=True)
class Subjects:
    """A kind of subject posts are held for: `names(session, ids)` of many, and `offered(session)` to whoever gives."""

    title: Words
    names: Callable[[Session, Sequence[str]], Mapping[str, Words]]
    offered: Callable[[Session], Sequence[tuple[str, Words]]] | None = None


Does = Callable[..., Mapping[str, Any] | None]
Registers = Callable[[Callable[..., Any]], Callable[..., Any]]


class Sockets:
    """The tables of hooks, each by the full name of what is in it."""

    def __init__(self) -> None:
        self.actions: dict[str, Action] = {}
        self.checks: dict[str, Callable[..., Any]] = {}
        self.choices: dict[str, Callable[..., Any]] = {}
        self.assignees: dict[str, Callable[..., Any]] = {}
        self.entities: dict[str, Entity] = {}
        self.documents: dict[str, Callable[..., Any]] = {}
        self.verbs: dict[str, Callable[..., Any]] = {}
        self.watchers: dict[str, Callable[..., Any]] = {}
        self.forgetters: dict[str, Forgetting] = {}
        self.subjects: dict[str, Subjects] = {}


class Hooks(Sockets):
    """Everything a BPMN, form or rehearsal file of one system can name."""

    def __init__(self, system: str) -> None:
        super().__init__()
        self.system = system

    def _name(self, table: Mapping[str, Any], name: str) -> str:
        full = f"{self.system}/{name}"
        if full in table:
            raise ValueError(f"{full} is registered twice")
        return full

    def _named(self, table: dict[str, Callable[..., Any]], run: Callable[..., Any]) -> Callable[..., Any]:
        return table.setdefault(self._name(table, run.__name__), run)

    def action(
        self,
        *,
        returns: Mapping[str, type] | None = None,
        when: Literal["now", "after"] = "now",
        prepare: Callable[..., Any] | None = None,
        effects: bool = True,
        undo: Callable[..., Any] | None = None,
    ) -> Callable[[Does], Does]:
        """Register `run(call, **parameters)` as an action under its own name."""

        def register(run: Does) -> Does:
            full = self._name(self.actions, run.__name__)
            given = list(inspect.signature(run).parameters.values())[1:]
            self.actions[full] = Action(
                full,
                run,
                frozenset(parameter.name for parameter in given),
                frozenset(p.name for p in given if p.default is inspect.Parameter.empty),
                dict(returns or {}),
                when,
                prepare,
                effects,
                undo,
            )
            return run

        return register

    def check(self, run: Callable[..., Any]) -> Callable[..., Any]:
        """Register `run(call, values) -> Words | None`: a form's question; None means no complaint."""
        return self._named(self.checks, run)

    def choice(self, run: Callable[..., Any]) -> Callable[..., Any]:
        """Register `run(call) -> list[tuple[code, Words]]`: what a select offers."""
        return self._named(self.choices, run)

    def assignee(self, run: Callable[..., Any]) -> Callable[..., Any]:
        """Register `run(call) -> person id`: who gets a task when a role is not enough; None is an incident."""
        return self._named(self.assignees, run)

    def document(self, run: Callable[..., Any]) -> Callable[..., Any]:
        """Register `run(call) -> dict`: the data a printed document of this name shows."""
        return self._named(self.documents, run)

    def verb(self, run: Callable[..., Any]) -> Callable[..., Any]:
        """Register `run(call, **said)`: what people do on a system's own pages, so that a rehearsal may do it too."""
        return self._named(self.verbs, run)

    def watch(self, process: str) -> Registers:
        """Register `run(call, before, after)`: told of every change of stage of the instances of one's own `process`.

        Whatever changed it: a decision, a deadline, a withdrawal, a repair, the instance's end or cancellation; in the
        same transaction, when it is written. `before` and `after` are the stages' Chinese names, None where there was
        none. `Refused` undoes it all.
        """

        def register(run: Callable[..., Any]) -> Callable[..., Any]:
            if process in self.watchers or not process.startswith(f"{self.system}_"):
                raise ValueError(f"{process} is watched already, or is another system's")
            self.watchers[process] = run
            return run

        return register

    def forget(self, process: str, keeps: Words | None = None) -> Registers:
        """Register `run(session, instance, now)`: clears what one's own tables keep of an instance of one's `process`.

        Called once for an ended instance whose time is over, in the transaction that forgets the rest. `keeps`:
        what stays all the same, told to who sets the periods.
        """

        def register(run: Callable[..., Any]) -> Callable[..., Any]:
            if process in self.forgetters or not process.startswith(f"{self.system}_"):
                raise ValueError(f"{process} is forgotten already, or is another system's")
            self.forgetters[process] = Forgetting(run, keeps)
            return run

        return register

    def subject(self, kind: str, title: Words, offered: Callable[..., Any] | None = None) -> Registers:
        """Register `run(session, ids) -> {id: Words}`: what subjects of one's own `kind` (`Role.subject`) are called.

        All ids of a page at once, in one statement; one that is not named cannot be given. Whoever may see the post
        reads the name, so it says nothing that is not for everybody. `title`: what the kind is called.
        `offered(session) -> [(id, Words)]`: which there are to choose from; without it none.
        """

        def register(run: Callable[..., Any]) -> Callable[..., Any]:
            if kind in self.subjects or not kind.startswith(f"{self.system}."):
                raise ValueError(f"{kind} is named already, or is another system's")
            self.subjects[kind] = Subjects(title, run, offered)
            return run

        return register

    def entity(self, name: str, load: Callable[..., Any], store: Callable[..., Any]) -> None:
        """Register the row behind bound forms of `<system>/<name>`."""
        full = self._name(self.entities, name)
        self.entities[full] = Entity(full, load, store)


@dataclass(frozen=True, slots=True)
class System:
    """A tenant's lease: who lives here and what the house shows of it.

    `settled`: a check that says why a person may no longer change his own identity here. `happenings`: what the kinds
    of rows it writes are called. `sends`: messages that its own code sends, which no diagram shows.
    """

    key: str
    title: Words
    roles: tuple[Role, ...] = ()
    menu: tuple[MenuEntry, ...] = ()
    registers: bool = False
    first_page: str | None = None
    settled: str | None = None
    footer: Mapping[str, Words] = field(default_factory=dict)
    happenings: Mapping[str, Words] = field(default_factory=dict)
    sends: frozenset[str] = frozenset()


class House(Sockets):
    """All leases and hooks of this process, filled once at start and only read afterwards.

    `homes`: the package a system has its folder in. `compare_scans(call, template, file ids)`: scans beside a print.
    """

    def __init__(self) -> None:
        super().__init__()
        self.systems: dict[str, System] = {}
        self.homes: dict[str, str] = {}
        self.roles: dict[str, Role] = {}
        self.jobs: dict[str, Callable[..., Any]] = {}
        self.compare_scans: Callable[..., Any] | None = None

    def move_in(self, system: System) -> None:
        """Enter a system's lease."""
        self.systems[system.key] = system
        self.roles.update({role.key: role for role in system.roles})

    def plug(self, hooks: Hooks) -> None:
        """Enter a table of hooks."""
        for socket, table in vars(hooks).items():
            if socket != "system":
                getattr(self, socket).update(table)

    def job(self, name: str) -> Registers:
        """Register a job's function under `name`, so that lower floors can ask for it by name."""

        def register(run: Callable[..., Any]) -> Callable[..., Any]:
            self.jobs[name] = run
            return run

        return register

    def permissions(self, posts: Iterable[Post]) -> frozenset[str]:
        """Every permission code that `posts` give."""
        held = (self.roles[post.role] for post in posts if post.role in self.roles)
        return frozenset().union(*(role.permissions for role in held))


house = House()


def open_house(package: str = "app.systems") -> House:
    """Find the systems: import each folder of `package`, its `entities` and `hooks`, and enter its lease."""
    for found in pkgutil.iter_modules(importlib.import_module(package).__path__):
        name = f"{package}.{found.name}"
        system = importlib.import_module(name).SYSTEM
        house.move_in(system)
        house.homes[system.key] = package
        parts = {part.name for part in pkgutil.iter_modules(importlib.import_module(name).__path__)}
        if "entities" in parts:
            importlib.import_module(f"{name}.entities")
        if "hooks" in parts:
            house.plug(importlib.import_module(f"{name}.hooks").hooks)
    return house
