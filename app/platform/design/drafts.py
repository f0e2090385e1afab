"""Drafts: begun, saved again and again without overwriting anybody's work, kept under a name, gone back to, left."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import new_id, transaction
from app.platform.design import contents, editing, standing
from app.platform.design.entities import Content, Draft, DraftState
from app.platform.design.errors import DrawnAlready, NotEditing, Outdated, Planned, Rejected
from app.platform.engine.outline import name_of
from app.platform.identity import people
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Process, Version, VersionFile
from app.platform.runtime.errors import Unknown

KEY: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
LONGEST_NAME: Final = contents.LONGEST_NAME


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """An open draft, as lists and pages show it. `base` is the number of the version it began as, if any."""

    id: str
    process: str
    name: Words
    base: int | None
    revision: int
    made_by: str
    changed_by: str
    changed_at: datetime
    editor: str | None


@dataclass(frozen=True, slots=True)
class State:
    """A draft as it was saved once; `by` is a name."""

    id: str
    revision: int
    note: str | None
    aside: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save has led to: the revision that counts now, and what the draft is called."""

    revision: int
    at: datetime
    name: Words


def begin(
    session: Session, process: str, name: Words, files: Mapping[str, bytes], by: Acting, now: datetime
) -> str:
    """Begin to draw a new process under the key `process`; return the draft's id.

    Raises `Rejected` for a key or file that cannot be, or a key that is published already; `DrawnAlready`.
    """
    if not KEY.fullmatch(process) or len(process) > 60:
        raise Rejected(
            Words(
                "流程标识由小写字母、数字和下划线组成，形如 office_leave，最多 60 个字符",
                "The key is made of lower-case letters, digits and underscores, like office_leave, at most 60",
            ),
            "process",
        )
    if not name.zh.strip() or max(map(len, name)) > LONGEST_NAME:
        raise Rejected(
            Words("请填写流程名称，最多 200 个字", "Name the process, in at most 200 characters"), "name"
        )
    with transaction(session):
        if session.scalar(select(Process.current_id).where(Process.key == process)) is not None:
            raise Rejected(
                Words(
                    "已有流程使用这个标识，请打开它来修改，或换一个标识",
                    "This key is taken by a published process",
                ),
                "process",
            )
        return _begin(session, process, name, None, files, by, now)


def reopen(session: Session, process: str, by: Acting, now: datetime, *, number: int | None = None) -> str:
    """Begin to change a published process, from its current version or version `number`; return the draft's id.

    Raises `Unknown`, `DrawnAlready`.
    """
    with transaction(session):
        asked = select(Version.id, Process.name_zh, Process.name_en).join(
            Process, Process.key == Version.process
        )
        asked = asked.where(Process.key == process)
        asked = asked.where(Version.id == Process.current_id if number is None else Version.number == number)
        found = session.execute(asked).one_or_none()
        if found is None:
            raise Unknown(process)
        files = version_files(session, found.id)
        return _begin(session, process, Words(found.name_zh, found.name_en), found.id, files, by, now)


def version_files(session: Session, version: str) -> dict[str, bytes]:
    """The files of a published version, by name."""
    rows = session.execute(
        select(VersionFile.name, VersionFile.content).where(VersionFile.version_id == version)
    )
    return {row.name: row.content for row in rows}


def _begin(
    session: Session,
    process: str,
    name: Words,
    base: str | None,
    files: Mapping[str, bytes],
    by: Acting,
    now: datetime,
) -> str:
    open_one = session.scalar(select(Draft.id).where(Draft.process == process, Draft.closed_at.is_(None)))
    if open_one is not None:
        raise DrawnAlready(open_one)
    contents.judge(files)
    draft = new_id()
    session.execute(
        insert(Draft).values(
            id=draft,
            process=process,
            name_zh=name.zh.strip(),
            name_en=name.en.strip() or name.zh.strip(),
            base_id=base,
            revision=1,
            made_by_id=by.person,
            made_at=now,
            changed_by_id=by.person,
            changed_at=now,
        )
    )
    _keep(session, draft, 1, contents.put(session, files, now), by, now)
    audit.log(
        session, "design", "draft.begun", by, now, {"process": process, "name": name.zh}, f"draft:{draft}"
    )
    return draft


def save(
    session: Session,
    draft: str,
    changed: Mapping[str, bytes | None],
    *,
    read: int,
    window: str,
    by: Acting,
    now: datetime,
    note: str | None = None,
) -> Saved:
    """Save what `window` has changed since revision `read`: file name -> content, None takes a file out.

    Nothing is ever overwritten: what comes from a window that may not save (`NotEditing`), that had read an older
    revision (`Outdated`), or to a draft that is to be published (`Planned`), is kept as a state aside. With a `note`,
    the state is kept under it for good. Raises `Unknown`, `Rejected`.
    """
    refusal: NotEditing | Outdated | Planned | None = None
    with transaction(session):
        row = editing.of(session, draft, lock=True)
        base = read if session.scalar(_files_of(draft, read)) is not None else row.revision
        before = _files(session, draft, base)
        hashes = before | contents.put(session, {n: c for n, c in changed.items() if c is not None}, now)
        hashes = {n: h for n, h in hashes.items() if changed.get(n, b"") is not None}
        contents.judge_names(hashes)
        stands = standing.stands_still(session, draft)
        if stands or not editing.may_save(row, window, now) or read != row.revision:
            aside = None
            if hashes != before:
                aside = _keep(session, draft, _next(session, draft), hashes, by, now, aside=True)
            if stands:
                refusal = Planned(aside)
            elif editing.may_save(row, window, now):
                refusal = Outdated(row.revision, aside or "")
            else:
                name = people.names(session, {row.editor_id or ""}).get(row.editor_id or "")
                refusal = NotEditing(name, row.editor_seen_at, aside)
        elif hashes == before and note is None:
            return Saved(row.revision, row.changed_at, Words(row.name_zh, row.name_en))
        else:
            revision = _next(session, draft)
            _keep(session, draft, revision, hashes, by, now, note=note)
            words = _called(row, changed.values())
            session.execute(
                update(Draft)
                .where(Draft.id == draft)
                .values(
                    name_zh=words.zh,
                    name_en=words.en,
                    revision=revision,
                    changed_by_id=by.person,
                    changed_at=now,
                    editor_id=by.person,
                    editor_window=window,
                    editor_seen_at=now,
                )
            )
    if refusal is not None:
        raise refusal
    return Saved(revision, now, words)


def back_to(session: Session, draft: str, state: str, *, window: str, by: Acting, now: datetime) -> Saved:
    """Make an earlier state, or one kept aside, count again, as a new one.

    Raises `Unknown`, `NotEditing`, `Planned`.
    """
    with transaction(session):
        row = editing.of(session, draft, lock=True)
        files = session.scalar(
            select(DraftState.files).where(DraftState.id == state, DraftState.draft_id == draft)
        )
        if files is None:
            raise Unknown(state)
        if not editing.may_save(row, window, now):
            name = people.names(session, {row.editor_id or ""}).get(row.editor_id or "")
            raise NotEditing(name, row.editor_seen_at, None)
        _mind_standing(session, draft)
        revision = _next(session, draft)
        _keep(session, draft, revision, files, by, now)
        words = _called(row, _contents(session, files).values())
        values = {"revision": revision, "changed_by_id": by.person, "changed_at": now}
        values |= {"name_zh": words.zh, "name_en": words.en}
        session.execute(update(Draft).where(Draft.id == draft).values(**values))
    return Saved(revision, now, words)


def _called(draft: Draft, contents: Iterable[bytes | None]) -> Words:
    """What a draft is called: as one of these diagrams calls its process, else as before."""
    for each in contents:
        name = name_of(each, draft.process) if each else None
        if name and name.zh and max(map(len, name)) <= LONGEST_NAME:
            return Words(name.zh, name.en or name.zh)
    return Words(draft.name_zh, draft.name_en)


def close(session: Session, draft: str, by: Acting, now: datetime) -> None:
    """Throw a draft away: its states stay for a while, nobody sees it any more. Raises `Unknown`, `Planned`."""
    with transaction(session):
        row = editing.of(session, draft, lock=True)
        _mind_standing(session, draft)
        session.execute(update(Draft).where(Draft.id == draft).values(closed_at=now))
        said = {"process": row.process, "name": row.name_zh}
        audit.log(session, "design", "draft.closed", by, now, said, f"draft:{draft}")


def get(session: Session, draft: str) -> DraftFacts:
    """An open draft. Raises `Unknown`."""
    found = _listed(session, Draft.id == draft)
    if not found:
        raise Unknown(draft)
    return found[0]


def of_process(session: Session, process: str) -> DraftFacts | None:
    """The open draft of a process, if there is one."""
    found = _listed(session, Draft.process == process)
    return found[0] if found else None


def open_ones(session: Session) -> list[DraftFacts]:
    """All open drafts, the last changed first."""
    return _listed(session)


def files(session: Session, draft: str, revision: int | None = None) -> dict[str, bytes]:
    """The files of a draft as it is, or as it was at `revision`. Raises `Unknown`."""
    at = get(session, draft).revision if revision is None else revision
    named = session.scalar(_files_of(draft, at))
    if named is None:
        raise Unknown(f"{draft}/{at}")
    return _contents(session, named)


def _contents(session: Session, named: Mapping[str, str]) -> dict[str, bytes]:
    rows = session.execute(select(Content.hash, Content.content).where(Content.hash.in_(set(named.values()))))
    found = {row.hash: row.content for row in rows}
    return {name: found[each] for name, each in named.items()}


def states(session: Session, draft: str, most: int = 100) -> list[State]:
    """What was saved of a draft, the latest first."""
    rows = session.scalars(
        select(DraftState)
        .where(DraftState.draft_id == draft)
        .order_by(DraftState.revision.desc())
        .limit(most)
    ).all()
    names = people.names(session, {row.saved_by_id for row in rows})
    return [
        State(row.id, row.revision, row.note, row.aside, names.get(row.saved_by_id, ""), row.saved_at)
        for row in rows
    ]


def _mind_standing(session: Session, draft: str) -> None:
    if standing.stands_still(session, draft):
        raise Planned()


def _listed(session: Session, *where: object) -> list[DraftFacts]:
    rows = session.execute(
        select(Draft, Version.number)
        .outerjoin(Version, Version.id == Draft.base_id)
        .where(Draft.closed_at.is_(None), *where)  # type: ignore[arg-type]
        .order_by(Draft.changed_at.desc(), Draft.id)
    ).all()
    concerned = {
        p for row in rows for p in (row.Draft.made_by_id, row.Draft.changed_by_id, row.Draft.editor_id) if p
    }
    names = people.names(session, concerned)
    return [
        DraftFacts(
            row.Draft.id,
            row.Draft.process,
            Words(row.Draft.name_zh, row.Draft.name_en),
            row.number,
            row.Draft.revision,
            names.get(row.Draft.made_by_id, ""),
            names.get(row.Draft.changed_by_id, ""),
            row.Draft.changed_at,
            names.get(row.Draft.editor_id or ""),
        )
        for row in rows
    ]


def _files_of(draft: str, revision: int) -> Select[dict[str, str]]:
    return select(DraftState.files).where(DraftState.draft_id == draft, DraftState.revision == revision)


def _files(session: Session, draft: str, revision: int) -> dict[str, str]:
    return dict(session.scalar(_files_of(draft, revision)) or {})


def _next(session: Session, draft: str) -> int:
    return (
        session.scalar(select(func.max(DraftState.revision)).where(DraftState.draft_id == draft)) or 0
    ) + 1


def _keep(
    session: Session,
    draft: str,
    revision: int,
    hashes: Mapping[str, str],
    by: Acting,
    now: datetime,
    *,
    note: str | None = None,
    aside: bool = False,
) -> str:
    state = new_id()
    session.execute(
        insert(DraftState).values(
            id=state,
            draft_id=draft,
            revision=revision,
            files=dict(hashes),
            note=note,
            aside=aside,
            saved_by_id=by.person,
            saved_at=now,
        )
    )
    return state
