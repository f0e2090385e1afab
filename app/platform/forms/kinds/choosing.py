"""Field types that are chosen: from a list, yes or no, and a region in three levels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from app.platform.forms.complaints import Wrong
from app.platform.forms.given import Given, RegionFacts
from app.platform.forms.kinds.base import MANY, Kind
from app.platform.registry import Words

if TYPE_CHECKING:
    from app.platform.forms.definition import Field

LEVELS = ("province", "city", "district")
YES_NO = (("yes", Words("是", "Yes")), ("no", Words("否", "No")))


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a select, or one radio button."""

    code: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Level:
    """One select of a cascade. `parent` is the code its options lie below, None when not known yet."""

    name: str
    level: str
    parent: str | None
    options: tuple[Option, ...]


class Choice(Kind):
    """One of a list, or several with `many`; listed inline, by a `dictionary`, or by a `hook`."""

    key = "choice"
    settings: ClassVar[Mapping[str, Any]] = {
        "choices": {"type": "array", "items": {"$ref": "#/$defs/choice"}, "minItems": 1, "maxItems": 500},
        "dictionary": {"type": "string", "pattern": "^[a-z][a-z0-9_.]*$"},
        "hook": {"$ref": "#/$defs/hook"},
        "many": {"type": "boolean"},
        "least": {"type": "integer", "minimum": 1},
        "most": {"type": "integer", "minimum": 1},
        "look": {"enum": ["radios", "select"]},
    }
    codes = frozenset({"required", "choice", "too_few", "too_many", "mismatch"})
    how = "choose"
    variable = "choice"

    def listed(self, one: Field, given: Given) -> Sequence[tuple[str, Words]]:
        """Return the codes and words on offer."""
        if "choices" in one.settings:
            return [
                (each["code"], Words(each["label"], each["label.en"])) for each in one.settings["choices"]
            ]
        return given.choices(one.settings.get("dictionary") or one.settings["hook"])

    def parse(self, one: Field, raw: Sequence[str], given: Given) -> Any:
        """Accept only codes on offer; several keep the order of the list."""
        sent = dict.fromkeys(code for code in raw if code)
        if not sent:
            return None if not one.settings.get("many") else []
        listed = [code for code, _ in self.listed(one, given)]
        if not one.settings.get("many"):
            if len(sent) > 1 or (code := next(iter(sent))) not in listed:
                raise Wrong("choice")
            return code
        if sent.keys() - set(listed):
            raise Wrong("choice")
        if len(sent) < one.settings.get("least", 1):
            raise Wrong("too_few", min=one.settings["least"])
        if len(sent) > one.settings.get("most", MANY):
            raise Wrong("too_many", max=one.settings["most"])
        return [code for code in listed if code in sent]

    def raw(self, one: Field, value: Any, given: Given) -> list[str]:
        """Codes are their own raw texts."""
        if value is None:
            return []
        return [str(code) for code in value] if isinstance(value, list) else [str(value)]

    def said(self, one: Field, value: Any, given: Given, language: str) -> str:
        """The words of the codes; a code that nobody knows any more stands for itself."""
        named = dict(self.listed(one, given)) if value else {}
        source = str(one.settings.get("dictionary") or one.settings.get("hook") or "")
        words = []
        for code in self.raw(one, value, given):
            known = named.get(code) or (given.label(source, code) if source else None)
            words.append(known.said(language) if known else code)
        return ("; " if language.startswith("en") else "、").join(words)

    def offers(self, one: Field, raw: Sequence[str], given: Given, language: str) -> tuple[Option, ...]:
        """Options with the present choice ticked."""
        listed = self.listed(one, given)
        return tuple(Option(code, words.said(language), code in raw) for code, words in listed)

    def faults(self, one: Field) -> Iterator[tuple[str, str]]:
        """Exactly one source; no code twice; several are no variable."""
        if sum(source in one.settings for source in ("choices", "dictionary", "hook")) != 1:
            yield "choices", "one_source"
        codes = [each["code"] for each in one.settings.get("choices", ())]
        if len(codes) != len(set(codes)):
            yield "choices", "twice"
        if one.variable and one.settings.get("many"):
            yield "variable", "not_a_variable"
        if not one.settings.get("many") and {"least", "most"} & one.settings.keys():
            yield "many", "many"


class YesNo(Kind):
    """Yes or no, as two radio buttons; unanswered is neither."""

    key = "yes_no"
    codes = frozenset({"required", "choice"})
    how = "choose"
    variable = "yes_no"

    def parse(self, one: Field, raw: Sequence[str], given: Given) -> bool | None:
        """`yes` and `no` (and JSON's own words)."""
        text = raw[0].strip().lower() if raw else ""
        if text not in ("", "yes", "no", "true", "false"):
            raise Wrong("choice")
        return text in ("yes", "true") if text else None

    def raw(self, one: Field, value: Any, given: Given) -> list[str]:
        """The code of the radio button."""
        return [] if value is None else ["yes" if value else "no"]

    def said(self, one: Field, value: Any, given: Given, language: str) -> str:
        """是 or 否."""
        return "" if value is None else YES_NO[0 if value else 1][1].said(language)

    def offers(self, one: Field, raw: Sequence[str], given: Given, language: str) -> tuple[Option, ...]:
        """The two radio buttons."""
        return tuple(Option(code, words.said(language), code in raw) for code, words in YES_NO)


class Region(Kind):
    """A region of the tree, at least as deep as `level` (or as deep as the tree goes there).

    The page sends one code per level (`name.province`, …); programs may send one code as `name`. The raw
    texts are the codes from the province down.
    """

    key = "region"
    settings: ClassVar[Mapping[str, Any]] = {"level": {"enum": list(LEVELS)}}
    needs = ("level",)
    codes = frozenset({"required", "level", "region"})
    how = "choose"
    variable = "region"
    wide = True

    def collect(self, one: Field, sent: Mapping[str, Sequence[str]]) -> list[str]:
        """One code per level, or the one code."""
        parts = [next(iter(sent.get(f"{one.name}.{level}", ())), "") for level in LEVELS]
        if any(parts):
            return parts
        return [code for code in list(sent.get(one.name, ()))[: len(LEVELS)] if code]  # or what a draft kept

    def chain(self, raw: Sequence[str], given: Given) -> list[RegionFacts]:
        """Return the regions that `raw` names from the province down, as far as they lie in each other."""
        if len(raw) == 1:
            region = given.region(raw[0].strip())
            codes = region.path.strip("/").split("/") if region else []
        else:
            codes = [code.strip() for code in raw if code.strip()]
        found: list[RegionFacts] = []
        for code in codes:
            region = given.region(code)
            if region is None or region.path != (found[-1].path if found else "") + f"{code}/":
                break
            found.append(region)
        return found

    def parse(self, one: Field, raw: Sequence[str], given: Given) -> str | None:
        """Return the code of the deepest region named, if it is deep enough."""
        if not any(code.strip() for code in raw):
            return None
        found = self.chain(raw, given)
        if not found:
            raise Wrong("region")
        deepest, wanted = found[-1], str(one.settings["level"])
        shallow = LEVELS.index(deepest.level) < LEVELS.index(wanted)
        if shallow and given.children(deepest.code):
            raise Wrong("level", how=wanted)
        return deepest.code

    def said(self, one: Field, value: Any, given: Given, language: str) -> str:
        """The full name."""
        region = given.region(value) if value else None
        return region.full_name if region else str(value or "")

    def offers(self, one: Field, raw: Sequence[str], given: Given, language: str) -> tuple[Level, ...]:
        """One select per level; those whose parent is not chosen yet are empty."""
        found = self.chain(raw, given)
        levels: list[Level] = []
        parent: str | None = None
        for number, level in enumerate(LEVELS[: LEVELS.index(str(one.settings["level"])) + 1]):
            chosen = found[number].code if number < len(found) else None
            known = number == 0 or parent is not None
            options = tuple(
                Option(region.code, region.name, region.code == chosen)
                for region in (given.children(parent) if known else ())
            )
            levels.append(Level(f"{one.name}.{level}", level, parent, options))
            parent = chosen
        return tuple(levels)
