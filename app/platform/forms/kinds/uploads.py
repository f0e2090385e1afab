"""Field types that are uploaded: files, a photo, a signature. Values are lists of ids of files stored before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from app.platform.forms.complaints import Wrong
from app.platform.forms.given import FileFacts, Given
from app.platform.forms.kinds.base import MANY, Kind

if TYPE_CHECKING:
    from app.platform.forms.definition import Field

NAMES = {"image/jpeg": "JPG", "image/png": "PNG", "application/pdf": "PDF"}
EXTENSIONS = {"image/jpeg": (".jpg", ".jpeg"), "image/png": (".png",), "application/pdf": (".pdf",)}
MEGABYTE = 1024 * 1024
REMOVE = "_remove"
"""Name of the buttons that take a file off the list; their value is `<field>:<file id>`."""


class File(Kind):
    """Files of the types in `accept`, at most `max_count`, each at most `max_size` MB.

    With `replaces`, a new upload takes the place of the file there is (only with `max_count` 1). With `scan_of`, they
    are the scan of what was printed from that template (`<system>/<name>`), and are compared with it.
    """

    key = "file"
    settings: ClassVar[Mapping[str, Any]] = {
        "accept": {"type": "array", "items": {"enum": sorted(NAMES)}, "minItems": 1, "uniqueItems": True},
        "max_count": {"type": "integer", "minimum": 1, "maximum": 50},
        "max_size": {"type": "number", "exclusiveMinimum": 0, "maximum": 100},
        "replaces": {"type": "boolean"},
        "scan_of": {"$ref": "#/$defs/hook"},
    }
    codes = frozenset(
        {
            "required",
            "type",
            "count",
            "size",
            "empty",
            "pixels",
            "broken",
            "missing",
            "locked",
            "active",
            "pages",
            "infected",
            "unscreened",
            "other_document",
            "scan_pages",
            "page_missing",
            "page_doubled",
            "stale",
        }
    )
    how: ClassVar[Literal["upload", "sign"]] = "upload"
    wide = True
    wide_to_read = True
    types: ClassVar[tuple[str, ...]] = tuple(NAMES)

    def empty(self) -> Any:
        """No file."""
        return []

    def collect(self, one: Field, sent: Mapping[str, Sequence[str]]) -> list[str]:
        """The ids sent, without those whose 删除 was pressed; the last alone where it replaces."""
        removed = set(sent.get(REMOVE, ()))
        ids = dict.fromkeys(text for text in sent.get(one.name, ()) if text)
        kept = [text for text in ids if f"{one.name}:{text}" not in removed]
        return kept[-1:] if self.replaces(one) else kept[:MANY]

    def parse(self, one: Field, raw: Sequence[str], given: Given) -> list[str]:
        """Accept files that stood here before or that this person has stored; check type, size, count."""
        before = given.values.get(one.name) or []
        ids = list(dict.fromkeys(raw))
        for id_ in ids:
            facts = given.file(id_)
            if facts is None or (id_ not in before and facts.owner != given.person):
                raise Wrong("missing")
            if facts.type not in self.accept(one):
                raise Wrong("type", accept=self.accepted(one))
            if facts.size > self.limit(one):
                raise Wrong("size", max=self.megabytes(one))
        if len(ids) > self.most(one):
            raise Wrong("count", max=self.most(one))
        return ids

    def raw(self, one: Field, value: Any, given: Given) -> list[str]:
        """Ids are their own raw texts."""
        return list(value or ())

    def said(self, one: Field, value: Any, given: Given, language: str) -> str:
        """The names of the files."""
        return "、".join(facts.name for facts in self.offers(one, value or (), given, language))

    def offers(self, one: Field, raw: Sequence[str], given: Given, language: str) -> tuple[FileFacts, ...]:
        """The files that stood here before or that this person has stored; of others nothing is told."""
        before = given.values.get(one.name) or []
        found = ((id_, given.file(id_)) for id_ in raw)
        return tuple(
            facts for id_, facts in found if facts and (id_ in before or facts.owner == given.person)
        )

    def accept(self, one: Field) -> frozenset[str]:
        """Media types accepted."""
        return frozenset(one.settings.get("accept", self.types))

    def accepted(self, one: Field) -> str:
        """The types as people name them: JPG/PNG."""
        return "/".join(NAMES[kind] for kind in NAMES if kind in self.accept(one))

    def picker(self, one: Field) -> str:
        """The `accept` attribute of the input."""
        return ",".join(end for kind in EXTENSIONS if kind in self.accept(one) for end in EXTENSIONS[kind])

    def most(self, one: Field) -> int:
        """How many files there may be."""
        return int(one.settings.get("max_count", 1))

    def megabytes(self, one: Field) -> str:
        """The size limit in MB, as shown."""
        return f"{one.settings.get('max_size', 20):g}"

    def limit(self, one: Field) -> int:
        """The size limit in bytes."""
        return int(one.settings.get("max_size", 20) * MEGABYTE)

    def refusal(self, one: Field, code: str) -> Wrong:
        """Return the complaint about an upload that could not be stored, by the code of the refusal."""
        if code in ("type", "extension"):
            return Wrong("type", accept=self.accepted(one))
        if code in ("size", "too_large"):
            return Wrong("size", max=self.megabytes(one))
        return Wrong(code if code in self.codes else "broken")

    def scan_of(self, one: Field) -> str | None:
        """The template whose print the files are scans of."""
        return one.settings.get("scan_of")

    def replaces(self, one: Field) -> bool:
        """Whether a new file takes the place of the old one."""
        return bool(one.settings.get("replaces", False)) and self.most(one) == 1


class Photo(File):
    """One picture (JPG or PNG); a new one replaces it."""

    key = "photo"
    settings: ClassVar[Mapping[str, Any]] = {
        "accept": {
            "type": "array",
            "items": {"enum": ["image/jpeg", "image/png"]},
            "minItems": 1,
            "uniqueItems": True,
        },
        "max_size": File.settings["max_size"],
        "replaces": {"type": "boolean"},
        "scan_of": File.settings["scan_of"],
    }
    types = ("image/jpeg", "image/png")

    def replaces(self, one: Field) -> bool:
        """A photo is replaced unless the form says otherwise."""
        return bool(one.settings.get("replaces", True))


class Signature(Photo):
    """A signature by hand: drawn on the page with mouse, pen or finger, or uploaded as a picture of it (JPG or PNG).

    What is drawn comes as a PNG through the same upload, and goes through the same checks. A new one replaces it.
    """

    key = "signature"
    settings: ClassVar[Mapping[str, Any]] = {"max_size": File.settings["max_size"]}
    how = "sign"

    def scan_of(self, one: Field) -> str | None:
        """A signature is no scan of anything."""
        return None

    def megabytes(self, one: Field) -> str:
        """Five MB unless the form says otherwise: what is drawn has some KB."""
        return f"{one.settings.get('max_size', 5):g}"

    def limit(self, one: Field) -> int:
        """The same in bytes."""
        return int(one.settings.get("max_size", 5) * MEGABYTE)
