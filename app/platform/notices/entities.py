"""The tables of notices: what a person is told, what still has to leave the house, and whom events go to."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Json, Moment, Sealed, SealedJson, new_id


class Notice(Base):
    """What one person is told, as it stands in his inbox. `said`: title and text, each `[zh, en]`.

    `secret` (a code, a first password) is what `{secret}` in the text means outside; wiped once it is sent. `kind`: for
    which its reader chooses the ways (`kinds`); `task_id`: the task it is about, where it is about one.
    """

    __tablename__ = "notices_notice"
    __table_args__ = (
        Index("ix_notices_notice_person", "person_id", "id"),
        Index(
            "ix_notices_notice_unread",
            "person_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
        Index(
            "ix_notices_notice_secret",
            "created_at",
            sqlite_where=text("secret IS NOT NULL"),
            postgresql_where=text("secret IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"))
    key: Mapped[str | None] = mapped_column(String(200), unique=True)
    said: Mapped[dict[str, list[str]]] = mapped_column(SealedJson)
    secret: Mapped[str | None] = mapped_column(Sealed)
    instance_id: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)
    kind: Mapped[str | None] = mapped_column(String(20))
    task_id: Mapped[str | None] = mapped_column(Id)


class NoticeChoice(Base):
    """By which outside ways a kind of notice reaches a person, where he wants it otherwise than usual."""

    __tablename__ = "notices_choice"
    __table_args__ = (Index("ix_notices_choice_kind", "kind"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("identity_person.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    email: Mapped[bool]
    sms: Mapped[bool]
    chosen_at: Mapped[datetime] = mapped_column(Moment)


class Endpoint(Base):
    """An outside address that is told of events; `events` empty means all. Removed ones stay, for their past."""

    __tablename__ = "notices_endpoint"
    __table_args__ = (
        Index(
            "uq_notices_endpoint_name",
            "name",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(60))
    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(Sealed)
    events: Mapped[list[str]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by_id: Mapped[str | None] = mapped_column(Id)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)


class Delivery(Base):
    """One thing to send: a notice by e-mail or SMS, or an event to an endpoint. Its job has the tries and the lease.

    `state`: waiting, sent, failed (given up, an incident says so), dropped (nobody to send it to any more). `letter`:
    what goes to an address instead of to a person; wiped once it is sent.
    """

    __tablename__ = "notices_delivery"
    __table_args__ = (Index("ix_notices_delivery_state", "state", "created_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    channel: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    notice_id: Mapped[str | None] = mapped_column(ForeignKey("notices_notice.id"), index=True)
    endpoint_id: Mapped[str | None] = mapped_column(ForeignKey("notices_endpoint.id"), index=True)
    event: Mapped[str | None] = mapped_column(String(40))
    body: Mapped[dict[str, Any] | None] = mapped_column(Json)
    letter: Mapped[dict[str, Any] | None] = mapped_column(SealedJson)
    instance_id: Mapped[str | None] = mapped_column(Id)
    job_id: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
