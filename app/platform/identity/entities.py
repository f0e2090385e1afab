"""The tables of identity."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Moment, Sealed, new_id
from app.platform.identity.places import Place

Hash = String(64)
_LIVE = text("ended_at IS NULL")


class Person(Base):
    """A human being, known once for all systems (C-01). Numbers are sealed; their hashes serve the search."""

    __tablename__ = "identity_person"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(100), index=True)
    id_type: Mapped[str | None] = mapped_column(String(20))
    id_number: Mapped[str | None] = mapped_column(Sealed)
    id_number_hash: Mapped[str | None] = mapped_column(Hash, index=True)
    id_number_last_hash: Mapped[str | None] = mapped_column(Hash, index=True)
    gender: Mapped[str | None] = mapped_column(String(10))
    birth_on: Mapped[date | None]
    ethnicity: Mapped[str | None] = mapped_column(String(20))
    phone: Mapped[str | None] = mapped_column(Sealed)
    phone_hash: Mapped[str | None] = mapped_column(Hash, index=True)
    email: Mapped[str | None] = mapped_column(Sealed)
    email_hash: Mapped[str | None] = mapped_column(Hash, index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Account(Base):
    """How a person gets in. The login phone is not the contact phone: it changes only after a code."""

    __tablename__ = "identity_account"

    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"), primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    login_phone: Mapped[str | None] = mapped_column(Sealed)
    login_phone_hash: Mapped[str | None] = mapped_column(Hash, unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    password_at: Mapped[datetime] = mapped_column(Moment)
    password_until_at: Mapped[datetime | None] = mapped_column(Moment)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    is_demo: Mapped[bool] = mapped_column(default=False)
    is_disabled: Mapped[bool] = mapped_column(default=False)
    registered_through: Mapped[str | None] = mapped_column(String(30))
    agreed_at: Mapped[datetime | None] = mapped_column(Moment)
    first_sign_in_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Region(Base):
    """A node of the region tree (GB/T 2260, C-51), published or local."""

    __tablename__ = "identity_region"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    full_name: Mapped[str] = mapped_column(String(200))
    level: Mapped[str] = mapped_column(String(10))
    parent: Mapped[str | None] = mapped_column(ForeignKey("identity_region.code"), index=True)
    path: Mapped[str] = mapped_column(Place, unique=True)
    is_local: Mapped[bool] = mapped_column(default=False)


class Unit(Base):
    """An organisation: a school, an office, a college. It lies in a region, or under another unit."""

    __tablename__ = "identity_unit"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120), index=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("identity_region.code"), index=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("identity_unit.id"), index=True)
    path: Mapped[str] = mapped_column(Place, unique=True)
    is_closed: Mapped[bool] = mapped_column(default=False)


class HeldPost(Base):
    """A role a person holds at a place, for a subject or for all (`*`), from and until."""

    __tablename__ = "identity_post"
    __table_args__ = (
        Index(
            "uq_identity_post_open",
            "person_id",
            "role",
            "place",
            "subject",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_identity_post_holders", "role", "place", "subject"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"))
    role: Mapped[str] = mapped_column(String(60))
    place: Mapped[str] = mapped_column(Place, default="")
    subject: Mapped[str] = mapped_column(String(60), default="*")
    from_at: Mapped[datetime] = mapped_column(Moment)
    until_at: Mapped[datetime | None] = mapped_column(Moment)
    granted_by: Mapped[str | None] = mapped_column(Id)
    instance_id: Mapped[str | None] = mapped_column(Id)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[str | None] = mapped_column(Id)


class OpenSession(Base):
    """A signed-in browser. The id is the hash of its cookie: who reads the table cannot sign in with it."""

    __tablename__ = "identity_session"

    id: Mapped[str] = mapped_column(Hash, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment, index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    address: Mapped[str] = mapped_column(String(45))
    agent: Mapped[str] = mapped_column(String(200), default="")
    working_post: Mapped[str | None] = mapped_column(Id)


class Token(Base):
    """A program's way in, in the name of a person. Only the hash of what it shows is kept."""

    __tablename__ = "identity_token"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    hash: Mapped[str] = mapped_column(Hash, unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    until_at: Mapped[datetime | None] = mapped_column(Moment)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class Attempt(Base):
    """A try to sign in, written before the password is looked at (C-09)."""

    __tablename__ = "identity_attempt"
    __table_args__ = (
        Index(None, "account_hash", "bucket", "at"),
        Index(None, "account_hash", "at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_hash: Mapped[str] = mapped_column(Hash)
    bucket: Mapped[str] = mapped_column(Hash)
    address: Mapped[str] = mapped_column(String(45))
    device_hash: Mapped[str | None] = mapped_column(Hash)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    is_known: Mapped[bool]
    has_passed: Mapped[bool] = mapped_column(default=False)


class Captcha(Base):
    """A picture or question put to a visitor. Taken away by the first answer, right or wrong."""

    __tablename__ = "identity_captcha"

    nonce: Mapped[str] = mapped_column(String(40), primary_key=True)
    answer: Mapped[str] = mapped_column(Sealed)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
