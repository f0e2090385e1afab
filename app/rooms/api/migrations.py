"""Migration: one instance, or all of a process, carried over to another version."""

from __future__ import annotations

from typing import Any

from app.platform.runtime import migrating, migrations
from app.rooms.api.operations import operation
from app.rooms.api.reading import Asked
from app.rooms.api.saying import spoken
from app.rooms.api.schemas import COUNT, FLAG, KEY, NUMBER, TEXT, Schema, many, said, shape
from app.rooms.web.acting import me, now, session

MAPPING: Schema = said(
    {"type": "object", "additionalProperties": KEY, "maxProperties": 500},
    "旧元素 → 新元素，仅列不同者",
    "old element → new one, where they differ",
)


@operation(
    "POST",
    "/instances/<instance>/migrate",
    "instances",
    "迁移到其他版本",
    "Migrate to another version",
    shape(
        {
            "instance": TEXT,
            "from": COUNT,
            "version": COUNT,
            "dry_run": FLAG,
            "obstacles": many(shape({"element": TEXT, "message": TEXT})),
        }
    ),
    body=shape({"version": NUMBER}, {"mapping": MAPPING, "dry_run": FLAG}),
)
def migrate_instance(asked: Asked, instance: str) -> dict[str, Any]:
    """Let it go on under another version; `dry_run` only says what stands against it."""
    body = asked.body
    dry_run, mapping = body.get("dry_run", False), body.get("mapping", {})
    done = migrating.migrate(
        session(), instance, int(body["version"]), mapping, me(), now(), dry_run=dry_run, key=asked.key
    )
    return {
        "instance": instance,
        "from": done.old,
        "version": done.new,
        "dry_run": dry_run,
        "obstacles": [{"element": element, "message": spoken(why)} for element, why in done.obstacles],
    }


@operation(
    "POST",
    "/migrations",
    "instances",
    "批量迁移到其他版本",
    "Migrate all live instances of a process",
    shape(
        {
            "process": TEXT,
            "version": COUNT,
            "instances": said(COUNT, "正在迁移的数量", "how many are on their way"),
        }
    ),
    status=202,
    body=shape({"process": KEY, "version": NUMBER}, {"mapping": MAPPING}),
    refusals=(404,),
)
def migrate_many(asked: Asked) -> dict[str, Any]:
    """Each instance the caller looks after is carried over by itself; what cannot be stays where it is."""
    body = asked.body
    count = migrations.begin(
        session(), body["process"], int(body["version"]), body.get("mapping", {}), me(), now(), asked.key
    )
    return {"process": body["process"], "version": body["version"], "instances": count}
