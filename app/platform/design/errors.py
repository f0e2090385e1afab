"""What may stand against drawing: plain exceptions, turned into words by the rooms."""

from __future__ import annotations

from datetime import datetime

from app.platform.jobs.walking import Settled as Settled
from app.platform.registry import Words


class Rejected(Exception):
    """What was handed in cannot be kept; `words` say why, `field` which input."""

    def __init__(self, words: Words, field: str | None = None) -> None:
        super().__init__(words.zh)
        self.words, self.field = words, field


class DrawnAlready(Exception):
    """The process has an open draft: there is one at a time."""

    def __init__(self, draft: str) -> None:
        super().__init__(draft)
        self.draft = draft


class NotEditing(Exception):
    """Another window may save this draft now. What was sent is kept beside it, as the state `aside`, if it was new."""

    def __init__(self, by: str | None, since: datetime | None, aside: str | None) -> None:
        super().__init__(by)
        self.by, self.since, self.aside = by, since, aside


class Outdated(Exception):
    """The window had read an older revision; what it sent is kept as the state `aside`."""

    def __init__(self, revision: int, aside: str) -> None:
        super().__init__(str(revision))
        self.revision, self.aside = revision, aside


class Planned(Exception):
    """The draft is to be published and stays as it is until that is taken back.

    What was sent is kept beside it, as the state `aside`, if it was new.
    """

    def __init__(self, aside: str | None = None) -> None:
        super().__init__(aside)
        self.aside = aside


class MovedOn(Exception):
    """The draft is at another revision by now than the one that was to be published."""

    def __init__(self, revision: int) -> None:
        super().__init__(str(revision))
        self.revision = revision


class NotReady(Exception):
    """Something that must hold before a publication does not; a sentence each."""

    def __init__(self, failures: tuple[Words, ...]) -> None:
        super().__init__("; ".join(one.zh for one in failures))
        self.failures = failures


class OwnEyes(Exception):
    """Who has asked for a publication does not approve it himself."""


class CountChanged(Exception):
    """There are `count` instances to carry over by now, not as many as were confirmed."""

    def __init__(self, count: int) -> None:
        super().__init__(str(count))
        self.count = count


class TooLate(Exception):
    """A migration is taken back within twenty-four hours, and these are over."""
