"""What clamd says of a file, and that silence is not taken for clean."""

from __future__ import annotations

import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import Config, Misconfigured
from app.platform.documents import Clamd, ScannerAway

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Daemon(socketserver.StreamRequestHandler):
    """As much of clamd as INSTREAM needs."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
        if content == b"slow":
            time.sleep(1)
        answer = {b"large": b"INSTREAM size limit exceeded. ERROR\0", b"gone": b""}.get(content)
        if answer is None:
            answer = b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
        self.wfile.write(answer)


@pytest.fixture(params=["tcp", "unix"])
def clamd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clamd]:
    path = str(tmp_path / "clamd.sock")
    server = (
        socketserver.ThreadingTCPServer(("127.0.0.1", 0), Daemon)
        if request.param == "tcp"
        else socketserver.ThreadingUnixStreamServer(path, Daemon)
    )
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign,assignment]  # who asked has hung up
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    address = f"127.0.0.1:{server.server_address[1]}" if request.param == "tcp" else path
    yield Clamd(address, seconds=0.5)
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_virus_is_named_and_what_is_clean_passes(clamd: Clamd) -> None:
    assert clamd.look(EICAR) == "Eicar-Signature"
    assert clamd.look(b"x" * 600_000 + EICAR) == "Eicar-Signature"
    assert clamd.look(b"x" * 600_000) is None
    assert clamd.look(b"") is None


@pytest.mark.parametrize("content", [b"large", b"gone", b"slow"])
def test_what_nobody_looked_into_is_not_clean(clamd: Clamd, content: bytes) -> None:
    with pytest.raises(ScannerAway):
        clamd.look(content)


@pytest.mark.parametrize("address", ["127.0.0.1:9", "/nowhere/clamd.sock"])
def test_a_scanner_that_is_away_says_so(address: str) -> None:
    with pytest.raises(ScannerAway):
        Clamd(address, seconds=0.5).look(b"x")


@pytest.mark.parametrize("address", ["localhost", ":3310", "host:", "host:x"])
def test_an_address_that_is_none_is_named(address: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="CHENGPI_CLAMD"):
        Config.from_environment({"CHENGPI_INSTANCE": str(tmp_path), "CHENGPI_CLAMD": address})
