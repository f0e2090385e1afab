"""Uploads screened by a clamd: found is refused, away is refused too, and nothing passes unseen (T5)."""

from __future__ import annotations

import io
import logging
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin
from sqlalchemy.orm import Session

from app.config import Config, Misconfigured
from app.platform import documents
from app.platform.documents import Clamd, Settings, UploadRefused, check_upload
from app.platform.registry import Acting
from tests.empty_world import MONDAY

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PNG = frozenset({"image/png"})


class FakeClamd:
    """Speaks INSTREAM as clamd does, knows one virus, and notes how much it was sent."""

    def __init__(self, address: str) -> None:
        self.server = socket.socket(socket.AF_UNIX if address.startswith("/") else socket.AF_INET)
        self.server.bind(address if address.startswith("/") else ("127.0.0.1", 0))
        self.server.listen()
        self.address = address if address.startswith("/") else f"127.0.0.1:{self.server.getsockname()[1]}"
        self.sent: list[int] = []
        self.says: bytes | None = None
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while length := struct.unpack("!I", stream.read(4))[0]:
                    content += stream.read(length)
                self.sent.append(len(content))
                found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
                connection.sendall(found if self.says is None else self.says)


@pytest.fixture(params=["unix", "tcp"])
def clamd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FakeClamd]:
    fake = FakeClamd(str(tmp_path / "clamd.ctl") if request.param == "unix" else "tcp")
    yield fake
    fake.server.close()


@pytest.fixture
def screened(place: Settings, clamd: FakeClamd) -> Iterator[FakeClamd]:
    documents.use(replace(place, scanner=Clamd(clamd.address, seconds=1)))
    yield clamd
    documents.use(place)


def png(text: str = "") -> bytes:
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", text)
    out = io.BytesIO()
    Image.effect_noise((300, 400), 80).save(out, "PNG", pnginfo=said)
    return out.getvalue()


def test_what_is_clean_is_stored_as_screened(screened: FakeClamd, session: Session, place: Settings) -> None:
    content = png()
    received = check_upload("a.png", content, PNG)
    assert screened.sent == [len(content)]  # as it came, not as it was made anew
    file = documents.store(session, place.storage, received, Acting("p", "甲", "a"), MONDAY, purpose="scan")
    facts = documents.facts(session, file)
    assert facts is not None
    assert facts.screened


def test_what_is_found_is_refused_and_named_in_the_log_alone(
    screened: FakeClamd, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(UploadRefused) as refused:
        check_upload("a.png", png(EICAR.decode()), PNG)
    assert refused.value.code == "infected"
    assert "Eicar" not in str(refused.value)
    assert "Eicar-Test-Signature" in caplog.text


@pytest.mark.parametrize(
    "said", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK", b"nonsense\0", b"x" * 9000]
)
def test_a_clamd_that_did_not_look_lets_nothing_pass(screened: FakeClamd, said: bytes) -> None:
    screened.says = said
    if said == b"stream: OK":  # without its end, but the whole verdict
        assert check_upload("a.png", png(), PNG).is_screened
        return
    with pytest.raises(UploadRefused, match="unscreened"):
        check_upload("a.png", png(), PNG)


def test_a_clamd_that_is_away_is_said_so(place: Settings, tmp_path: Path) -> None:
    for address in (str(tmp_path / "nobody.ctl"), "127.0.0.1:9"):
        documents.use(replace(place, scanner=Clamd(address)))
        with pytest.raises(UploadRefused, match="unscreened"):
            check_upload("a.png", png(), PNG)
    documents.use(place)


def test_a_clamd_that_hangs_is_not_waited_for(place: Settings, tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        documents.use(replace(place, scanner=Clamd(f"127.0.0.1:{silent.getsockname()[1]}", seconds=0.3)))
        with pytest.raises(UploadRefused, match="unscreened"):
            check_upload("a.png", png(), PNG)
    documents.use(place)


def test_without_a_clamd_nothing_is_screened_and_the_facts_say_so(place: Settings) -> None:
    assert not check_upload("a.png", png(), PNG).is_screened


def test_the_setting_names_a_socket_or_a_port(tmp_path: Path) -> None:
    def config(**given: str) -> Config:
        return Config.from_environment({"CHENGPI_INSTANCE": str(tmp_path), "CHENGPI_TESTING": "1", **given})

    assert config().documents().scanner is None
    assert config(CHENGPI_CLAMD="clamav:3310").documents().scanner == Clamd("clamav:3310")
    with pytest.raises(Misconfigured):
        config(CHENGPI_CLAMD="clamav")
