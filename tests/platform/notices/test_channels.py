"""Channels set by an administrator: over the environment's, tried out with the true answer, secrets kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest
from sqlalchemy.orm import Session

from app.platform import audit, notices, settings
from app.platform.notices import channels
from app.platform.notices.sms import BadTemplate, SmsGateway
from app.platform.registry import Acting
from tests.platform.notices.conftest import Place

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
ANNA = Acting("anna", "安娜", "anna1")


class Gateway(BaseHTTPRequestHandler):
    """Remembers what it was sent; answers as it is told."""

    status: ClassVar[int] = 200
    got: ClassVar[list[tuple[str | None, Any]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.headers["Authorization"], json.loads(body)))
        self.send_response(self.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write("余额不足".encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def gateway() -> Iterator[str]:
    Gateway.got.clear()
    Gateway.status = 200
    server = HTTPServer(("127.0.0.1", 0), Gateway)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/send?x=1"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def session(place: Place) -> Iterator[Session]:
    settings.forget()
    with place.sessions() as session:
        yield session
    settings.forget()


def put(session: Session, **values: str) -> None:
    for key, value in values.items():
        settings.change(session, key.replace("_", ".", 1), value, ANNA, NOW)
    settings.catch_up(session)


def test_what_is_set_here_stands_over_the_environment_until_it_is_taken_back(session: Session) -> None:
    before = notices.settings()
    put(session, mail_url="smtp://mail.example.org:2525", mail_from="a@example.org")
    assert notices.settings().mail == notices.Mail("smtp://mail.example.org:2525", "a@example.org")
    assert notices.settings().sms is before.sms
    for key in (channels.MAIL_URL, channels.MAIL_FROM):
        settings.change(session, key, None, ANNA, NOW)
    settings.catch_up(session)
    assert notices.settings() is before


def test_a_gateway_gets_the_message_with_its_header_and_nothing_is_filled_in_twice(gateway: str) -> None:
    body = '{"to": ["{phone}"], "params": {"t": "【{text}】"}, "n": 1}'
    SmsGateway(gateway, "Authorization: Bearer s", body).send("138", '"{key}" 您好', "k")
    assert Gateway.got == [("Bearer s", {"to": ["138"], "params": {"t": '【"{key}" 您好】'}, "n": 1})]
    for wrong in ("no json", '{"to": "{phone}"}'):
        with pytest.raises(BadTemplate):
            SmsGateway(gateway, body=wrong).message("1", "x", "k")


@pytest.mark.parametrize("status", [302, 400, 500])
def test_a_test_by_sms_shows_the_gateway_s_own_words(session: Session, gateway: str, status: int) -> None:
    put(session, sms_kind="gateway", sms_url=gateway)
    assert channels.try_out(session, "sms", ANNA, NOW).went
    Gateway.status = status
    tried = channels.try_out(session, "sms", ANNA, NOW)
    assert not tried.went
    assert f"{status} 余额不足" in tried.words.zh
    assert len(Gateway.got) == 2  # a redirect is followed nowhere


def test_a_test_by_mail_says_what_came_of_it(session: Session, place: Place) -> None:
    assert channels.try_out(session, "mail", ANNA, NOW).went
    put(session, mail_url="smtp://127.0.0.1:9")
    tried = channels.try_out(session, "mail", ANNA, NOW)
    assert not tried.went
    assert "无法连接" in tried.words.zh
    assert not channels.try_out(session, "mail", Acting("bo", "波", "bo1"), NOW).went  # has no address
    rows = audit.read(session, "channel:mail")
    assert [row.body for row in rows] == [
        {"channel": "mail", "went": True},
        {"channel": "mail", "went": False},
        {"channel": "mail", "went": False},
    ]


def test_a_password_stands_in_no_audit_row(session: Session) -> None:
    put(session, mail_url="smtps://user:hunter2@mail.example.org")
    (row,) = audit.read(session, f"setting:{channels.MAIL_URL}")
    assert row.body == {"setting": channels.MAIL_URL, "before": "***", "after": "***"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (channels.MAIL_URL, "http://mail"),
        (channels.MAIL_URL, "smtp://host:port"),
        (channels.MAIL_FROM, "nobody"),
        (channels.SMS_URL, "ftp://x"),
        (channels.SMS_URL, "https://user:pw@x"),
        (channels.SMS_HEADER, "no colon"),
        (channels.SMS_HEADER, "A: b\r\nC: d"),
        (channels.SMS_BODY, "{phone}"),
        (channels.SMS_BODY, '{"a": "{phone}"}'),
    ],
)
def test_what_cannot_be_is_refused(session: Session, key: str, value: str) -> None:
    with pytest.raises(settings.BadSetting):
        settings.change(session, key, value, ANNA, NOW)
