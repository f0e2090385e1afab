"""The tables of drawing: drafts, the states they were saved in, and the contents those states name by their hash."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Json, Moment, SealedJson, new_id


class Draft(Base):
    """A bundle being drawn, of a process that may be published already; open until it is published or thrown away.

    `base_id`: the version it began as. `revision` is that of the state that counts. `editor_*`: whose window may save,
    and when it was last heard of; `asked_*`: who has asked to take over.
    """

    __tablename__ = "design_draft"
    __table_args__ = (
        Index(
            "ux_design_draft_open",
            "process",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    process: Mapped[str] = mapped_column(String(100))
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    base_id: Mapped[str | None] = mapped_column(Id)
    revision: Mapped[int]
    made_by_id: Mapped[str] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(Moment)
    changed_by_id: Mapped[str] = mapped_column(Id)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    editor_id: Mapped[str | None] = mapped_column(Id)
    editor_window: Mapped[str | None] = mapped_column(String(40))
    editor_seen_at: Mapped[datetime | None] = mapped_column(Moment)
    asked_by_id: Mapped[str | None] = mapped_column(Id)
    asked_window: Mapped[str | None] = mapped_column(String(40))
    asked_at: Mapped[datetime | None] = mapped_column(Moment)


class DraftState(Base):
    """A draft as it was saved once: its files, name -> hash of the content. `note` is given by whoever keeps it.

    `aside`: it came from a window that might not save any more, or from an older one; kept, and never counted.
    """

    __tablename__ = "design_state"
    __table_args__ = (UniqueConstraint("draft_id", "revision"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    draft_id: Mapped[str] = mapped_column(ForeignKey("design_draft.id"))
    revision: Mapped[int]
    files: Mapped[dict[str, str]] = mapped_column(Json)
    note: Mapped[str | None] = mapped_column(String(200))
    aside: Mapped[bool]
    saved_by_id: Mapped[str] = mapped_column(Id)
    saved_at: Mapped[datetime] = mapped_column(Moment)


class Content(Base):
    """The bytes of a file, once, under their SHA-256; `used_at`: when a state last named it."""

    __tablename__ = "design_content"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    used_at: Mapped[datetime] = mapped_column(Moment, index=True)


class Rehearsal(Base):
    """The moves of a rehearsal so far, for a day; never changed. `before_id`: the same without the last move.

    Of a draft at a revision, or of a published version. `base_at`: the moment it is played from.
    """

    __tablename__ = "design_rehearsal"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    before_id: Mapped[str | None] = mapped_column(Id)
    process: Mapped[str] = mapped_column(String(100))
    draft_id: Mapped[str | None] = mapped_column(Id)
    revision: Mapped[int | None]
    version_id: Mapped[str | None] = mapped_column(Id)
    moves: Mapped[list[Any]] = mapped_column(SealedJson)
    base_at: Mapped[datetime] = mapped_column(Moment)
    made_by_id: Mapped[str] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(Moment, index=True)
