"""A small chain that prints a report of several pages, has it signed and wants its scan back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.platform import documents, forms
from app.platform.documents import Document
from app.platform.registry import Call, Hooks, Words, house
from app.platform.runtime import asking, tasks, versions
from tests.empty_world import EmptyWorld
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.chains import files

TEMPLATE = "tests/report"
ANY = frozenset({"application/pdf", "image/jpeg", "image/png"})
HTML = """{% extends "document.html" %}
{% set series, pages, title = "BG", 30, "报告" %}
{% block content %}
{% for row in rows %}<h1>{{ title }} {{ row.name }}</h1><div>{{ row.result }}</div><div>{{ values.employer }}</div>
{% if not loop.last %}<pdf:nextpage />{% endif %}{% endfor %}
{% endblock %}"""
FORM = {
    "id": "tests/upload",
    "title": "上传",
    "title.en": "Upload",
    "steps": {"*": "read", "upload": "edit"},
    "fields": [
        {
            "type": "file",
            "name": "scan",
            "label": "签章件",
            "label.en": "Signed report",
            "max_count": 10,
            "scan_of": TEMPLATE,
        },
        {"type": "text", "name": "employer", "label": "工作单位", "label.en": "Employer", "maxlength": 100},
    ],
}
hooks = Hooks("tests")
said: dict[str, Any] = {}
"""What the report says now."""


@hooks.document
def report(call: Call) -> dict[str, Any]:
    return {**said, "labels": {"rows.result": Words("审查结果", "Result"), "rows": "名单"}}


def drawing() -> Drawing:
    return (
        Drawing("tests_prints")
        .start()
        .service("print", "platform/document", "after", template=f"'{TEMPLATE}'")
        .task("upload", form="tests/upload", outcomes="send=上传|Send; again=重印|Print anew")
        .xor("asked", default="on")
        .task("review", outcomes="ok=通过|Pass")
        .end()
        .line("begin", "print", "upload", "asked")
        .flow("asked", "print", 'outcome == "again"', id="back")
        .flow("asked", "review", id="on")
        .line("review", "done")
    )


def publish(world: EmptyWorld, form: dict[str, Any] | None = None) -> None:
    """Publish the chain on a world."""
    house.documents[TEMPLATE] = hooks.documents[TEMPLATE]
    content = json.dumps(form or FORM, ensure_ascii=False).encode()
    bundle = files(drawing()) | {"forms/tests/upload.json": content, f"forms/{TEMPLATE}.html": HTML.encode()}
    with world.session() as session:
        versions.publish(session, bundle, None, world.now)


def say(count: int = 3) -> None:
    """Let the report have so many pages."""
    rows = [{"name": f"队{n}", "result": "通过"} for n in range(1, count + 1)]
    said.clear()
    said.update(title="报告", rows=rows, values={"employer": "第一中学"})


def begin(world: EmptyWorld, name: str = "报告人") -> str:
    """Start an instance and let it print; return it."""
    from app.platform.runtime import instances

    world.enter(name)
    with world.session() as session:
        started = instances.start(
            session, "tests_prints", by=world.acting(name), post=None, now=world.now, data={}
        )
    world.work()
    return str(started.instance)


def newest(world: EmptyWorld, instance: str) -> tuple[Document, bytes]:
    """What was printed last, and its PDF."""
    with world.session() as session:
        row = session.scalars(
            select(Document).where(Document.instance_id == instance).order_by(Document.id.desc()).limit(1)
        ).one()
        opened = documents.open_file(session, documents.settings().storage, row.file_id)
        assert opened is not None
        return row, opened[1]


def upload(
    world: EmptyWorld, instance: str | None, content: bytes, kind: str = "pdf", name: str = "报告人"
) -> str:
    """Store what somebody has scanned; return the file's id."""
    place = documents.settings()
    received = documents.check_upload(f"扫描.{kind}", content, ANY, press=place.press)
    with world.session() as session:
        return documents.store(
            session, place.storage, received, world.acting(name), world.now, instance=instance, purpose="scan"
        )


def entry(world: EmptyWorld, instance: str, scans: Sequence[str], name: str = "报告人") -> forms.Entry:
    """Read the upload form with these scans."""
    by = world.acting(name)
    with world.session() as session:
        shown = tasks.get(session, world.open_task(instance, "upload"), by, world.now)
        assert shown.form is not None
        given = asking.given(
            session,
            shown.values,
            lambda file: documents.facts(session, file),
            by=by,
            now=world.now,
            instance=instance,
            process=shown.process,
            element=shown.element,
        )
        return forms.read(shown.form, {"scan": list(scans)}, given)
