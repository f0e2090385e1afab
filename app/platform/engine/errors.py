"""What can go wrong while an instance runs."""

from __future__ import annotations

from collections.abc import Mapping


class NoSuchToken(Exception):
    """The instance does not wait at this visit of this element."""

    def __init__(self, element: str, visit: int) -> None:
        super().__init__(f"no open token {element}#{visit}")
        self.element, self.visit = element, visit


class Fuse(Exception):
    """A step did not end in bounds: `kind` is `steps`, `seconds` or `bytes`."""

    def __init__(self, kind: str, limit: int) -> None:
        super().__init__(f"more than {limit} {kind}")
        self.kind, self.limit = kind, limit


class Corrupt(Exception):
    """A stored state that is damaged, of an unknown format, or of another definition."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Faulty(Exception):
    """The diagram met values it was not drawn for: an incident, with the element and a code."""

    def __init__(self, element: str, code: str, parameters: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{element}: {code} {dict(parameters or {})}")
        self.element, self.code, self.parameters = element, code, dict(parameters or {})


class Immovable(Exception):
    """A token may not be sent there.

    `code`: not_passed, effects, several, not_a_task; of a repair: not_here, enters_block, is_join.
    """

    def __init__(self, target: str, code: str) -> None:
        super().__init__(f"{target}: {code}")
        self.target, self.code = target, code
