"""The tables of fairs: what can be held, who holds it, and applications to hold it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Moment, Sealed, SealedJson, new_id
from app.platform.identity.places import Place


class Project(Base):
    """A fair of a year."""

    __tablename__ = "fairs_project"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(100))
    year: Mapped[int]


class Profile(Base):
    """What fairs knows of a person beyond the platform's own record."""

    __tablename__ = "fairs_profile"
    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"), primary_key=True)
    landline: Mapped[str | None] = mapped_column(Sealed)
    address: Mapped[str] = mapped_column(Sealed)
    postcode: Mapped[str | None] = mapped_column(String(6))
    origin: Mapped[str] = mapped_column(String(6))
    employer: Mapped[str] = mapped_column(String(100))
    department: Mapped[str] = mapped_column(String(100))
    position: Mapped[str] = mapped_column(String(100))


class Application(Base):
    """An organiser's application for a fair and district; its stage is the instance's. One live at a time."""

    __tablename__ = "fairs_application"
    __table_args__ = (
        Index(
            "uq_fairs_application_live",
            "person_id",
            "project_id",
            "district",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[str] = mapped_column(Id, index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"))
    project_id: Mapped[str] = mapped_column(ForeignKey("fairs_project.id"))
    district: Mapped[str] = mapped_column(ForeignKey("identity_region.code"))
    place: Mapped[str] = mapped_column(Place)
    snapshot: Mapped[dict[str, Any] | None] = mapped_column(SealedJson)
    scan_id: Mapped[str | None] = mapped_column(Id)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
