"""What every field type answers. A new type is one class here and one template in `rooms/web`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from app.platform.forms.complaints import Wrong
from app.platform.forms.given import Given
from app.platform.forms.masking import masked
from app.platform.forms.typed import narrow, tidy

if TYPE_CHECKING:
    from app.platform.forms.definition import Field

MANY = 500  # answers kept of one field, whatever a request sends


class Kind:
    """A field type. `settings` are JSON Schemas of the properties only it has;
    those named in `conditions` are expressions over the form's fields, the one named in `nests` is a list of fields."""

    key: ClassVar[str]
    settings: ClassVar[Mapping[str, Any]] = {}
    needs: ClassVar[tuple[str, ...]] = ()
    conditions: ClassVar[tuple[str, ...]] = ()
    nests: ClassVar[str] = ""
    derived: ClassVar[bool] = False
    codes: ClassVar[frozenset[str]] = frozenset()
    how: ClassVar[Literal["fill", "choose", "upload", "sign"]] = "fill"
    variable: ClassVar[str | None] = None
    masks: ClassVar[tuple[str, ...]] = ()
    wide: ClassVar[bool] = False
    wide_to_read: ClassVar[bool] = False

    def reads(self, one: Field) -> frozenset[str]:
        """Return the fields its value follows from, where it is `derived`."""
        return frozenset()

    def compute(self, one: Field, values: Mapping[str, Any], given: Given) -> Any:
        """Return the value that follows from the others, where it is `derived`."""
        raise NotImplementedError

    def empty(self) -> Any:
        """Return the value of an unanswered field."""
        return None

    def collect(self, one: Field, sent: Mapping[str, Sequence[str]]) -> list[str]:
        """Pick this field's raw texts out of what was sent."""
        return list(sent.get(one.name, ()))[:MANY]

    def parse(self, one: Field, raw: Sequence[str], given: Given) -> Any:
        """Turn raw texts into the value (JSON; empty when nothing was entered). Raises `Wrong`."""
        raise NotImplementedError

    def raw(self, one: Field, value: Any, given: Given) -> list[str]:
        """Return the raw texts that would parse into `value`."""
        return [] if value is None else [str(value)]

    def said(self, one: Field, value: Any, given: Given, language: str) -> str:
        """Return `value` as a reader sees it, without its mask."""
        return "" if value is None else str(value)

    def shown(self, one: Field, value: Any, given: Given, language: str, *, in_full: bool = False) -> str:
        """Return `value` as a reader sees it, masked unless `in_full`."""
        text = self.said(one, value, given, language)
        return text if in_full or one.mask is None else masked(text, one.mask)

    def hides(self, one: Field) -> bool:
        """Whether readers see it masked."""
        return one.mask is not None

    def veiled(self, one: Field, value: Any) -> Any:
        """Return `value` (JSON) with its mask on."""
        return value if one.mask is None or not value else masked(str(value), one.mask)

    def offers(self, one: Field, raw: Sequence[str], given: Given, language: str) -> Any:
        """Return what the template needs beside the texts: options, levels, files."""
        return None

    def faults(self, one: Field) -> Iterator[tuple[str, str]]:
        """Yield (setting, code) for settings that the schema lets pass but that make no sense."""
        yield from ()


class OneText(Kind):
    """A type that is typed as one text."""

    lines: ClassVar[bool] = False
    ordinary_width: ClassVar[bool] = False

    def parse(self, one: Field, raw: Sequence[str], given: Given) -> Any:
        """Tidy the text; nothing typed is the empty value."""
        typed = raw[0] if raw else ""
        text = narrow(typed) if self.ordinary_width else tidy(typed, lines=self.lines)
        return self.judge(one, text, given) if text else self.empty()

    def judge(self, one: Field, text: str, given: Given) -> Any:
        """Turn a tidy, non-empty text into the value. Raises `Wrong`."""
        raise NotImplementedError


def at_most(text: str, limit: int) -> str:
    """Return `text` if it has at most `limit` characters. Raises `Wrong("too_long")`."""
    if len(text) > limit:
        raise Wrong("too_long", max=limit, length=len(text))
    return text
