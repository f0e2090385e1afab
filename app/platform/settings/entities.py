"""The tables of settings: one row a key, one number that tells every process that something has changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Moment, SealedJson


class Setting(Base):
    """A value that differs from what the release or the environment says. Sealed: some are passwords."""

    __tablename__ = "settings_value"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[Any] = mapped_column(SealedJson)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    changed_by_id: Mapped[str | None] = mapped_column(Id)


class Revision(Base):
    """How often anything was changed: one row. A process that has read another number reads all anew."""

    __tablename__ = "settings_revision"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(default=0)


class Dictionary(Base):
    """A list of words that forms offer by its key (民族, 学历). `is_seeded`: it came with a release."""

    __tablename__ = "settings_dictionary"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    title_zh: Mapped[str] = mapped_column(String(100))
    title_en: Mapped[str] = mapped_column(String(100), default="")
    is_seeded: Mapped[bool] = mapped_column(default=False)


class Word(Base):
    """A word of a dictionary. A code that was ever used stays; `is_off`: it is offered no more."""

    __tablename__ = "settings_word"

    dictionary: Mapped[str] = mapped_column(ForeignKey("settings_dictionary.key"), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    zh: Mapped[str] = mapped_column(String(100))
    en: Mapped[str] = mapped_column(String(100), default="")
    position: Mapped[int] = mapped_column(default=0)
    is_off: Mapped[bool] = mapped_column(default=False)
