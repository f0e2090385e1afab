"""The tables of permits: competition projects, profiles of their organisers, and permission applications."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Json, Moment, Sealed, SealedJson, new_id
from app.platform.identity.places import Place


class Project(Base):
    """A competition of a year (EN-P1)."""

    __tablename__ = "permits_project"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(100))
    prefix: Mapped[str] = mapped_column(String(1))
    year: Mapped[int]
    categories: Mapped[list[str]] = mapped_column(Json)
    groups: Mapped[list[str]] = mapped_column(Json)
    declare_from: Mapped[datetime] = mapped_column(Moment)
    declare_to: Mapped[datetime] = mapped_column(Moment)
    review_to: Mapped[datetime | None] = mapped_column(Moment)
    is_open: Mapped[bool] = mapped_column(default=True)


class Profile(Base):
    """What permits knows of a person beyond the platform's own record (EN-P3)."""

    __tablename__ = "permits_profile"
    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"), primary_key=True)
    landline: Mapped[str | None] = mapped_column(Sealed)
    address: Mapped[str] = mapped_column(Sealed)
    postcode: Mapped[str | None] = mapped_column(String(6))
    origin: Mapped[str] = mapped_column(String(6))
    employer: Mapped[str] = mapped_column(String(100))
    department: Mapped[str] = mapped_column(String(100))
    position: Mapped[str] = mapped_column(String(100))
    saved_at: Mapped[datetime] = mapped_column(Moment)


class Application(Base):
    """An organiser's application to manage a district in a project (EN-P4). Its stage is the instance's.

    `snapshot` is the profile as printed: what holds while the application is under review (P-21).
    """

    __tablename__ = "permits_application"
    __table_args__ = (
        Index(
            "uq_permits_application_live",
            "person_id",
            "project_id",
            "district",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_permits_application_district", "district", "submitted_at"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[str] = mapped_column(Id, index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"))
    project_id: Mapped[str] = mapped_column(ForeignKey("permits_project.id"))
    district: Mapped[str] = mapped_column(ForeignKey("identity_region.code"))
    place: Mapped[str] = mapped_column(Place)
    snapshot: Mapped[dict[str, Any] | None] = mapped_column(SealedJson)
    scan_id: Mapped[str | None] = mapped_column(Id)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    uploaded_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
