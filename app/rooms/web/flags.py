"""Marks beside what somebody judges: what is to be put right, and why; as a page shows and sends them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.platform.forms import Complaint
from app.platform.registry import Words
from app.rooms.web.language import current, said

FIELD, FILE = "item-", "itemfile-"
"""What the names of the boxes begin with: no field can be called so, for theirs have no hyphen."""
LONGEST = 300
OTHER = "other"
COMMON = {
    "missing": Words("缺失", "Missing"),
    "unclear": Words("不清晰", "Not clear"),
    "mismatch": Words("不一致", "Does not agree"),
    "expired": Words("过期", "Expired"),
}
"""The common reasons, by code; they are kept in Chinese, whoever marks: the letter and its readers are Chinese."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One mark. `item`: the field's name or the file's id; `name` that of its box; `label` what is judged, in words."""

    item: str
    name: str
    label: str = ""
    ticked: bool = False
    code: str = ""
    why: str = ""
    error: str = ""

    @property
    def reason(self) -> str:
        """What is wrong, in one sentence: the common reason and the words beside it; empty while nothing is said."""
        common = COMMON[self.code].zh if self.code in COMMON else ""
        return f"{common}：{self.why}" if common and self.why else common or self.why


def attach(app: Flask) -> None:
    """Give templates the filter `reason_said`."""
    app.add_template_filter(reason_said)


def codes() -> Mapping[str, str]:
    """The common reasons, by code, in the reader's language; `other` needs words of one's own."""
    return {code: said(words) for code, words in COMMON.items()} | {OTHER: _("其他")}


def reason_said(reason: str) -> str:
    """A reason as it is kept, for a reader of English with the common one in his language before it."""
    if current() == "zh":
        return reason
    known = {words.zh: words.en for words in COMMON.values()}
    parts = [(known.get(part.partition("：")[0], ""), part) for part in reason.split("；")]
    return "；".join(f"{common} {part}".strip() for common, part in parts)


def read(posted: MultiDict[str, str]) -> dict[str, Flag]:
    """The marks that were set, by item."""
    found = {}
    for name in posted:
        start = FILE if name.startswith(FILE) else FIELD
        item = name.removeprefix(start)
        if not name.startswith(start) or "." in item or not item or len(item) > 100:
            continue
        code = posted.get(f"{name}.code", "")
        why = posted.get(f"{name}.why", "").strip()
        found[item] = Flag(item, name, ticked=True, code=code if code in codes() else "", why=why)
    return found


def kept(flags: Iterable[Flag]) -> dict[str, list[str]]:
    """The marks as a draft keeps them."""
    return {flag.item: [flag.name, flag.code, flag.why] for flag in flags}


def of_draft(draft: Mapping[str, Any]) -> dict[str, Flag]:
    """The marks of a draft; of one that a refused verb kept, its reasons as words of one's own."""
    if "flags" in draft:
        return {
            item: Flag(item, name, ticked=True, code=code, why=why)
            for item, (name, code, why) in draft["flags"].items()
        }
    return {
        item: Flag(item, f"{FIELD}{item}", ticked=True, code=OTHER, why=why)
        for item, why in draft.get("items", {}).items()
    }


def items(flags: Iterable[Flag]) -> dict[str, str]:
    """What they say to the runtime: item → reason."""
    return {flag.item: flag.reason for flag in flags}


def complaints(flags: Iterable[Flag]) -> list[Complaint]:
    """Marks without a reason."""
    return [
        Complaint(
            flag.item,
            Words(flag.label, flag.label),
            "reason",
            {},
            Words(*(_("请说明【%(label)s】需要修改的原因", label=flag.label),) * 2),
        )
        for flag in flags
        if not flag.reason
    ]
