"""Every kind of history row that is written has words, so that no page and no archive shows a bare code."""

from __future__ import annotations

import ast
from pathlib import Path

from app.platform.runtime.history_words import KINDS

PLATFORM = Path(__file__).parents[3] / "app" / "platform"


def written() -> set[str]:
    """The kinds that stand as text where something is written down."""
    return {
        call.args[0].value
        for path in PLATFORM.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).rpartition(".")[2] == "Happening"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def test_every_kind_that_is_written_has_words_in_both_languages() -> None:
    assert {"repaired", "taken_away", "started"} <= written()
    assert written() - set(KINDS) == set()
    assert all(words.zh and words.en for words in KINDS.values())
