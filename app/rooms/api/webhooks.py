"""Webhooks: which other systems are told of events, for those who look after the platform."""

from __future__ import annotations

from typing import Any

from app.platform import notices
from app.platform.identity import roles
from app.platform.notices.endpoints import BadEndpoint, MayNot
from app.platform.runtime.errors import Unknown
from app.rooms.api.operations import once, operation
from app.rooms.api.problems import bad_field
from app.rooms.api.reading import Asked
from app.rooms.api.saying import moment
from app.rooms.api.schemas import MOMENT, TEXT, Schema, many, maybe, said, shape
from app.rooms.web.acting import me, now, session
from app.rooms.web.errors import Said, said_of, speaks

ENDPOINT = {
    "id": TEXT,
    "name": TEXT,
    "url": TEXT,
    "events": said(many(TEXT), "空为全部", "none is all"),
    "created_at": MOMENT,
}
NEW: Schema = shape(
    {
        **ENDPOINT,
        "secret": said(
            maybe(TEXT),
            "只显示一次；以相同幂等键重复请求时为 null",
            "shown once; null where a key repeats the request",
        ),
    }
)


@speaks(MayNot)
def _may_not(error: MayNot) -> Said:
    return said_of(403)


@operation(
    "GET",
    "/webhooks",
    "webhooks",
    "列出接收事件的地址",
    "List who is told of events",
    shape({"items": many(shape(ENDPOINT))}),
    permission=roles.MANAGE,
)
def list_webhooks(asked: Asked) -> dict[str, Any]:
    """Every endpoint, by name."""
    return {"items": [_shown(one) for one in notices.endpoints.each(session(), me())]}


@operation(
    "POST",
    "/webhooks",
    "webhooks",
    "添加接收事件的地址",
    "Tell another system of events",
    NEW,
    status=201,
    body=shape(
        {"name": {"type": "string", "maxLength": 60}, "url": {"type": "string", "maxLength": 500}},
        {"events": many({"enum": list(notices.EVENTS)}, 50)},
    ),
    permission=roles.MANAGE,
)
def add_webhook(asked: Asked) -> dict[str, Any]:
    """Enter an address; the secret that signs its events is in the answer, and nowhere again."""
    body, secrets = asked.body, {}

    def run() -> dict[str, Any]:
        made = notices.endpoints.add(
            session(), body["name"], body["url"], body.get("events", ()), me(), now()
        )
        secrets[made.id] = made.secret
        return {"id": made.id}

    try:
        identity = once(asked, "webhook", (body,), run)["id"]
    except BadEndpoint as bad:
        raise bad_field(bad.field, bad.code, bad.message("zh"), bad.message("en")) from bad
    made = next((one for one in notices.endpoints.each(session(), me()) if one.id == identity), None)
    if made is None:
        raise Unknown(identity)
    return {**_shown(made), "secret": secrets.get(identity)}


@operation(
    "DELETE",
    "/webhooks/<webhook>",
    "webhooks",
    "删除接收事件的地址",
    "Tell it nothing more",
    shape({"id": TEXT}),
    permission=roles.MANAGE,
)
def remove_webhook(asked: Asked, webhook: str) -> dict[str, Any]:
    """Take an address out; what waits to be sent to it is dropped."""
    try:
        notices.endpoints.remove(session(), webhook, me(), now())
    except notices.UnknownEndpoint as unknown:
        raise Unknown(webhook) from unknown
    return {"id": webhook}


def _shown(one: Any) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "url": one.url,
        "events": list(one.events),
        "created_at": moment(one.created_at),
    }
