"""Messages: what the world outside tells chains that wait for it."""

from __future__ import annotations

from typing import Any

from app.platform.runtime import messages
from app.rooms.api.operations import operation
from app.rooms.api.reading import Asked
from app.rooms.api.schemas import COUNT, KEY, OBJECT, Schema, said, shape
from app.rooms.web.acting import me, now, session

CORRELATION: Schema = said(
    {"type": ["string", "number", "boolean", "null"], "maxLength": 200},
    "对应的流程实例；null 为任意",
    "which instances are meant; null is any",
)


@operation(
    "POST",
    "/messages",
    "messages",
    "投递消息",
    "Deliver a message",
    shape({"delivered": COUNT}),
    body=shape({"name": KEY}, {"correlation": CORRELATION, "data": OBJECT}),
)
def deliver_message(asked: Asked) -> dict[str, Any]:
    """Hand a message to whatever waits for it; the diagrams say who may. Answers how many took it."""
    body = asked.body
    delivered = messages.deliver(
        session(), body["name"], body.get("correlation"), body.get("data", {}), me(), now(), key=asked.key
    )
    return {"delivered": delivered}
