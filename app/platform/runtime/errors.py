"""What can be wrong with a verb, as plain exceptions named for what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.platform.registry import Words


class RuntimeRefusal(Exception):
    """Base of every refusal of the runtime."""


class Unknown(RuntimeRefusal):
    """There is no such thing, or the person may not know of it: both answer alike (404)."""


@dataclass
class Forbidden(RuntimeRefusal):
    """The person may see it but not do this (403). `code` names the missing right."""

    code: str
    words: Words | None = None


@dataclass
class TaskTaken(RuntimeRefusal):
    """Another one has decided the task, or holds it (409)."""

    by_name: str
    outcome: Words | None
    at: datetime | None


class TaskOvertaken(TaskTaken):
    """A deadline of the instance has closed the task before the decision came (409)."""


class InstanceChanged(RuntimeRefusal):
    """The task is still open, but is no longer what the person had read (409)."""


@dataclass
class HookRefused(RuntimeRefusal):
    """A system's own rule says no (422), in words meant for the person."""

    words: Words
    field: str | None = None


@dataclass
class BadOutcome(RuntimeRefusal):
    """The outcome is not one the step offers (422)."""

    outcome: str


@dataclass
class MissingOpinion(RuntimeRefusal):
    """The outcome demands an opinion and none was given (422)."""

    outcome: Words


class MissingReason(RuntimeRefusal):
    """A repair was asked for without a word why (422)."""


@dataclass
class BadVariable(RuntimeRefusal):
    """A variable the process does not declare, or a value that cannot be one (422)."""

    name: str


@dataclass
class BadOpinion(RuntimeRefusal):
    """The opinion cannot be kept as it is (422). `code`: too_long, control."""

    code: str
    most: int = 0
    length: int = 0


class BadEntry(RuntimeRefusal):
    """A step with a form was answered without it, for another step, or with complaints still open (422)."""


class KeyReused(RuntimeRefusal):
    """An idempotency key came back with another body (422)."""


@dataclass
class Unpublishable(RuntimeRefusal):
    """A bundle that publication refuses; `problems` are the engine's and the forms' (422)."""

    problems: tuple[object, ...]
