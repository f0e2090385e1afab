"""What sorts of notices there are, so that each person can say by which way each sort reaches him."""

from __future__ import annotations

from dataclasses import dataclass

from app.platform.registry import Words

OUTSIDE = ("email", "sms")


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of notice: what a person reads of it where he chooses, and the outside ways it takes if he says nothing.

    `never`: ways it never takes; a summary of many matters is no text message.
    """

    key: str
    title: Words
    about: Words
    ways: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()


KINDS: dict[str, Kind] = {}
"""By key, in the order they are shown in; whoever tells people something enters his."""


def enter(*kinds: Kind) -> None:
    """Add kinds of notices; the same key again replaces it."""
    for kind in kinds:
        KINDS[kind.key] = kind


MESSAGE = "message"
"""The kind of what a process tells by itself (`platform/notify`): by the ways it asks for, less what one refuses."""

enter(
    Kind(
        MESSAGE,
        Words("业务通知", "Messages of a process"),
        Words("业务流程按规定发出的通知", "What a process tells you by its own rules"),
        ways=frozenset(OUTSIDE),
    )
)
