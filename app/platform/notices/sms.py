"""Text messages: the port a gateway plugs into, and the file that stands in for one."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import orjson


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
