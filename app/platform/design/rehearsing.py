"""Rehearsals: the real engine, forms and assignment, played in a transaction that is always taken back.

Nothing leaves the house and nothing is kept: rows go with the rollback, files lie in memory, notices are never sent
because the jobs that would send them are gone with their rows. Each request plays its moves anew from the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.platform.data.transaction import taken_back
from app.platform.design import playing, working
from app.platform.design.cast import Cast
from app.platform.design.closed_shelf import ClosedShelf
from app.platform.design.halting import Halted, halted
from app.platform.design.moves import Move
from app.platform.design.playing import Part
from app.platform.documents.settings import aside, settings
from app.platform.engine import Log
from app.platform.identity import posts
from app.platform.registry import Acting
from app.platform.runtime import rehearsed, stepping, versions
from app.platform.runtime.entities import Instance

TICK = timedelta(seconds=1)


@dataclass
class Run:
    """A rehearsal under way. `acted`: who has made each move that was made; `walked`: each step's way, by instance."""

    session: Session
    process: str
    base: datetime
    clock: datetime
    by: Acting
    cast: Cast
    instance: str | None = None
    walked: list[tuple[str, tuple[Log, ...]]] = field(default_factory=list)
    played: list[Move] = field(default_factory=list)
    acted: list[Part] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    asked: dict[str, working.Asked] = field(default_factory=dict)
    printed: list[tuple[str, str, str]] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    halted: Halted | None = None

    @property
    def program(self) -> versions.Program:
        """What is rehearsed."""
        return versions.current(self.session, self.process)

    @property
    def instances(self) -> list[str]:
        """The instances that have begun in it, the first of them the rehearsed one."""
        own = [self.instance] if self.instance else []
        return own + sorted(self.cast.begun({one for one, _ in self.walked}, self.base) - set(own))

    def begun_here(self) -> str | None:
        """The first instance of what is rehearsed that has begun in it, or None: another process may begin it."""
        begun = self.cast.begun({one for one, _ in self.walked}, self.base)
        return self.session.scalar(
            select(Instance.id)
            .where(Instance.id.in_(begun), Instance.process == self.process)
            .order_by(Instance.id)
            .limit(1)
        )

    def play(self, move: Move) -> bool:
        """Make a move, all of it or nothing; False where it cannot be made, and `halted` says why."""
        walked = len(self.walked)
        before = (
            self.clock,
            self.instance,
            set(self.done),
            dict(self.asked),
            list(self.printed),
            dict(self.failed),
        )
        self.halted, self.clock = None, self.clock + TICK
        try:
            with self.session.begin_nested():
                acted = playing.make(self, move)
            self.played.append(move)
            self.acted.append(acted)
        except OperationalError:
            raise  # the database was busy or away: that is no finding about the chain
        except Exception as error:
            self.halted = halted(error)
            del self.walked[walked:]
            self.clock, self.instance, self.done, self.asked, self.printed, self.failed = before
            self.session.expire_all()
        return self.halted is None


@contextmanager
def rehearsal(
    session: Session,
    process: str,
    files: Mapping[str, bytes],
    moves: Sequence[Move],
    *,
    by: Acting,
    base: datetime,
    alone: bool = False,
    language: str = "zh",
) -> Iterator[Run]:
    """Play `moves` on `files` and hand the run over as it is then; when the block ends nothing of it is left.

    It stops at the first move that cannot be made. `alone`: nobody holds a post but those the moves name, as in tests.
    `language`: that of the stand-ins' names. Raises `Unpublishable`.
    """
    rehearsed.read_once(files)  # parsed before the transaction, which others wait for on SQLite
    real = settings()
    with aside(replace(real, storage=ClosedShelf(real.storage))), taken_back(session):
        try:
            rehearsed.publish_aside(session, files, base)
            run = Run(session, process, base, base, by, Cast(session, base, alone=alone, language=language))
            session.info[stepping.WALKED] = run.walked
            run.cast.enter([move.who for move in moves])
            for move in moves:
                if not run.play(move):
                    break
            yield run
        finally:
            for name in (stepping.WALKED, versions.ASIDE, posts.ALONE):
                session.info.pop(name, None)
