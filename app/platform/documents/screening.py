"""Screening uploads for viruses: clamd's INSTREAM over a socket. Off unless the installation names a clamd."""

from __future__ import annotations

import logging
import re
import socket
import struct
from dataclasses import dataclass
from typing import Protocol

BLOCK = 1 << 16
_log = logging.getLogger(__name__)


class Infected(Exception):
    """Something was found; what it is called stands in the log and nowhere else."""


class ScannerAway(Exception):
    """Nobody has looked: the scanner does not answer, or gave it up."""


class Scanner(Protocol):
    """Looks into what was uploaded."""

    def screen(self, content: bytes) -> None:
        """Return if nothing was found. Raises `Infected`, `ScannerAway`."""


@dataclass(frozen=True, slots=True)
class Clamd:
    """A clamd at `/path/of/its.socket` or `host:port`; `seconds` is how long one answer may take."""

    address: str
    seconds: float = 15.0

    def screen(self, content: bytes) -> None:
        """Send the content and read the verdict. Raises `Infected`, `ScannerAway`."""
        try:
            with self._connected() as connection:
                connection.sendall(b"zINSTREAM\0")
                for start in range(0, len(content), BLOCK):
                    block = content[start : start + BLOCK]
                    connection.sendall(struct.pack("!I", len(block)) + block)
                connection.sendall(struct.pack("!I", 0))
                answer = _all(connection)
        except OSError as error:
            _log.warning("clamd is away: %s", type(error).__name__)
            raise ScannerAway from error
        if answer == "stream: OK":
            return
        if found := re.fullmatch(r"stream: (.{1,200}) FOUND", answer):
            _log.warning("upload refused: %s", found[1])
            raise Infected
        _log.warning("clamd gave up: %s", answer[:200])
        raise ScannerAway

    def _connected(self) -> socket.socket:
        if self.address.startswith("/"):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(self.seconds)
            try:
                connection.connect(self.address)
            except OSError:
                connection.close()
                raise
            return connection
        host, _, port = self.address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=self.seconds)


def _all(connection: socket.socket) -> str:
    """What is answered, up to its end or 4 kB."""
    answer = b""
    while len(answer) < 4096 and not answer.endswith(b"\0"):
        block = connection.recv(4096)
        if not block:
            break
        answer += block
    return answer.rstrip(b"\0\n").decode(errors="replace")
