"""The chains that belong to no system, as this process knows them: who starts, reviews and sees what in which."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import forms, settings
from app.platform.engine import Definition
from app.platform.identity import roles
from app.platform.lists import catalogue
from app.platform.records import registers
from app.platform.records.fields import Listed, listed
from app.platform.registry import Acting, Post, Words
from app.platform.runtime import policy, versions
from app.platform.runtime.entities import Process, Version, VersionFile
from app.platform.runtime.errors import Unpublishable

log = logging.getLogger(__name__)

OFFICE: Final = "office"
TITLE: Final = Words("通用", "Office")
OTHERS: Final = Words("其他", "Other")
FIRST_ROLES: Final = ("starter", "last:start")
EARLIER = 20  # versions whose fields are looked for, besides the current one


@dataclass(frozen=True)
class Chain:
    """A live process of the office: its current version, and which fields its lists have."""

    process: str
    version: str
    name: Words
    definition: Definition
    forms: Mapping[str, forms.Form]
    fields: tuple[Listed, ...]

    @property
    def category(self) -> Words:
        """What it stands under where one chooses a process; `行政|Administration` names both languages."""
        zh, _, en = (self.definition.category or "").partition("|")
        if zh.strip() == OFFICE:
            return TITLE
        return Words(zh.strip(), en.strip()) if zh.strip() else OTHERS

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles its steps ask."""
        return frozenset(task.role for task in self.definition.tasks.values() if task.role)

    @cached_property
    def starter_sees(self) -> frozenset[str]:
        """The keys of the fields that show to whoever has started: at the start, and at his own steps."""
        own = {"start": self.definition.form} | {
            task.id: task.form for task in self.definition.tasks.values() if task.assignee in FIRST_ROLES
        }
        return self._shown(own)

    def role_sees(self, role: str) -> frozenset[str]:
        """The keys of the fields that show at the steps of a role."""
        return self._shown(
            {task.id: task.form for task in self.definition.tasks.values() if task.role == role}
        )

    def sees(self, acting: Acting) -> frozenset[str]:
        """The keys of the fields that `acting` sees of what others have started, wherever that is."""
        if "" in roles.places(acting.posts, roles.MANAGE):
            return frozenset(one.key for one in self.fields)
        held = {post.role for post in acting.posts} & self.roles
        return frozenset().union(*(self.role_sees(role) for role in held))

    def managed(self, acting: Acting) -> tuple[str, ...]:
        """The places below which `acting` sees every field, because he looks after what runs there."""
        return tuple(sorted(roles.places(acting.posts, roles.MANAGE)))

    def startable(self, acting: Acting) -> bool:
        """Whether `acting` may start it by hand."""
        return (
            None in self.definition.begins.values() and policy.may_start(acting, self.definition) is not False
        )

    def looks_after(self, acting: Acting) -> bool:
        """Whether `acting` reviews it at some place, or looks after what runs."""
        held = {post.role for post in acting.posts}
        return bool(held & self.roles) or bool(roles.places(acting.posts, roles.MANAGE))

    def is_open_to(self, acting: Acting) -> bool:
        """Whether its lists are there for `acting` at all: he starts, reviews or looks after."""
        return self.looks_after(acting) or policy.may_start(acting, self.definition) is not False

    def _shown(self, steps: Mapping[str, str | None]) -> frozenset[str]:
        return frozenset(
            one.key
            for one in self.fields
            for step, form in steps.items()
            if form == one.form and one.whole.at(step).rights[one.field.name] != "hidden"
        )


class _Known:
    """The chains of the database that was last read, by process; replaced as a whole."""

    chains: Mapping[str, Chain] = {}


@settings.on_change
def read(session: Session) -> None:
    """Read which chains there are, parse those whose version is new, and enter their registers."""
    before = {chain.version: chain for chain in _Known.chains.values()}
    found = {}
    rows = session.execute(
        select(Process.key, Process.current_id)
        .where(Process.system == OFFICE, Process.current_id.is_not(None))
        .order_by(Process.key)
    )
    for row in rows.all():
        try:
            found[row.key] = before.get(row.current_id) or _chain(session, row.key, row.current_id)
        except Unpublishable:
            log.exception("process %s names what there is not any more: it has no register", row.key)
    if {one.version for one in found.values()} != set(before):
        _Known.chains = found
        catalogue.enter(OFFICE, [registers.of(chain) for chain in found.values()])


def every() -> Sequence[Chain]:
    """All live chains, by category and name."""
    return sorted(
        _Known.chains.values(), key=lambda one: (one.category == OTHERS, one.category.zh, one.name.zh)
    )


def get(process: str) -> Chain | None:
    """One of them by its key."""
    return _Known.chains.get(process)


def startable(acting: Acting) -> list[Chain]:
    """Those that `acting` may start."""
    return [chain for chain in every() if chain.startable(acting)]


def open_to(acting: Acting) -> list[Chain]:
    """Those whose lists `acting` may open."""
    return [chain for chain in every() if chain.is_open_to(acting)]


def posts_for(chain: Chain, acting: Acting) -> list[Post]:
    """The posts under which `acting` may start it, the one worked under first; none where none is asked.

    Two posts at one place that both allow it are one choice.
    """
    allowed: list[Post] = []
    for rule in chain.definition.starts:
        role = rule.partition("@")[0]
        for post in (*((acting.post,) if acting.post else ()), *acting.posts):
            may = rule == "person" or policy.may_start_under(post, rule)
            same = any((one.role, one.place) == (post.role, post.place) for one in allowed)
            if may and not same and (rule == "person" or post.role == role):
                allowed.append(post)
    return allowed


def _chain(session: Session, process: str, version: str) -> Chain:
    program = versions.program(session, version)
    definition = program.definition
    asked = [definition.form, *(task.form for task in definition.tasks.values())]
    current = [program.forms[name] for name in dict.fromkeys(asked) if name and name in program.forms]
    fields = listed(current, _earlier(session, process, version))
    return Chain(process, version, definition.name, definition, program.forms, fields)


def _earlier(session: Session, process: str, version: str) -> Iterable[forms.Form]:
    """The forms of earlier versions, the latest first."""
    ids = session.scalars(
        select(Version.id)
        .where(Version.process == process, Version.id != version)
        .order_by(Version.number.desc())
        .limit(EARLIER)
    ).all()
    contents = session.execute(
        select(VersionFile.version_id, VersionFile.content).where(
            VersionFile.version_id.in_(ids), VersionFile.name.like("%.json")
        )
    ).all()
    seen: set[bytes] = set()
    for row in sorted(contents, key=lambda row: ids.index(row.version_id)):
        if row.content not in seen:
            seen.add(row.content)
            try:
                yield forms.load(row.content)
            except forms.BadForm:  # what an earlier release accepted
                continue
