"""The tables of what runs: versions, instances, tasks, entries, drafts, history, receipts and incidents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Json, Moment, Sealed, SealedJson, new_id
from app.platform.identity.places import Place
from app.platform.runtime import indexes
from app.platform.runtime.belongings import Copy as Copy
from app.platform.runtime.belongings import Draft as Draft
from app.platform.runtime.belongings import Phrase as Phrase
from app.platform.runtime.belongings import Presence as Presence
from app.platform.runtime.belongings import Substitute as Substitute


class Process(Base):
    """A process: the key under which its versions are published."""

    __tablename__ = "runtime_process"
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    system: Mapped[str] = mapped_column(String(40))
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    current_id: Mapped[str | None] = mapped_column(Id)


class Version(Base):
    """A published bundle, frozen: never changed, addressed by the hash of its files."""

    __tablename__ = "runtime_version"
    __table_args__ = (UniqueConstraint("process", "number"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    process: Mapped[str] = mapped_column(ForeignKey("runtime_process.key"))
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(Moment)
    published_by_id: Mapped[str | None] = mapped_column(Id)


class VersionFile(Base):
    """One file of a version's bundle."""

    __tablename__ = "runtime_version_file"
    version_id: Mapped[str] = mapped_column(ForeignKey("runtime_version.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Instance(Base):
    """A running or ended chain. `state` is the engine's; `head` the end of its history chain.

    `items`: what the last return has named to be put right, until the step that named it is asked again.
    """

    __tablename__ = "runtime_instance"
    __table_args__ = (
        Index("ix_runtime_instance_starter", "starter_id", "started_at"),
        Index("ix_runtime_instance_process_state", "process", "state", "started_at"),
        Index(
            "ix_runtime_instance_process_started",
            *("process", "started_at", "id"),
            postgresql_include=[
                "starter_id",
                "place",
                "title",
                "number",
                "stage_zh",
                "ended",
            ],  # of registers
        ),
        Index("ix_runtime_instance_process_place", "process", "place", "id"),
        Index("ix_runtime_instance_business_key", "process", "business_key"),
        Index(
            "ix_runtime_instance_suspended",
            "id",
            sqlite_where=text("state = 'suspended'"),
            postgresql_where=text("state = 'suspended'"),
        ),
        *indexes.of_instances(),
        indexes.of_live(),
        Index("ix_runtime_instance_ended", "ended_at"),
        Index("ix_runtime_instance_number", "number", postgresql_ops={"number": "varchar_pattern_ops"}),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    process: Mapped[str] = mapped_column(ForeignKey("runtime_process.key"))
    version_id: Mapped[str] = mapped_column(ForeignKey("runtime_version.id"))
    number: Mapped[str | None] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(300))
    business_key: Mapped[str | None] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(12))
    stage_zh: Mapped[str | None] = mapped_column(String(100))
    stage_en: Mapped[str | None] = mapped_column(String(100))
    ended: Mapped[str | None] = mapped_column(String(100))
    starter_id: Mapped[str] = mapped_column(Id)
    starter_post_id: Mapped[str | None] = mapped_column(Id)
    place: Mapped[str] = mapped_column(Place)
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    tokens: Mapped[bytes] = mapped_column(LargeBinary)
    variables: Mapped[dict[str, Any]] = mapped_column(Json)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    history_length: Mapped[int] = mapped_column(Integer, default=0)
    head: Mapped[bytes] = mapped_column(LargeBinary)
    record_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    items: Mapped[dict[str, Any] | None] = mapped_column(SealedJson)


class Task(Base):
    """What a person is asked. Who may answer is joined from posts when read: role, place and subject say whom.

    `seats` other than `one`: the seats decide. While `paused_at` is set its deadline stands still; `paused_days` are
    the working days it has stood still before. `avoided` (ids) and `avoided_unit` are kept out: they would judge
    their own. `closed_for_id`: in whose stead it was decided. `instance_place`: where its instance is.
    """

    __tablename__ = "runtime_task"
    __table_args__ = (
        Index(
            "ix_runtime_task_eligible",
            *("role", "state", "place", "opened_at"),
            postgresql_include=["process", "instance_id"],  # what has come to a post is gathered from it
        ),
        Index("ix_runtime_task_assignee", "assignee_id", "state", "opened_at"),
        Index("ix_runtime_task_decider", "closed_by_id", "closed_at", "id"),
        Index("ix_runtime_task_instance", "instance_id", "state", postgresql_include=["role", "place"]),
        *indexes.of_waiting(),
        *indexes.of_due(),
        *indexes.of_unattended(),
        indexes.of_elements(),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[str] = mapped_column(ForeignKey("runtime_instance.id"))
    process: Mapped[str] = mapped_column(String(100))
    element: Mapped[str] = mapped_column(String(100))
    visit: Mapped[int]
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10))
    role: Mapped[str | None] = mapped_column(String(80))
    place: Mapped[str | None] = mapped_column(Place)
    instance_place: Mapped[str] = mapped_column(Place, default="", server_default="")
    subject: Mapped[str | None] = mapped_column(String(60))
    assignee_id: Mapped[str | None] = mapped_column(Id)
    claimed_by_id: Mapped[str | None] = mapped_column(Id)
    claimed_at: Mapped[datetime | None] = mapped_column(Moment)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    is_due_provisional: Mapped[bool] = mapped_column(default=False, server_default=false())
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by_id: Mapped[str | None] = mapped_column(Id)
    outcome: Mapped[str | None] = mapped_column(String(60))
    is_returned: Mapped[bool] = mapped_column(default=False)
    is_escalated: Mapped[bool] = mapped_column(default=False, server_default=false())
    summary: Mapped[list[Any] | None] = mapped_column(Json)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    seats: Mapped[str] = mapped_column(String(12), default="one", server_default="one")
    avoided: Mapped[str | None] = mapped_column(Text)
    avoided_unit: Mapped[str | None] = mapped_column(Place)
    closed_for_id: Mapped[str | None] = mapped_column(Id)
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
    paused_days: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class Seat(Base):
    """One of several who sign a task. A `waiting` one is not on turn yet, or has been delegated (`seat_id`)."""

    __tablename__ = "runtime_seat"
    __table_args__ = (
        Index("ix_runtime_seat_task", "task_id", "position"),
        Index("ix_runtime_seat_person", "person_id", "state"),
        Index("ix_runtime_seat_instance", "instance_id", "state"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    task_id: Mapped[str] = mapped_column(ForeignKey("runtime_task.id"))
    instance_id: Mapped[str] = mapped_column(ForeignKey("runtime_instance.id"))
    person_id: Mapped[str] = mapped_column(Id)
    position: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    is_personal: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[str | None] = mapped_column(String(60))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by_id: Mapped[str | None] = mapped_column(Id, index=True)
    decided_as: Mapped[int | None]
    variables: Mapped[dict[str, Any] | None] = mapped_column(SealedJson)
    added_by_id: Mapped[str | None] = mapped_column(Id)
    delegated_by_id: Mapped[str | None] = mapped_column(Id)
    seat_id: Mapped[str | None] = mapped_column(Id)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by_id: Mapped[str | None] = mapped_column(Id)
    closed_reason: Mapped[str | None] = mapped_column(String(20))


class Timer(Base):
    """An armed timer; the row is gone once it has fired or is not waited for any more.

    `kind`: `event` (of the diagram), `remind` and `escalate` (of an open task), `start` (of a process). `text` is
    the period or moment as drawn, `due_at` what it comes to; `next_at` when a sweep is to look at it: None while
    its instance is suspended, or after three failures. `leased_by` fences off a sweeper that slept past its lease.
    """

    __tablename__ = "runtime_timer"
    __table_args__ = (
        Index("ix_runtime_timer_next", "next_at"),
        Index("ix_runtime_timer_due", "due_at"),
        Index("ix_runtime_timer_element", "process", "kind", "element", "instance_id"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[str | None] = mapped_column(ForeignKey("runtime_instance.id"), index=True)
    version_id: Mapped[str] = mapped_column(Id)
    process: Mapped[str] = mapped_column(String(100))
    element: Mapped[str] = mapped_column(String(100))
    visit: Mapped[int | None]
    task_id: Mapped[str | None] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(10))
    armed_at: Mapped[datetime] = mapped_column(Moment)
    text: Mapped[str] = mapped_column(String(100))
    due_at: Mapped[datetime] = mapped_column(Moment)
    is_provisional: Mapped[bool] = mapped_column(default=False)
    next_at: Mapped[datetime | None] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(default=0)
    leased_by: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None] = mapped_column(Moment)


class Escalation(Base):
    """A task that is overdue, brought before a role: whoever holds it there may read the instance from then on."""

    __tablename__ = "runtime_escalation"
    task_id: Mapped[str] = mapped_column(Id, primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("runtime_instance.id"), index=True)
    role: Mapped[str] = mapped_column(String(80))
    place: Mapped[str] = mapped_column(Place)
    subject: Mapped[str | None] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(Moment)


class Entry(Base):
    """What was filled in at one submit, unchangeable: what the reviewer saw."""

    __tablename__ = "runtime_entry"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[str] = mapped_column(ForeignKey("runtime_instance.id"), index=True)
    task_id: Mapped[str | None] = mapped_column(Id)
    element: Mapped[str] = mapped_column(String(100))
    form: Mapped[str] = mapped_column(String(100))
    values: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    by_id: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(Moment)


class Question(Base):
    """Something asked of one person at an open task, which stays where it is; closed by the answer, or taken back.

    `is_pausing`: the task's deadline stands still until it is closed.
    """

    __tablename__ = "runtime_question"
    __table_args__ = (
        Index("ix_runtime_question_task", "task_id", "closed_at"),
        Index("ix_runtime_question_instance", "instance_id", "to_id"),
        Index("ix_runtime_question_to", "to_id", "closed_at"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[str] = mapped_column(ForeignKey("runtime_instance.id"))
    task_id: Mapped[str] = mapped_column(ForeignKey("runtime_task.id"))
    asked_by_id: Mapped[str] = mapped_column(Id)
    to_id: Mapped[str] = mapped_column(Id)
    text: Mapped[str] = mapped_column(Sealed)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    is_pausing: Mapped[bool] = mapped_column(default=False, server_default=false())
    answer: Mapped[str | None] = mapped_column(Sealed)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by_id: Mapped[str | None] = mapped_column(Id)


class History(Base):
    """One thing that happened to an instance: written once, chained by hash, never updated."""

    __tablename__ = "runtime_history"
    __table_args__ = (Index("ix_runtime_history_at", "at", postgresql_using="brin"),)  # what is new since
    instance_id: Mapped[str] = mapped_column(ForeignKey("runtime_instance.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    kind: Mapped[str] = mapped_column(String(20))
    element: Mapped[str | None] = mapped_column(String(100))
    task_id: Mapped[str | None] = mapped_column(Id)
    by_id: Mapped[str | None] = mapped_column(Id)
    outcome: Mapped[str | None] = mapped_column(String(60))
    entry_id: Mapped[str | None] = mapped_column(Id)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    link: Mapped[bytes] = mapped_column(LargeBinary)


class Receipt(Base):
    """The answer an idempotency key has had: ids only, swept after 24 hours."""

    __tablename__ = "runtime_receipt"
    person_id: Mapped[str] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    body: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(Moment, index=True)


class Incident(Base):
    """Something that holds an instance up and that a person must look at."""

    __tablename__ = "runtime_incident"
    __table_args__ = (Index("ix_runtime_incident_open", "closed_at", "opened_at"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[str | None] = mapped_column(ForeignKey("runtime_instance.id"), index=True)
    job_id: Mapped[str | None] = mapped_column(Id)
    element: Mapped[str | None] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(30))
    detail: Mapped[str] = mapped_column(Sealed)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by_id: Mapped[str | None] = mapped_column(Id)


class Subscription(Base):
    """A message or signal that an instance waits for, or that starts a process (no instance).

    `correlation` is JSON text, so that 1 and "1" differ. `sender_role`: who may send it from outside the house,
    held at `sender_place`, anywhere where that is empty, everywhere where it came to no place (None). Without a role
    nobody may.
    """

    __tablename__ = "runtime_subscription"
    __table_args__ = (
        Index("ix_runtime_subscription_wanted", "kind", "name", "correlation"),
        Index("ix_runtime_subscription_element", "process", "element", "instance_id"),
        UniqueConstraint("instance_id", "visit"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[str | None] = mapped_column(ForeignKey("runtime_instance.id"))
    process: Mapped[str] = mapped_column(ForeignKey("runtime_process.key"))
    element: Mapped[str] = mapped_column(String(100))
    visit: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(100))
    correlation: Mapped[str] = mapped_column(Text)
    sender_role: Mapped[str | None] = mapped_column(String(80))
    sender_place: Mapped[str | None] = mapped_column(Place)


class Serial(Base):
    """The last number given under a process's pattern in a year."""

    __tablename__ = "runtime_serial"
    pattern: Mapped[str] = mapped_column(Text, primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int]
