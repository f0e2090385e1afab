"""Text messages: the port a gateway plugs into, and the file that stands in for one."""

import http.client
import os
import re
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import orjson

from app.platform.notices.webhooks import NotAccepted

SECONDS = 10.0
_PLACES = re.compile(r"(\{phone\}|\{text\}|\{key\})")


class Sms(Protocol):
    """Sends one text to one phone; raises whatever it likes if it cannot. `key` is the same at each try."""

    @property
    def target(self) -> str:
        """The gateway, as one says it."""

    def send(self, phone: str, text: str, key: str) -> None:
        """Send."""


@dataclass(frozen=True, slots=True)
class SmsFile:
    """Writes messages into a file that only its owner reads, one JSON object a line: at, to, text, key."""

    file: Path

    @property
    def target(self) -> str:
        """The file's name."""
        return self.file.name

    def send(self, phone: str, text: str, key: str) -> None:
        """Append one line, in one write."""
        line = orjson.dumps({"at": datetime.now(UTC), "to": phone, "text": text, "key": key}) + b"\n"
        out = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(out, line)
        finally:
            os.close(out)


class BadTemplate(ValueError):
    """A gateway's body is no JSON, or has no place for the phone or the text."""


@dataclass(frozen=True, slots=True)
class SmsGateway:
    """Posts each message as JSON to a gateway; any 2xx is a yes, a redirect is none.

    `header` is one line `Name: value`. In the strings of `body` (JSON) `{phone}`, `{text}` and `{key}` are filled in.
    """

    url: str
    header: str = field(default="", repr=False)  # it may hold a password
    body: str = '{"phone": "{phone}", "text": "{text}", "id": "{key}"}'

    @property
    def target(self) -> str:
        """The gateway's host."""
        return urlsplit(self.url).netloc

    def message(self, phone: str, text: str, key: str) -> bytes:
        """The body of one message. Raises `BadTemplate`."""
        try:
            drawn = orjson.loads(self.body)
        except ValueError as error:
            raise BadTemplate(self.body) from error
        if "{phone}" not in self.body or "{text}" not in self.body:
            raise BadTemplate(self.body)
        return orjson.dumps(_filled(drawn, {"{phone}": phone, "{text}": text, "{key}": key}))

    def send(self, phone: str, text: str, key: str) -> None:
        """Post one message. Raises `NotAccepted`, `OSError`, `http.client.HTTPException`."""
        parts = urlsplit(self.url)
        host, path = parts.hostname or "", parts.path or "/"
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, parts.port, timeout=SECONDS, context=context
            )
        else:
            connection = http.client.HTTPConnection(host, parts.port, timeout=SECONDS)
        headers = {"Content-Type": "application/json", "User-Agent": "chengpi-sms/1"}
        name, colon, value = self.header.partition(":")
        if colon:
            headers[name.strip()] = value.strip()
        try:
            address = f"{path}?{parts.query}" if parts.query else path
            connection.request("POST", address, self.message(phone, text, key), headers)
            answer = connection.getresponse()
            said = answer.read(300).decode(errors="replace")
        finally:
            connection.close()
        if not 200 <= answer.status < 300:
            raise NotAccepted(f"{answer.status} {' '.join(said.split())}")


def _filled(drawn: Any, values: dict[str, str]) -> Any:
    if isinstance(drawn, dict):
        return {name: _filled(each, values) for name, each in drawn.items()}
    if isinstance(drawn, list):
        return [_filled(each, values) for each in drawn]
    if isinstance(drawn, str):
        # in one pass: what a text says is never taken for a place to fill
        pieces = _PLACES.split(drawn)
        return "".join(values.get(piece, piece) for piece in pieces)
    return drawn
