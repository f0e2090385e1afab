"""The desk a person sees first: each room lays its piece there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask

Read = Callable[[], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the desk: its template, and `read()` for what the template finds as `piece`; None = nothing."""

    key: str
    template: str
    read: Read
    order: int = 50
    styles: tuple[str, ...] = ()


_pieces: dict[str, Piece] = {}


def lay(piece: Piece) -> None:
    """Lay a piece on everybody's desk; the same key again replaces it."""
    _pieces[piece.key] = piece


def attach(app: Flask) -> None:
    """Hand the desk to templates."""
    app.context_processor(lambda: {"desk_pieces": pieces})


def pieces() -> list[tuple[Piece, Mapping[str, Any]]]:
    """Return the pieces that have something for the person who acts, in their order."""
    ordered = sorted(_pieces.values(), key=lambda piece: piece.order)
    return [(piece, facts) for piece in ordered if (facts := piece.read()) is not None]
