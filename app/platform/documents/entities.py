"""Tables of stored files, documents the platform printed, what was read on scans, and the serials of numbers."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Moment, Sealed, SealedJson, new_id


class File(Base):
    """A stored file. `content` is its keyed digest, its name in the storage; equal contents share it.

    `is_screened`: a virus scanner has looked into it and found nothing.
    """

    __tablename__ = "documents_file"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    content: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    type: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(Sealed)
    width: Mapped[int | None]
    height: Mapped[int | None]
    pages: Mapped[int | None]
    is_grey: Mapped[bool] = mapped_column(default=False)
    is_screened: Mapped[bool] = mapped_column(default=False, server_default=false())
    owner_id: Mapped[str | None] = mapped_column(Id, index=True)
    instance_id: Mapped[str | None] = mapped_column(Id, index=True)
    purpose: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Moment)


class Document(Base):
    """A printed document. `data` is the snapshot that was printed (P-21), `data_hash` its keyed digest."""

    __tablename__ = "documents_document"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(30), unique=True)
    instance_id: Mapped[str | None] = mapped_column(Id)
    element: Mapped[str | None] = mapped_column(String(200))
    template: Mapped[str] = mapped_column(String(200))
    data: Mapped[Any] = mapped_column(SealedJson)
    data_hash: Mapped[str] = mapped_column(String(64))
    pages: Mapped[int]
    file_id: Mapped[str] = mapped_column(Id, ForeignKey("documents_file.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (Index("ix_documents_document_instance", "instance_id", "template", "id"),)


class Reading(Base):
    """What was read on a scan: for each of its pages the codes of ours and how many others.

    `verdict`: what it was found to be when it was last compared: verified or unverified; None before that, and of
    a scan that was refused. `document_id` and `print_hash`: the print it was compared with.
    """

    __tablename__ = "documents_reading"

    file_id: Mapped[str] = mapped_column(
        Id, ForeignKey("documents_file.id", ondelete="CASCADE"), primary_key=True
    )
    pages: Mapped[Any] = mapped_column(SealedJson)
    verdict: Mapped[str | None] = mapped_column(String(12))
    document_id: Mapped[str | None] = mapped_column(Id)
    print_hash: Mapped[str | None] = mapped_column(String(64))
    read_at: Mapped[datetime] = mapped_column(Moment)
    compared_at: Mapped[datetime | None] = mapped_column(Moment)


class Serial(Base):
    """The last number given in a series and a year."""

    __tablename__ = "documents_serial"

    series: Mapped[str] = mapped_column(String(12), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
