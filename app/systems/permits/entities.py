"""The tables of permits: projects, profiles, permission applications, codes, declarations and summaries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, SQLColumnExpression, String, Text, cast, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Json, Moment, Sealed, SealedJson, new_id
from app.platform.identity.places import Place


class Project(Base):
    """A competition of a year (EN-P1). `place` is the city that holds it; `prefix` begins its numbers (P-40)."""

    __tablename__ = "permits_project"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(100))
    place: Mapped[str] = mapped_column(Place, default="", server_default="")
    prefix: Mapped[str] = mapped_column(String(1))
    year: Mapped[int]
    categories: Mapped[list[str]] = mapped_column(Json)
    groups: Mapped[list[str]] = mapped_column(Json)
    declare_from: Mapped[datetime] = mapped_column(Moment)
    declare_to: Mapped[datetime] = mapped_column(Moment)
    review_to: Mapped[datetime | None] = mapped_column(Moment)
    is_open: Mapped[bool] = mapped_column(default=True)

    @hybrid_property
    def title(self) -> str:
        """How people tell contests of several years apart."""
        return f"{self.year} 年{self.name}"

    @title.inplace.expression
    @classmethod
    def _title(cls) -> SQLColumnExpression[str]:
        return cast(cls.year, String) + " 年" + cls.name


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


class Authorisation(Base):
    """Leave to declare once in a project, for a district, category and group (EN-P5, P-39).

    `code` (授权码) is what a teacher types; `code_hash`, keyed, finds it. Used, it has a declaration. `school` is whom
    it is meant for, where it was issued from a list of schools; `import_id` the import that list came in.
    """

    __tablename__ = "permits_authorisation"
    __table_args__ = (Index("ix_permits_authorisation_place", "project_id", "place", "id"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("permits_project.id"))
    district: Mapped[str] = mapped_column(ForeignKey("identity_region.code"))
    place: Mapped[str] = mapped_column(Place)
    category: Mapped[str] = mapped_column(String(60))
    group: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(Sealed)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    school: Mapped[str | None] = mapped_column(String(100))
    import_id: Mapped[str | None] = mapped_column(Id, index=True)
    issued_by: Mapped[str | None] = mapped_column(Id)
    issued_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class Declaration(Base):
    """A team's declaration (EN-P6). Whether it is submitted and how it was reviewed is its instance's stage."""

    __tablename__ = "permits_declaration"
    __table_args__ = (Index("ix_permits_declaration_place", "project_id", "place", "id"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[str] = mapped_column(Id, index=True)
    authorisation_id: Mapped[str] = mapped_column(ForeignKey("permits_authorisation.id"), unique=True)
    teacher_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"), index=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("permits_project.id"))
    district: Mapped[str] = mapped_column(ForeignKey("identity_region.code"))
    place: Mapped[str] = mapped_column(Place)
    category: Mapped[str] = mapped_column(String(60))
    group: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(20), unique=True)
    team_name: Mapped[str | None] = mapped_column(String(100))
    school: Mapped[str | None] = mapped_column(String(100))
    coach: Mapped[str | None] = mapped_column(String(50))
    coach_phone: Mapped[str | None] = mapped_column(Sealed)
    about: Mapped[str | None] = mapped_column(Text)
    attachments: Mapped[list[str]] = mapped_column(Json, default=list)
    recommendation: Mapped[str | None] = mapped_column(String(200))
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    reviewed_at: Mapped[datetime | None] = mapped_column(Moment)
    resubmit_by: Mapped[date | None]


class Member(Base):
    """A pupil of a declaring team; the keyed hash of the number lets the pupil find the own participation."""

    __tablename__ = "permits_member"
    declaration_id: Mapped[str] = mapped_column(ForeignKey("permits_declaration.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(50))
    gender: Mapped[str | None] = mapped_column(String(10))
    school: Mapped[str | None] = mapped_column(String(100))
    grade: Mapped[str | None] = mapped_column(String(20))
    id_number: Mapped[str | None] = mapped_column(Sealed)
    id_number_hash: Mapped[str | None] = mapped_column(String(64), index=True)


class Serial(Base):
    """The last serial of a prefix and year (P-40)."""

    __tablename__ = "permits_serial"
    prefix: Mapped[str] = mapped_column(String(1), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class ReviewTurn(Base):
    """One row per project and district: who submits or reviews there locks it first, so that one is the last (P-31).

    Only declarations lock it, and after it the live summary's instance; a summary's own steps never do, so the two
    cannot wait for each other.
    """

    __tablename__ = "permits_review_turn"
    project_id: Mapped[str] = mapped_column(ForeignKey("permits_project.id"), primary_key=True)
    district: Mapped[str] = mapped_column(ForeignKey("identity_region.code"), primary_key=True)


class Summary(Base):
    """The summary of a district in a project (EN-P7), as long as its process runs; its state is the stage."""

    __tablename__ = "permits_summary"
    __table_args__ = (
        Index(
            "uq_permits_summary_live",
            "project_id",
            "district",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[str] = mapped_column(Id, index=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("permits_project.id"))
    district: Mapped[str] = mapped_column(ForeignKey("identity_region.code"))
    place: Mapped[str] = mapped_column(Place)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class SummaryUpload(Base):
    """A signed summary as uploaded; one of them at most has not been put aside (P-33, P-36).

    `aside_because`: stale, returned, deleted or replaced.
    """

    __tablename__ = "permits_summary_upload"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    summary_id: Mapped[str] = mapped_column(ForeignKey("permits_summary.id"), index=True)
    file_id: Mapped[str] = mapped_column(Id)
    uploaded_by: Mapped[str] = mapped_column(Id)
    uploaded_at: Mapped[datetime] = mapped_column(Moment)
    aside_at: Mapped[datetime | None] = mapped_column(Moment)
    aside_because: Mapped[str | None] = mapped_column(String(10))
