"""Files: uploaded before they are named in an entry, handed out to whoever may read what they belong to."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response

from app.platform import documents
from app.platform.documents import UploadRefused
from app.platform.registry import Words
from app.platform.runtime import instances
from app.platform.runtime.errors import Forbidden, Unknown
from app.rooms.api.operations import once, operation
from app.rooms.api.problems import Point, Problem, bad_field
from app.rooms.api.reading import Asked
from app.rooms.api.schemas import FLAG, ID, Schema, named
from app.rooms.web.acting import me, now, session
from app.rooms.web.files import ACCEPTED, hand_out

REFUSED = {
    "empty": Words("上传的文件是空的", "The file is empty"),
    "type": Words("请上传 PDF、JPG 或 PNG 文件", "Upload a PDF, JPG or PNG file"),
    "extension": Words("文件名的扩展名与内容不符", "The name's extension does not fit the content"),
    "infected": Words("文件未通过病毒扫描，不能上传", "The file did not pass the virus scan"),
    "unscreened": Words("病毒扫描暂时无法进行，请稍后再试", "The virus scanner is away; try again later"),
    "pixels": Words("图片尺寸过大", "The picture is too large"),
    "locked": Words("文件有密码，请解除密码后上传", "The file has a password; remove it"),
    "active": Words("文件含有脚本或附件", "The file has active content"),
    "pages": Words("文件页数过多", "The file has too many pages"),
}
BROKEN = Words("文件已损坏或无法读取", "The file cannot be read")
SENT: Schema = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary"}, "instance": ID},
    "required": ["file"],
    "additionalProperties": False,
}


@operation(
    "POST",
    "/files",
    "files",
    "上传文件",
    "Upload a file",
    named("StoredFile"),
    status=201,
    form=SENT,
    refusals=(403, 404),
)
def upload_file(asked: Asked) -> dict[str, Any]:
    """Store a file, judged by its content; for an instance where one is named, else until an entry names it."""
    if len(asked.files) != 1:
        raise bad_field("file", "one", "请上传一个文件", "Upload one file")
    instance, place = asked.body.get("instance"), documents.settings()
    if instance is not None:
        view = instances.view(session(), instance, me(), now())
        if view.starter != me().person and not any(task.can_work for task in view.open_tasks):
            raise Forbidden("file.upload")
    upload = asked.files[0]
    try:
        received = documents.check_upload(upload.filename or "", upload.stream, ACCEPTED, press=place.press)
    except UploadRefused as refused:
        raise _refusal(refused) from refused

    def run() -> dict[str, Any]:
        file = documents.store(
            session(), place.storage, received, me(), now(), instance=instance, purpose="upload"
        )
        return {"file": file}

    digest = hashlib.sha256(received.content).hexdigest()
    stored = once(asked, "upload", (received.name, digest, instance), run)["file"]
    facts = documents.facts(session(), stored)
    if facts is None:
        raise Unknown(stored)
    return {
        "id": facts.id,
        "name": facts.name,
        "type": facts.type,
        "size": facts.size,
        "pages": facts.pages,
        "instance": facts.instance,
    }


def _refusal(refused: UploadRefused) -> Problem:
    if refused.code == "too_large":
        return Problem(413, "too-large", Words("单个文件不能超过 20 MB", "A file may have 20 MB at most"))
    words = REFUSED.get(refused.code, BROKEN)
    return Problem(422, "upload", words, [Point(refused.code, words, "file")])


@operation(
    "GET",
    "/files/<file>",
    "files",
    "下载文件",
    "Download a file",
    media={kind: {"type": "string", "format": "binary"} for kind in sorted(ACCEPTED)},
    query={"inline": FLAG},
)
def download_file(asked: Asked, file: str) -> Response:
    """Hand out a file, to whoever stored it or may read its instance."""
    return hand_out(file, inline=asked.query.get("inline", False))
