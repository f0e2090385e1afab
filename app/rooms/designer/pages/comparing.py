"""Two versions of a process beside each other, or a draft beside what it began as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Response, abort, render_template, request, url_for
from sqlalchemy import select

from app.platform.design import drafts
from app.platform.design.comparing import Change, compare
from app.platform.engine.outline import outline
from app.platform.identity import roles
from app.platform.registry import Words
from app.platform.runtime.entities import Process, Version
from app.platform.runtime.errors import Unknown
from app.rooms.designer.blueprint import blueprint
from app.rooms.designer.pages.editor import with_editor
from app.rooms.web.acting import session
from app.rooms.web.guards import needs

DRAFT = "draft"
DIAGRAMS = (".bpmn", ".bpmn20.xml")
KINDS = {
    "added": Words("新增", "Added"),
    "removed": Words("删除", "Removed"),
    "changed": Words("修改", "Changed"),
    "moved": Words("移动", "Moved"),
}
TONES = {"added": "ok", "removed": "bad", "changed": "wait", "moved": "plain"}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: how the address names it, what it is called, and its files."""

    key: str
    title: Words
    files: Mapping[str, bytes]


@blueprint.get("/compare")
@needs(roles.DESIGN)
def compared() -> Response:
    """`?process=&before=&after=`, each a version's number or `draft`; `?draft=` alone: with what it began as."""
    draft = request.args.get("draft", "")
    process = drafts.get(session(), draft).process if draft else request.args.get("process", "")
    offered = _offered(process)
    if not offered:
        raise Unknown(process)
    keys = [key for key, _title in offered]
    after = request.args.get("after", keys[0])
    before = request.args.get("before") or _one_before(after, keys)
    left, right = _side(process, before, offered), _side(process, after, offered)
    changes = compare(left.files, right.files)
    page = render_template(
        "designer/compare.html",
        process=process,
        name=_name(process, draft),
        offered=offered,
        left=left,
        right=right,
        files=_by_file(changes),
        kinds=KINDS,
        tones=TONES,
        counts={kind: sum(one.kind == kind for one in changes) for kind in KINDS},
        diagrams=_diagrams(left, right, changes),
    )
    return with_editor(page)


def _offered(process: str) -> list[tuple[str, Words]]:
    """What can be compared, the newest first: the draft, then the versions."""
    rows = session().execute(
        select(Version.number, Version.published_at)
        .where(Version.process == process)
        .order_by(Version.number.desc())
    )
    found = [(str(row.number), Words(f"v{row.number}", f"v{row.number}")) for row in rows]
    if drafts.of_process(session(), process) is not None:
        found.insert(0, (DRAFT, Words("草稿", "Draft")))
    return found


def _one_before(after: str, keys: Sequence[str]) -> str:
    """What a draft began as, or the version before; the only one there is with itself."""
    place = keys.index(after) + 1 if after in keys else 0
    return keys[min(place, len(keys) - 1)]


def _side(process: str, key: str, offered: Sequence[tuple[str, Words]]) -> Side:
    title = dict(offered).get(key)
    if title is None:
        abort(404)
    if key == DRAFT:
        open_one = drafts.of_process(session(), process)
        return Side(key, title, drafts.files(session(), open_one.id) if open_one else {})
    version = session().scalar(
        select(Version.id).where(Version.process == process, Version.number == int(key))
    )
    return Side(key, title, drafts.version_files(session(), version or ""))


def _name(process: str, draft: str) -> Words:
    if draft:
        return drafts.get(session(), draft).name
    found = (
        session()
        .execute(select(Process.name_zh, Process.name_en).where(Process.key == process))
        .one_or_none()
    )
    if found is not None:
        return Words(found.name_zh, found.name_en)
    open_one = drafts.of_process(session(), process)
    return open_one.name if open_one else Words(process, process)


def _by_file(changes: Sequence[Change]) -> list[tuple[str, list[Change]]]:
    """The changes file by file; what only moved comes last in each."""
    found: dict[str, list[Change]] = {}
    for one in changes:
        found.setdefault(one.file, []).append(one)
    return [(file, sorted(of_file, key=lambda one: one.kind == "moved")) for file, of_file in found.items()]


def _diagrams(left: Side, right: Side, changes: Sequence[Change]) -> list[dict[str, object]]:
    """Each diagram of either side, for the canvases: its file, both texts, and how its elements are marked."""
    names = dict.fromkeys([*right.files, *left.files])
    found = []
    for name in names:
        if not name.endswith(DIAGRAMS):
            continue
        processes = outline(right.files.get(name) or left.files.get(name) or b"").processes
        found.append(
            {
                "file": name,
                "title": processes[0] if processes else name,
                "before": left.files.get(name, b"").decode("utf-8", "replace"),
                "after": right.files.get(name, b"").decode("utf-8", "replace"),
                "marks": {one.element: one.kind for one in changes if one.file == name and one.element},
            }
        )
    return found


def address(process: str, before: str, after: str) -> str:
    """Where a comparison is."""
    return url_for("designer.compared", process=process, before=before, after=after)
