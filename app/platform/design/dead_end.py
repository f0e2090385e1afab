"""The table of dead ends: a step that nobody can do in one place, from when it was found until it was no more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Moment, new_id
from app.platform.identity.places import Place

_OPEN = text("closed_at IS NULL")


class DeadEnd(Base):
    """A step of a live version that nobody can do where it is asked; found at `since`, last seen at `seen_at`.

    `place`: where it is asked, `""` everywhere. `reason`: a key of `reaching.REASONS`. One row is open a step and
    place; when somebody can do it again it is closed and stays, as what has been.
    """

    __tablename__ = "design_dead_end"
    __table_args__ = (
        Index(
            "ux_design_dead_end_open",
            "process",
            "element",
            "place",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_design_dead_end_closed", "closed_at", "since"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    process: Mapped[str] = mapped_column(String(100))
    element: Mapped[str] = mapped_column(String(200))
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(60))
    place: Mapped[str] = mapped_column(Place, index=True)
    reason: Mapped[str] = mapped_column(String(20))
    since: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
