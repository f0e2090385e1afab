"""Which settings there are: each is defined once, by the room it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from app.platform.registry import Words

Kind = Literal["text", "long", "number", "yes", "choice", "words", "secret", "json"]


class BadSetting(Exception):
    """A value is not one this setting can have: why, in words."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.zh)
        self.words = words


@dataclass(frozen=True, slots=True)
class Definition:
    """One setting. `default` holds until an administrator says otherwise; a function of nothing is asked each time.

    `kind` is how it is asked: `words` is a text in both languages, `secret` is never shown again and stands in no
    audit row, `json` has a page of its own. `check(value)` returns the value to keep, or raises `BadSetting`.
    `group` is the page it stands on.
    """

    key: str
    title: Words
    kind: Kind
    default: Any = None
    group: str = "house"
    choices: tuple[tuple[str, Words], ...] = ()
    check: Callable[[Any], Any] | None = None
    about: Words | None = None

    def checked(self, value: Any) -> Any:
        """The value as it is kept; one of the choices, where there are some. Raises `BadSetting`."""
        if self.choices and value not in {code for code, _ in self.choices}:
            raise BadSetting(Words("请从列表中选择", "Please choose one of the list"))
        return value if self.check is None else self.check(value)

    def initial(self) -> Any:
        """What holds where nobody has changed it."""
        return self.default() if callable(self.default) else self.default


DEFINITIONS: Final[dict[str, Definition]] = {}
GROUPS: Final[dict[str, Words]] = {}


def define_group(key: str, title: Words) -> None:
    """Name a page of settings; the pages stand in the order they were first named."""
    GROUPS[key] = title


def define(*definitions: Definition) -> None:
    """Enter settings; the same key again replaces what was defined."""
    DEFINITIONS.update({one.key: one for one in definitions})
