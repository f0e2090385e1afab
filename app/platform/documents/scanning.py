"""Looking for viruses in what is uploaded: a port, and clamd behind it (INSTREAM, clamd(8)). Off unless configured."""

from __future__ import annotations

import logging
import socket
import struct
from contextlib import closing
from typing import Protocol

SECONDS = 20.0
PIECE = 1 << 18

_log = logging.getLogger(__name__)


class ScannerAway(Exception):
    """Nobody looked into the file; it must not be taken for clean."""


class Scanner(Protocol):
    """Something that knows viruses."""

    def look(self, content: bytes) -> str | None:
        """The name of what was found, or None. Raises `ScannerAway`."""


class Clamd:
    """The daemon of ClamAV, at `host:port` or at the path of its socket. Raises `ValueError` for neither."""

    def __init__(self, address: str, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._path: str | None = None
        if address.startswith("/"):
            self._path = address
        else:
            host, colon, port = address.rpartition(":")
            if not colon or not host or not port.isdecimal():
                raise ValueError(f"neither host:port nor a path: {address}")
            self._host, self._port = host.strip("[]"), int(port)

    def look(self, content: bytes) -> str | None:
        """Hand the content over in pieces and read the verdict. Raises `ScannerAway`."""
        try:
            with closing(self._call()) as line:
                line.sendall(b"zINSTREAM\0")
                for start in range(0, len(content), PIECE):
                    piece = content[start : start + PIECE]
                    line.sendall(struct.pack("!L", len(piece)) + piece)
                line.sendall(struct.pack("!L", 0))
                said = self._answer(line)
        except OSError as error:
            _log.warning("clamd is away: %s", type(error).__name__)
            raise ScannerAway from error
        if said == "stream: OK":
            return None
        if said.startswith("stream: ") and said.endswith(" FOUND"):
            found = said.removeprefix("stream: ").removesuffix(" FOUND")
            _log.warning("clamd found %s", found)
            return found
        _log.warning("clamd says %r", said[:200])  # too large for it, for one: not looked into, so not clean
        raise ScannerAway(said[:200])

    def _call(self) -> socket.socket:
        if self._path is None:
            return socket.create_connection((self._host, self._port), self._seconds)
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(self._seconds)
        try:
            line.connect(self._path)
        except OSError:
            line.close()
            raise
        return line

    @staticmethod
    def _answer(line: socket.socket) -> str:
        said = b""
        while b"\0" not in said and len(said) < 4096:
            more = line.recv(4096)
            if not more:
                break
            said += more
        return said.partition(b"\0")[0].decode("utf-8", "replace").strip()
