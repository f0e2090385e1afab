"""The tables of delegates: congresses, invited units and their quotas, candidates, slates, attachments."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Json, Moment, Sealed, SealedJson, new_id
from app.platform.identity.places import Place


class Congress(Base):
    """A congress of a convening unit (EN-D1); whether it is a draft, published or over is its instance's stage.

    `place` is the convening unit's. `age_on` None: ages count at submission. `counts_45`: 45 itself is "45岁以下".
    `must_fill`: members and delegates must equal the allotment (满额).
    """

    __tablename__ = "delegates_congress"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[str] = mapped_column(Id, index=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("identity_unit.id"))
    place: Mapped[str] = mapped_column(Place)
    name: Mapped[str] = mapped_column(String(100))
    term: Mapped[str] = mapped_column(String(30))
    begins_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    report_by: Mapped[datetime | None] = mapped_column(Moment)
    age_on: Mapped[date | None]
    counts_45: Mapped[bool] = mapped_column(default=True)
    must_fill: Mapped[bool] = mapped_column(default=True)
    cloned_from: Mapped[str | None] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(Moment)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class Invitation(Base):
    """A unit invited to a congress, and the liaison whose number it reported (D-04).

    Its row is what whoever takes, frees or reports seats of the unit locks first: one after the other. `import_id` is
    the import its unit came in.
    """

    __tablename__ = "delegates_invitation"
    __table_args__ = (UniqueConstraint("congress_id", "unit_id"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    congress_id: Mapped[str] = mapped_column(ForeignKey("delegates_congress.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("identity_unit.id"), index=True)
    place: Mapped[str] = mapped_column(Place)
    liaison: Mapped[str] = mapped_column(String(50))
    phone: Mapped[str] = mapped_column(Sealed)
    liaison_id: Mapped[str | None] = mapped_column(ForeignKey("identity_person.id"))
    told_at: Mapped[datetime | None] = mapped_column(Moment)
    import_id: Mapped[str | None] = mapped_column(Id, index=True)


class Allotted(Base):
    """Seats of one identity for an invited unit, with the minimums of members and delegates (EN-D2)."""

    __tablename__ = "delegates_allotted"
    invitation_id: Mapped[str] = mapped_column(ForeignKey("delegates_invitation.id"), primary_key=True)
    identity: Mapped[str] = mapped_column(String(10), primary_key=True)
    seats: Mapped[int]
    minimums: Mapped[dict[str, int]] = mapped_column(Json, default=dict)


class Candidate(Base):
    """A person recommended (EN-D3, EN-D4); what is asked of lists and minimums in columns, the rest sealed in `facts`.

    `age` is counted when the form is submitted (D-42). Its state is its instance's stage. Removed, it frees its seat.
    """

    __tablename__ = "delegates_candidate"
    __table_args__ = (
        Index(
            "uq_delegates_candidate_phone",
            "congress_id",
            "phone_hash",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index("ix_delegates_candidate_unit", "congress_id", "unit_id", "id"),
        Index("ix_delegates_candidate_place", "place", "submitted_at"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[str] = mapped_column(Id, index=True)
    congress_id: Mapped[str] = mapped_column(ForeignKey("delegates_congress.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("identity_unit.id"))
    place: Mapped[str] = mapped_column(Place)
    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"), index=True)
    name: Mapped[str] = mapped_column(String(50))
    phone: Mapped[str] = mapped_column(Sealed)
    phone_hash: Mapped[str] = mapped_column(String(64))
    identity: Mapped[str] = mapped_column(String(10))
    gender: Mapped[str | None] = mapped_column(String(10))
    ethnicity: Mapped[str | None] = mapped_column(String(20))
    party: Mapped[str | None] = mapped_column(String(20))
    second_party: Mapped[str | None] = mapped_column(String(20))
    born_on: Mapped[date | None]
    age: Mapped[int | None]
    occupation: Mapped[str | None] = mapped_column(String(60))
    occupation_kind: Mapped[str | None] = mapped_column(String(60))
    is_grassroots: Mapped[bool | None]
    photo_id: Mapped[str | None] = mapped_column(Id)
    facts: Mapped[dict[str, Any] | None] = mapped_column(SealedJson)
    recommended_at: Mapped[datetime] = mapped_column(Moment)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    slate_id: Mapped[str | None] = mapped_column(Id, index=True)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)


class Slate(Base):
    """A report of a unit: the envelope of the candidates it carries (D-33). `roster` is frozen when it is sent."""

    __tablename__ = "delegates_slate"
    __table_args__ = (UniqueConstraint("congress_id", "unit_id", "serial"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[str] = mapped_column(Id, index=True)
    congress_id: Mapped[str] = mapped_column(ForeignKey("delegates_congress.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("identity_unit.id"), index=True)
    place: Mapped[str] = mapped_column(Place)
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(String(40))
    letter: Mapped[str] = mapped_column(String(2000), default="")
    roster: Mapped[list[dict[str, Any]] | None] = mapped_column(SealedJson)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    reported_at: Mapped[datetime | None] = mapped_column(Moment)


class Attachment(Base):
    """A file the unit keeps beside a candidate (EN-D6, D-29)."""

    __tablename__ = "delegates_attachment"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    candidate_id: Mapped[str] = mapped_column(ForeignKey("delegates_candidate.id"), index=True)
    file_id: Mapped[str] = mapped_column(Id)
    uploaded_by: Mapped[str] = mapped_column(Id)
    uploaded_at: Mapped[datetime] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
