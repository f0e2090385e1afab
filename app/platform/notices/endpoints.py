"""The addresses of other systems that are told of events: added, listed and removed by who looks after instances."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import new_id, transaction
from app.platform.identity import roles
from app.platform.notices import webhooks
from app.platform.notices.addresses import AddressRefused, look_up
from app.platform.notices.entities import Endpoint
from app.platform.notices.outbox import EVENTS, UnknownEndpoint
from app.platform.notices.settings import settings
from app.platform.registry import Acting, Words

MESSAGES: Mapping[str, Words] = {
    "name": Words(
        "名称为1至60个字母、数字、点、短横线或下划线",
        "A name has 1 to 60 letters, digits, dots, hyphens or underscores",
    ),
    "taken": Words("该名称已被使用", "This name is taken"),
    "bad": Words(
        "网址应为 https://…，最多500个字符，不含账号和片段",
        "The address is https://…, at most 500 characters, without account or fragment",
    ),
    "plain": Words("网址必须使用 https", "The address must use https"),
    "internal": Words("不允许发送到内部网络地址", "Addresses of internal networks are not allowed"),
    "events": Words("没有这样的事件：{events}", "There are no such events: {events}"),
}
_NAME = re.compile(r"[\w.\-]{1,60}", re.ASCII)
LONGEST = 500


class MayNot(Exception):
    """Whoever does not look after instances everywhere may not see or change endpoints."""


class BadEndpoint(Exception):
    """An endpoint is refused as it was given. `field`: name, url or events; `code` a key of MESSAGES."""

    def __init__(self, code: str, field: str, **parameters: str) -> None:
        super().__init__(code)
        self.code, self.field, self.parameters = code, field, parameters

    def message(self, language: str) -> str:
        """Return the sentence in the reader's language."""
        return MESSAGES[self.code].said(language).format(**self.parameters)


@dataclass(frozen=True, slots=True)
class EndpointFacts:
    """An endpoint as its keepers see it. `secret` only when it is new: it is shown once. `events` empty: all."""

    id: str
    name: str
    url: str
    events: tuple[str, ...]
    created_at: datetime
    secret: str | None = None


def add(
    session: Session, name: str, url: str, events: Sequence[str], by: Acting, now: datetime
) -> EndpointFacts:
    """Enter an endpoint with a new secret. Raises `MayNot`, `BadEndpoint`.

    The host is looked up here for a word at once, and again at each sending, which is what counts.
    """
    _may(by)
    if not _NAME.fullmatch(name):
        raise BadEndpoint("name", "name")
    if strange := sorted(set(events) - set(EVENTS)):
        raise BadEndpoint("events", "events", events=", ".join(strange)[:200])
    _check(url)
    new = EndpointFacts(new_id(), name, url, tuple(dict.fromkeys(events)), now, webhooks.new_secret())
    row = {"id": new.id, "name": name, "url": url, "secret": new.secret, "events": list(new.events)}
    try:
        with transaction(session):
            session.execute(
                insert(Endpoint).values(**row, created_at=now, created_by_id=by.person),
            )
            audit.log(session, "notices", "endpoint.added", by, now, {"endpoint": new.id, "name": name})
    except IntegrityError as error:
        raise BadEndpoint("taken", "name") from error
    return new


def _check(url: str) -> None:
    if len(url) > LONGEST:
        raise BadEndpoint("bad", "url")
    try:
        look_up(url, settings().internal)
    except AddressRefused as refused:
        if refused.code != "unknown_host":
            raise BadEndpoint(refused.code, "url") from refused


def each(session: Session, by: Acting) -> list[EndpointFacts]:
    """The endpoints there are, by name. Raises `MayNot`."""
    _may(by)
    rows = session.execute(
        select(Endpoint.id, Endpoint.name, Endpoint.url, Endpoint.events, Endpoint.created_at)
        .where(Endpoint.removed_at.is_(None))
        .order_by(Endpoint.name)
    )
    return [EndpointFacts(row.id, row.name, row.url, tuple(row.events), row.created_at) for row in rows]


def remove(session: Session, endpoint: str, by: Acting, now: datetime) -> None:
    """Take an endpoint (its id) out: it is told nothing more, and what waits is dropped.

    Raises `MayNot`, `UnknownEndpoint`.
    """
    _may(by)
    with transaction(session):
        gone = session.execute(
            update(Endpoint)
            .where(Endpoint.id == endpoint, Endpoint.removed_at.is_(None))
            .values(removed_at=now)
            .returning(Endpoint.name)
        ).first()
        if gone is None:
            raise UnknownEndpoint(endpoint)
        body = {"endpoint": endpoint, "name": gone.name}
        audit.log(session, "notices", "endpoint.removed", by, now, body)


def _may(by: Acting) -> None:
    if not roles.may(by.posts, roles.MANAGE):
        raise MayNot()
