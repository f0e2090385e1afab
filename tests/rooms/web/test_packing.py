"""What goes over the wire is compressed: static files always, pages where nobody else can have asked (0029)."""

from __future__ import annotations

import gzip
import os

import pytest
from flask import Flask

TAKES = {"Accept-Encoding": "gzip, br"}
OVER_TLS = {"base_url": "https://localhost"}


def test_a_static_file_goes_out_as_it_was_packed(app: Flask) -> None:
    client = app.test_client()
    plain = client.get("/static/chengpi.css?v=1", buffered=True)
    packed = client.get("/static/chengpi.css?v=1", headers=TAKES, buffered=True)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.mimetype == plain.mimetype == "text/css"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.vary
        assert "immutable" in answer.headers["Cache-Control"]
    again = client.get(
        "/static/chengpi.css", headers={**TAKES, "If-None-Match": packed.headers["ETag"]}, buffered=True
    )
    assert again.status_code == 304


@pytest.mark.parametrize("seconds", [-10, 0, 10])
def test_a_file_that_has_changed_since_is_not_sent_as_it_was(
    app: Flask, tmp_path, monkeypatch, seconds: int
) -> None:
    """Whatever the times say: a release that is copied has new ones, one that is unpacked has old ones."""
    monkeypatch.setattr(app, "static_folder", str(tmp_path))
    file, packed = tmp_path / "a.css", tmp_path / "a.css.gz"
    packed.write_bytes(gzip.compress(b"old"))
    for text, coding in ((b"new", None), (b"old", "gzip")):
        file.write_bytes(text)
        then = packed.stat().st_mtime + seconds
        os.utime(file, (then, then))
        answer = app.test_client().get("/static/a.css", headers=TAKES, buffered=True)
        assert answer.headers.get("Content-Encoding") == coding
        assert (gzip.decompress(answer.data) if coding else answer.data) == text


@pytest.mark.parametrize(
    "path", ["/static/nothing.css", "/static/../pages.py", "/static/%2e%2e/packing.py", "/static/a%00"]
)
def test_what_is_not_there_is_not_there(app: Flask, path: str) -> None:
    assert app.test_client().get(path, headers=TAKES).status_code == 404


@pytest.mark.parametrize(
    ("site", "over", "is_packed"),
    [
        ("same-origin", OVER_TLS, True),
        ("none", OVER_TLS, True),
        ("cross-site", OVER_TLS, False),
        ("same-site", OVER_TLS, False),
        (None, OVER_TLS, False),
        ("cross-site", {}, True),
        (None, {}, True),
    ],
)
def test_a_page_that_another_site_asks_for_keeps_its_length(app: Flask, site, over, is_packed) -> None:
    headers = {**TAKES, **({"Sec-Fetch-Site": site} if site else {})}
    answer = app.test_client().get("/login", headers=headers, **over)
    assert answer.status_code == 200
    assert (answer.headers.get("Content-Encoding") == "gzip") is is_packed
    body = gzip.decompress(answer.data) if is_packed else answer.data
    assert b"</html>" in body
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert {"Accept-Encoding", "Sec-Fetch-Site"} <= set(answer.vary)


def test_who_does_not_take_it_gets_it_plain_and_an_error_is_packed_too(app: Flask) -> None:
    client = app.test_client()
    assert "Content-Encoding" not in client.get("/login", headers={"Accept-Encoding": "gzip;q=0"}).headers
    lost = client.get("/nowhere", headers=TAKES)
    assert (lost.status_code, lost.headers["Content-Encoding"]) == (404, "gzip")
