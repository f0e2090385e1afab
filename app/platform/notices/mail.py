"""E-mail by SMTP: one plain text message to one person."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from app.platform.notices.addresses import is_this_machine

SECONDS = 10.0
PORTS = {"smtp": 25, "smtps": 465}


class MailRefused(Exception):
    """The mail server cannot be used as configured."""


@dataclass(frozen=True, slots=True)
class Mail:
    """`url`: `smtp://[user:password@]host[:port]` (STARTTLS where offered) or `smtps://…` (TLS from the start).

    `sender`: the address in From, with a name before it if one likes. Raises `ValueError` for anything else.
    """

    url: str = field(repr=False)  # it may hold a password
    sender: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("a mail server is smtp://[user:password@]host[:port] or smtps://…")
        if "@" not in parseaddr(self.sender)[1]:
            raise ValueError("mail needs a sender's address")

    @property
    def target(self) -> str:
        """The server, as one says it."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    def send(self, to: str, title: str, text: str, key: str) -> None:
        """Send, within 10 s per answer of the server. `key` makes the message's id: a second try is recognisable.

        Raises `MailRefused`, `smtplib.SMTPException`, `OSError`.
        """
        message = EmailMessage()
        name, address = parseaddr(self.sender)
        message["From"] = Address(name, addr_spec=address)
        message["To"] = Address(addr_spec=to)
        message["Subject"] = " ".join(title.split())
        message["Message-ID"] = f"<{key}@{address.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        with self._server() as server:
            server.send_message(message)

    def _server(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        context = ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=SECONDS)
        try:
            self._enter(server, parts.username, parts.password, context, host)
        except BaseException:
            server.close()
            raise
        return server

    @staticmethod
    def _enter(
        server: smtplib.SMTP, user: str | None, password: str | None, context: ssl.SSLContext, host: str
    ) -> None:
        is_safe = isinstance(server, smtplib.SMTP_SSL) or is_this_machine(host)
        server.ehlo()
        if not isinstance(server, smtplib.SMTP_SSL) and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
            is_safe = True
        if user:
            if not is_safe:
                raise MailRefused("the server offers no TLS: no password is sent to it")
            server.login(unquote(user), unquote(password or ""))
