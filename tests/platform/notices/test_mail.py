"""E-mail: no password in the clear, no certificate that nobody vouches for, a sender there must be."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from app.platform.notices import mail
from app.platform.notices.mail import Mail, MailRefused
from tests.platform.jobs.certificates import certificate
from tests.platform.jobs.servers import free_port
from tests.platform.notices.conftest import Letters

NOREPLY = "noreply@chengpi.example"


def serve(letters: Letters, **given: Any) -> Controller:
    def let_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"user@x", b"p:w"), handled=False)

    controller = Controller(
        letters, hostname="127.0.0.1", port=free_port(), authenticator=let_in, auth_require_tls=False, **given
    )
    controller.start()
    return controller


@pytest.fixture
def plain() -> Iterator[tuple[Letters, int]]:
    letters = Letters()
    controller = serve(letters)
    yield letters, controller.port
    controller.stop()


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Letters, int, Path]]:
    """A server that offers STARTTLS, and knows a certificate that this machine does not."""
    letters, file = Letters(), certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    controller = serve(letters, tls_context=context)
    monkeypatch.setattr(mail, "is_this_machine", lambda _host: False)
    yield letters, controller.port, file
    controller.stop()


def send(url: str) -> None:
    Mail(url, NOREPLY).send("anna@example.org", "题", "文", "k1")


def test_a_password_of_the_url_signs_in(plain: tuple[Letters, int]) -> None:
    letters, port = plain
    send(f"smtp://user%40x:p%3Aw@127.0.0.1:{port}")
    assert len(letters.kept) == 1
    with pytest.raises(smtplib.SMTPAuthenticationError):
        send(f"smtp://user:wrong@127.0.0.1:{port}")


def test_no_password_goes_over_an_open_line(
    plain: tuple[Letters, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    letters, port = plain
    monkeypatch.setattr(mail, "is_this_machine", lambda _host: False)
    with pytest.raises(MailRefused):
        send(f"smtp://user%40x:p%3Aw@127.0.0.1:{port}")
    assert letters.kept == []


def test_a_certificate_nobody_vouches_for_is_not_believed(sealed: tuple[Letters, int, Path]) -> None:
    letters, port, _ = sealed
    with pytest.raises(ssl.SSLCertVerificationError):
        send(f"smtp://user%40x:p%3Aw@localhost:{port}")
    assert letters.kept == []


def test_starttls_is_used_where_it_is_offered(
    sealed: tuple[Letters, int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    letters, port, file = sealed
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    send(f"smtp://user%40x:p%3Aw@localhost:{port}")
    assert len(letters.kept) == 1


@pytest.mark.parametrize(
    ("url", "sender"),
    [("http://mail.example", NOREPLY), ("smtp://", NOREPLY), ("smtp://mail.example", "nobody")],
)
def test_what_is_no_mail_server_is_refused(url: str, sender: str) -> None:
    with pytest.raises(ValueError, match="mail"):
        Mail(url, sender)
