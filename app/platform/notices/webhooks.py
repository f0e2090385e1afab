"""Sending an event to another system: signed so that it can believe us, and never to where it should not go.

The form is that of Standard Webhooks (standardwebhooks.com), which many languages have libraries for:
`POST` of `{"type", "timestamp", "data"}` with the headers `webhook-id` (the same at each try), `webhook-timestamp`
(seconds) and `webhook-signature`: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, under the bytes
that stand in base64 behind `whsec_` in the endpoint's secret. A receiver refuses a timestamp more than five minutes
off, and an id it has had. Any 2xx within 10 s is a yes; everything else, a redirect too, is a no.
"""

import base64
import hashlib
import hmac
import http.client
import secrets
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import orjson

from app.platform.notices.addresses import PORTS, Target

SECONDS = 10.0
PREFIX = "whsec_"


class NotAccepted(Exception):
    """The endpoint answered with something else than 2xx."""


def new_secret() -> str:
    """A secret of 32 random bytes, as receivers are given it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, identifier: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(signed.digest()).decode()


def message(event: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    """The body: what happened, when, and the ids that tell where."""
    return orjson.dumps({"type": event, "timestamp": at, "data": data})


def post(target: Target, secret: str, identifier: str, body: bytes, now: datetime) -> None:
    """Send one event. Raises `NotAccepted`, `OSError`, `http.client.HTTPException`; after 10 s in any case."""
    timestamp = int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "chengpi-webhooks/1",
        "webhook-id": identifier,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, identifier, timestamp, body),
    }
    connection = _Held(target)
    watch = threading.Timer(SECONDS, connection.cut)  # a drop of an answer every nine seconds is none
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", target.path, body, headers)
        status = connection.getresponse().status
    finally:
        watch.cancel()
        connection.close()
    if not 200 <= status < 300:
        raise NotAccepted(f"answered {status}")


class _Held(http.client.HTTPConnection):
    """A connection to the address that was checked, whatever its name means by now; no proxy, no redirect."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=SECONDS)
        self.default_port = PORTS[target.scheme]
        self._target = target

    def connect(self) -> None:
        self.sock = socket.create_connection((self._target.address, self._target.port), SECONDS)
        if self._target.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self._target.host)

    def cut(self) -> None:
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)
