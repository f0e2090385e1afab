"""The table of repairs that wait for another administrator."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Moment, Sealed, SealedJson, new_id


class Repair(Base):
    """A repair asked for by one and to be agreed to by another. `revision`, `seen`: of the instance as previewed.

    `state`: waiting, done, declined, taken_back, outdated (the instance has changed since). One that waits past
    `expires_at` has expired.
    """

    __tablename__ = "monitoring_repair"
    __table_args__ = (
        Index("ix_monitoring_repair_state", "state", "asked_at"),
        Index("ix_monitoring_repair_instance", "instance_id", "state"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[str] = mapped_column(ForeignKey("runtime_instance.id"))
    revision: Mapped[int]
    seen: Mapped[int]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(SealedJson)
    reason: Mapped[str] = mapped_column(Sealed)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    asked_by_id: Mapped[str] = mapped_column(Id)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    answered_by_id: Mapped[str | None] = mapped_column(Id)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answer: Mapped[str | None] = mapped_column(Sealed)
