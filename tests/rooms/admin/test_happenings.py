"""The record speaks in words: whatever is written down has a name in both languages, the systems' own too (C-32)."""

from __future__ import annotations

import ast
from pathlib import Path

from app.platform.registry import house
from app.rooms.admin import happenings
from tests.pages import House

ROOT = Path(__file__).parents[3]
BY_HAND = ("_note", "_log", "_tell")
"""What modules call that write several kinds of rows: the kind is the second thing they are told."""
BEGUN = {"dictionary.added", "dictionary.renamed", "dictionary.words", "dictionary.turned"}
BEGUN |= {"account.registered", "account.created", "account.enabled", "account.disabled"}
BEGUN |= {"deadlines.recounted", "audit.verified", "audit.erased", "first_passwords.taken_out"}
BEGUN |= {"publication.asked", "publication.planned", "publication.published", "publication.rolled_back"}
BEGUN |= {"bulk.paused", "bulk.resumed", "bulk.stopped"}
BEGUN |= {
    "migration.paused",
    "migration.resumed",
    "migration.stopped",
    "migration.ended",
    "migration.undone",
    "figures.exported",
}
"""What is put together, or stands in a name of its own."""


def written() -> set[str]:
    """Every kind of row that a module of the platform, the rooms or a system writes."""
    found = set(BEGUN)
    for path in (ROOT / "app").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            name = ast.unparse(call.func)
            place = 2 if name == "audit.log" else 1 if name in BY_HAND else None
            if place is None or len(call.args) <= place:
                continue
            kind = call.args[place]
            if isinstance(kind, ast.Constant) and isinstance(kind.value, str) and "." in kind.value:
                found.add(kind.value)
    return found


def test_every_kind_that_is_written_has_words_in_both_languages(whole_house: House) -> None:
    named = happenings.named()
    assert written() - set(named) == set()
    assert all(words.zh and words.en for words in named.values())


def test_every_kind_that_has_words_is_written(whole_house: House) -> None:
    own = {kind for system in house.systems.values() for kind in system.happenings}
    assert set(happenings.named()) - own - written() == set()
