"""The tables of the audit: rows, the heads of their streams, and the keys that make their text readable."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Moment, Sealed, new_id


class AuditKey(Base):
    """The key of one record (a person, an instance, a stream). Erased: the row stays, the key is gone."""

    __tablename__ = "audit_key"
    __table_args__ = (
        Index(
            "ix_audit_key_live_record",
            "record",
            unique=True,
            sqlite_where=text("erased_at IS NULL"),
            postgresql_where=text("erased_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    record: Mapped[str] = mapped_column(String(80))
    key: Mapped[str | None] = mapped_column(Sealed)
    created_at: Mapped[datetime] = mapped_column(Moment)
    erased_at: Mapped[datetime | None] = mapped_column(Moment)


class AuditHead(Base):
    """The end of one stream. `kind` has a few streams, so that writers do not queue on one row."""

    __tablename__ = "audit_head"

    stream: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30), index=True)
    seq: Mapped[int] = mapped_column(default=0)
    link: Mapped[bytes] = mapped_column(LargeBinary)


class AuditRow(Base):
    """One thing that happened. Written once, never changed."""

    __tablename__ = "audit_row"
    __table_args__ = (Index(None, "about", "at"), Index(None, "by_id", "at"), Index(None, "kind", "at"))

    stream: Mapped[str] = mapped_column(String(40), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    kind: Mapped[str] = mapped_column(String(60))
    by_id: Mapped[str | None] = mapped_column(Id)
    about: Mapped[str | None] = mapped_column(String(80))
    key_id: Mapped[str] = mapped_column(Id)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    link: Mapped[bytes] = mapped_column(LargeBinary)
