"""What is published: processes, their versions, diagrams and forms; and publishing a bundle."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from flask import Response
from sqlalchemy import select

from app.platform.engine.front import LARGEST_FILE
from app.platform.identity import roles
from app.platform.registry import Words
from app.platform.runtime import policy, versions
from app.platform.runtime.entities import Process, Version, VersionFile
from app.platform.runtime.errors import Unknown, Unpublishable
from app.rooms.api.operations import as_json, once, operation
from app.rooms.api.problems import Problem, bad_field
from app.rooms.api.reading import Asked
from app.rooms.api.saying import moment, words
from app.rooms.api.schemas import (
    FLAG,
    LARGEST_INTEGER,
    NUMBER,
    OBJECT,
    PROCESS,
    SAID,
    TEXT,
    VERSION_ROW,
    Schema,
    many,
    maybe,
    named,
    shape,
)
from app.rooms.web.acting import me, now, session
from app.rooms.web.language import current

BPMN = ".bpmn"
ENDINGS = (BPMN, ".bpmn20.xml", ".dmn", ".json", ".html")
MOST_FILES = 100
DEPLOYED: Schema = shape(
    {
        "id": maybe(TEXT),
        "processes": many(shape({"key": TEXT, "version": maybe(NUMBER)})),
        "warnings": many(SAID),
    }
)
SENT: Schema = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
        "dry_run": FLAG,
    },
    "required": ["files"],
    "additionalProperties": False,
}


@operation(
    "GET",
    "/processes",
    "processes",
    "列出已发布的流程",
    "List what is published",
    shape({"items": many(named("Process"))}),
)
def list_processes(asked: Asked) -> dict[str, Any]:
    """Every process and its current version."""
    rows = session().execute(
        select(Process, Version.number)
        .join(Version, Version.id == Process.current_id)
        .order_by(Process.system, Process.key)
    )
    return {"items": [_process(row.Process, row.number) for row in rows]}


def _process(process: Process, number: int) -> dict[str, Any]:
    try:
        allowed = policy.may_start(me(), versions.program(session(), process.current_id or "").definition)
    except Unpublishable:  # a hook it names went missing: it cannot be started
        allowed = False
    return {
        "key": process.key,
        "name": words(process.name_zh, process.name_en),
        "system": process.system,
        "version": number,
        "may_start": allowed is not False,
    }


@operation(
    "GET",
    "/processes/<key>",
    "processes",
    "查看一个流程",
    "Read one process",
    shape({**PROCESS["properties"], "versions": many(VERSION_ROW)}),
)
def show_process(asked: Asked, key: str) -> dict[str, Any]:
    """The process and all its versions, the latest first."""
    row = (
        session()
        .execute(
            select(Process, Version.number)
            .join(Version, Version.id == Process.current_id)
            .where(Process.key == key)
        )
        .one_or_none()
    )
    if row is None:
        raise Unknown(key)
    found = session().execute(
        select(Version.id, Version.number, Version.published_at)
        .where(Version.process == key)
        .order_by(Version.number.desc())
    )
    listed = [
        {
            "version": one.number,
            "published_at": moment(one.published_at),
            "is_current": one.id == row.Process.current_id,
        }
        for one in found
    ]
    return {**_process(row.Process, row.number), "versions": listed}


@operation(
    "GET",
    "/processes/<key>/versions/<int:number>",
    "processes",
    "查看一个版本",
    "Read one version",
    named("Version"),
)
def show_version(asked: Asked, key: str, number: int) -> dict[str, Any]:
    """A version and the files it was published with."""
    version = _version(key, number)
    files = session().execute(
        select(VersionFile.name, VersionFile.content)
        .where(VersionFile.version_id == version.id)
        .order_by(VersionFile.name)
    )
    return {
        "key": key,
        "version": version.number,
        "hash": version.hash,
        "published_at": moment(version.published_at),
        "is_current": version.id == version.current_id,
        "files": [{"name": file.name, "size": len(file.content)} for file in files],
    }


def _version(key: str, number: int) -> Any:
    if number > LARGEST_INTEGER:
        raise Unknown(number)
    row = (
        session()
        .execute(
            select(Version.id, Version.number, Version.hash, Version.published_at, Process.current_id)
            .join(Process, Process.key == Version.process)
            .where(Version.process == key, Version.number == number)
        )
        .one_or_none()
    )
    if row is None:
        raise Unknown(key)
    return row


@operation(
    "GET",
    "/processes/<key>/versions/<int:number>/bpmn",
    "processes",
    "下载流程图文件",
    "The diagram's file",
    media={"application/xml": TEXT},
)
def show_bpmn(asked: Asked, key: str, number: int) -> Response:
    """The BPMN file as it was published."""
    version = _version(key, number)
    files = (
        session()
        .execute(
            select(VersionFile.name, VersionFile.content)
            .where(VersionFile.version_id == version.id)
            .order_by(VersionFile.name)
        )
        .all()
    )
    drawn = [file for file in files if file.name.endswith((BPMN, ".bpmn20.xml"))]
    if not drawn:
        raise Unknown(key)
    own = next((file for file in drawn if f'id="{key}"'.encode() in file.content), drawn[0])
    response = Response(own.content, mimetype="application/xml")
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response


@operation(
    "GET",
    "/processes/<key>/versions/<int:number>/forms",
    "processes",
    "查看表单定义",
    "The forms",
    shape({"items": many(OBJECT)}),
)
def show_forms(asked: Asked, key: str, number: int) -> dict[str, Any]:
    """The definitions of its forms, as published."""
    version = _version(key, number)
    files = session().scalars(
        select(VersionFile.content)
        .where(VersionFile.version_id == version.id, VersionFile.name.endswith(".json"))
        .order_by(VersionFile.name)
    )
    return {"items": [orjson.loads(content) for content in files]}


@operation(
    "POST",
    "/deployments",
    "processes",
    "检查并发布流程包",
    "Check and publish a bundle",
    DEPLOYED,
    status=201,
    form=SENT,
    query={"dry_run": FLAG},
    also={200: DEPLOYED},
    permission=roles.PUBLISH,
)
def deploy(asked: Asked) -> Any:
    """Publish diagrams with their tables and forms, all or none; `dry_run` only checks."""
    files = _files(asked)
    checked = versions.check(files, trial=True)
    if asked.query.get("dry_run") or asked.body.get("dry_run"):
        warnings = [one for definition in checked.values() for one in definition.warnings]
        found = [{"key": key, "version": None} for key in checked]
        return as_json({"id": None, "processes": found, "warnings": [_said(one) for one in warnings]}, 200)

    def run() -> dict[str, Any]:
        done = versions.publish(session(), files, me(), now())
        return {
            "id": done[0].version,
            "processes": [{"key": one.process, "version": one.number} for one in done],
            "warnings": [_said(warning) for one in done for warning in one.warnings],
        }

    sent = sorted((name, hashlib.sha256(content).hexdigest()) for name, content in files.items())
    return once(asked, "deploy", tuple(sent), run)


def _files(asked: Asked) -> dict[str, bytes]:
    """What was uploaded, by name. Raises `Problem`."""
    files: dict[str, bytes] = {}
    if len(asked.files) > MOST_FILES:
        raise bad_field("files", "maxItems", f"最多{MOST_FILES}个文件", f"at most {MOST_FILES} files")
    for upload in asked.files:
        name = (upload.filename or "").strip()
        if not name.endswith(ENDINGS) or len(name) > 200 or not name.isprintable():
            zh, en = "请上传 .bpmn、.dmn 或 .json 文件", "Upload .bpmn, .dmn or .json files"
            raise bad_field("files", "file_name", zh, en)
        if name in files:
            raise bad_field("files", "twice", f"“{name}”重复出现", f"“{name}” occurs twice")
        files[name] = upload.stream.read(LARGEST_FILE * 4)
    if not any(name.endswith((BPMN, ".bpmn20.xml")) for name in files):
        words = Words("至少需要一个 .bpmn 文件", "At least one .bpmn file is needed")
        raise Problem(422, "unpublishable", words)
    return files


def _said(problem: Any) -> dict[str, str]:
    return {
        "file": str(problem.file),
        "element": str(problem.element or ""),
        "code": problem.code,
        "message": problem.message(current()),
    }
