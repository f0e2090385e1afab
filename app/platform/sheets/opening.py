"""Opening a foreign workbook in a child process: its head and how many rows, or its rows one after the other."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from app.platform.sheets.inspecting import inspect
from app.platform.sheets.refusing import SheetRefused
from app.platform.sheets.unpacker import STRINGS

Cells = list[Any]
Line = tuple[int, Cells]
_CHILD = Path(__file__).with_name("unpacker.py")
MEGABYTES = 900  # of address space; 100,000 rows of 12 columns take about 120 of memory
SECONDS = 20  # of CPU, to look at the head; and of the clock
ALL_SECONDS = 60  # of CPU, to read it all


def head(content: bytes, most: int) -> tuple[Cells, int]:
    """The first row that holds anything, and how many come below it. Raises `SheetRefused`."""
    inspect(content)
    with _child(content, most, "head", SECONDS) as process:
        timer = threading.Timer(SECONDS, process.kill)
        timer.daemon = True
        timer.start()
        try:
            lines = list(_lines(process, most))
        finally:
            timer.cancel()
    first = next((line for line in lines if isinstance(line, list)), None)
    if first is None:
        raise SheetRefused("blank")
    return first[1], lines[-1]["end"] - 1


@contextmanager
def rows(content: bytes, most: int) -> Iterator[Iterator[Line]]:
    """All rows below the head that hold anything, with their numbers in the workbook. Raises `SheetRefused`."""
    inspect(content)
    with _child(content, most, "rows", ALL_SECONDS) as process:
        lines = ((line[0], line[1]) for line in _lines(process, most) if isinstance(line, list))
        next(lines, None)
        yield lines


def _lines(process: subprocess.Popen[bytes], most: int) -> Iterator[Any]:
    assert process.stdout is not None
    for text in process.stdout:
        line = orjson.loads(text)
        if isinstance(line, dict) and "error" in line:
            counts = {"rows": {"most": most}, "strings": {"most": STRINGS}}
            raise SheetRefused(line["error"], **counts.get(line["error"], {}))
        yield line
        if isinstance(line, dict):
            return
    process.wait()
    raise SheetRefused("too_long" if process.returncode in (-9, -24) else "bomb")


@contextmanager
def _child(content: bytes, most: int, what: str, seconds: int) -> Iterator[subprocess.Popen[bytes]]:
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        [sys.executable, "-I", str(_CHILD), str(MEGABYTES), str(seconds), str(most), what],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(content)
            process.stdin.close()
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        with contextlib.suppress(OSError):
            process.stdin.close()
