"""What a check has found: where, what, in both languages, and how it might be put right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from app.platform.registry import Words

Level = Literal["error", "warning", "hint"]
LEVELS: Final[tuple[Level, ...]] = ("error", "warning", "hint")
Fix = Mapping[str, str]
"""A quick fix, as plain data: `fix` names what the editor does (front/fixes/apply.js), `zh` and `en` what the button
says, the rest are its arguments."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, or worth a look.

    `file` and `element` say where; `where` is what people call the element, `path` the JSON path inside a form.
    """

    level: Level
    code: str
    file: str
    element: str | None
    words: Words
    fixes: tuple[Fix, ...] = ()
    where: Words = Words("", "")
    path: str | None = None

    @property
    def sentence(self) -> Words:
        """Where and what in one sentence, for a list that stands apart from the drawing."""
        zh, en = (each or self.element or self.file for each in self.where)
        return Words(f"{zh}：{self.words.zh}", f"{en}: {self.words.en}")

    def shown(self, language: str) -> dict[str, Any]:
        """What a page draws, as plain data in one language: `facts`, `message`, `where`, and a `label` for each fix."""
        key = "en" if language.startswith("en") else "zh"
        fixes = [{**dict(one), "label": one[key]} for one in self.fixes]
        said = {"message": self.words.said(language), "where": self.where.said(language)}
        return {**self.facts(), **said, "fixes": fixes}

    def facts(self) -> dict[str, Any]:
        """All but the words, as plain data."""
        return {
            "level": self.level,
            "code": self.code,
            "file": self.file,
            "element": self.element,
            "path": self.path,
            "fixes": [dict(one) for one in self.fixes],
        }


def fix(called: str, words: Words, /, **arguments: str) -> Fix:
    """A quick fix `called` so, offered as `words`."""
    return {"fix": called, "zh": words.zh, "en": words.en, **arguments}
