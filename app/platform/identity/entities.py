"""The tables of identity."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Json, Moment, Sealed, new_id
from app.platform.identity.places import Place

Hash = String(64)
_LIVE = text("ended_at IS NULL")


class Person(Base):
    """A human being, known once for all systems (C-01). Numbers are sealed; their hashes serve the search.

    `place`: where he is kept, for administrators who look after a part of the tree; None: by his posts alone.
    `merged_into_id`: he was entered twice, and is the other one; what was his is the other's.
    """

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
    place: Mapped[str | None] = mapped_column(Place, index=True)
    merged_into_id: Mapped[str | None] = mapped_column(Id)
    import_id: Mapped[str | None] = mapped_column(Id, index=True)


class Account(Base):
    """How a person gets in. The login phone is not the contact phone: it changes only after a code.

    `closed_at`: deregistered (注销): it opens for nobody any more, and its user name is nobody's.
    """

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
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    import_id: Mapped[str | None] = mapped_column(Id, index=True)


class Region(Base):
    """A node of the region tree (GB/T 2260, C-51), published or local. `is_closed`: offered to nobody any more."""

    __tablename__ = "identity_region"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    full_name: Mapped[str] = mapped_column(String(200))
    level: Mapped[str] = mapped_column(String(10))
    parent: Mapped[str | None] = mapped_column(ForeignKey("identity_region.code"), index=True)
    path: Mapped[str] = mapped_column(Place, unique=True)
    is_local: Mapped[bool] = mapped_column(default=False)
    is_closed: Mapped[bool] = mapped_column(default=False, server_default=false())


class Unit(Base):
    """An organisation: a school, an office, a college. It lies in a region, or under another unit.

    `merged_into_id`: it was entered twice, and is the other one; it stays closed, and holds nothing.
    """

    __tablename__ = "identity_unit"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120), index=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("identity_region.code"), index=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("identity_unit.id"), index=True)
    path: Mapped[str] = mapped_column(Place, unique=True)
    is_closed: Mapped[bool] = mapped_column(default=False)
    merged_into_id: Mapped[str | None] = mapped_column(Id)
    import_id: Mapped[str | None] = mapped_column(Id, index=True)


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
        Index("ix_identity_post_place", "place", "person_id"),
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
    import_id: Mapped[str | None] = mapped_column(Id, index=True)


class OpenSession(Base):
    """A signed-in browser. The id is the hash of its cookie: who reads the table cannot sign in with it.

    `proved_at`: when its second factor was shown; until then a role that asks for one lets nobody further.
    """

    __tablename__ = "identity_session"

    id: Mapped[str] = mapped_column(Hash, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment, index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    address: Mapped[str] = mapped_column(String(45))
    agent: Mapped[str] = mapped_column(String(200), default="")
    working_post: Mapped[str | None] = mapped_column(Id)
    proved_at: Mapped[datetime | None] = mapped_column(Moment)


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


class MadeRole(Base):
    """A role an administrator made here, beside those of the leases. Its key begins with `made.`."""

    __tablename__ = "identity_role"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    title_zh: Mapped[str] = mapped_column(String(60))
    title_en: Mapped[str] = mapped_column(String(60), default="")
    place: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str | None] = mapped_column(String(30))
    reach: Mapped[str] = mapped_column(String(10))
    permissions: Mapped[list[Any]] = mapped_column(Json)
    given_by: Mapped[list[Any]] = mapped_column(Json)
    second_factor: Mapped[bool] = mapped_column(default=False)
    is_off: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime] = mapped_column(Moment)


class Factor(Base):
    """The second thing a person shows besides his password: the secret of his TOTP program.

    `last_step` is the newest 30-second step that was accepted: none is accepted twice, nor an older one.
    """

    __tablename__ = "identity_factor"

    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(Sealed)
    created_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    last_step: Mapped[int | None]


class RecoveryCode(Base):
    """One of the ten codes that stand in for a lost TOTP program, each once. Only its hash is kept."""

    __tablename__ = "identity_recovery_code"

    hash: Mapped[str] = mapped_column(Hash, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"), index=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class OneTimeCode(Base):
    """A code sent to a phone or mail address (C-03). Counted here, so that all workers count together.

    `to_hash`: the keyed hash of what was typed to say where it should go; `person_id` None where nobody has that
    address: a code that nobody gets, so that known and unknown ones are answered alike. `network`: the keyed hash of
    where it was asked from; `is_known`: the owner has come in from there.
    """

    __tablename__ = "identity_one_time_code"
    __table_args__ = (
        Index("ix_identity_one_time_code_to", "to_hash", "sent_at"),
        Index("ix_identity_one_time_code_person", "person_id", "sent_at"),
        Index("ix_identity_one_time_code_network", "network", "sent_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    purpose: Mapped[str] = mapped_column(String(20))
    to_hash: Mapped[str] = mapped_column(Hash)
    person_id: Mapped[str | None] = mapped_column(Id)
    code_hash: Mapped[str] = mapped_column(Hash)
    network: Mapped[str] = mapped_column(Hash)
    is_known: Mapped[bool] = mapped_column(default=False)
    sent_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class CodeBatch(Base):
    """Permission codes (权限码) issued together: each lets one person take the post they stand for (C-14).

    `cap` is how many there may ever be; `until_at` until when they are redeemed, `post_until_at` until when the post
    is held. Whoever issued them answers for them: what he may not give any more, they do not give either.
    """

    __tablename__ = "identity_code_batch"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    role: Mapped[str] = mapped_column(String(60))
    place: Mapped[str] = mapped_column(Place, index=True)
    subject: Mapped[str] = mapped_column(String(60), default="*")
    cap: Mapped[int]
    note: Mapped[str] = mapped_column(String(100), default="")
    issued_by_id: Mapped[str] = mapped_column(Id, index=True)
    issued_at: Mapped[datetime] = mapped_column(Moment)
    until_at: Mapped[datetime] = mapped_column(Moment)
    post_until_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_by_id: Mapped[str | None] = mapped_column(Id)


class PermissionCode(Base):
    """One code of a batch: found by its hash, sealed for its issuer to read again."""

    __tablename__ = "identity_permission_code"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    batch_id: Mapped[str] = mapped_column(ForeignKey("identity_code_batch.id"), index=True)
    hash: Mapped[str] = mapped_column(Hash, unique=True)
    code: Mapped[str | None] = mapped_column(Sealed)
    redeemed_by_id: Mapped[str | None] = mapped_column(Id, index=True)
    redeemed_at: Mapped[datetime | None] = mapped_column(Moment)
    post_id: Mapped[str | None] = mapped_column(Id, index=True)
    active_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class External(Base):
    """Who somebody is at another house that vouches for him (OpenID Connect): its issuer and his name there."""

    __tablename__ = "identity_external"

    issuer: Mapped[str] = mapped_column(String(200), primary_key=True)
    subject: Mapped[str] = mapped_column(String(200), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"), index=True)
    linked_at: Mapped[datetime] = mapped_column(Moment)
