"""The press: a few warm child processes that set PDFs and read foreign files, within limits of time and memory.

Setting and reading have children of their own: a batch being printed keeps nobody waiting who uploads (T5, T7).
"""

import atexit
import base64
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CHILD = Path(__file__).with_name("child.py")
_SETS, _READS = "typesetter", "reader"
SECONDS = 20.0
MEGABYTES = 512
RUNS = 500  # then a child is replaced, so that leaks end

QR_PLACE = {"top": 9.0, "right": 20.0, "size": 25.0}  # millimetres from the page's top right corner


class RenderFailed(Exception):
    """No PDF was made. `code`: warnings, failed, memory, too_long, died; `said`: the renderer's words."""

    def __init__(self, code: str, said: tuple[str, ...] = ()) -> None:
        super().__init__(f"{code}: {'; '.join(said)}" if said else code)
        self.code = code
        self.said = said


@dataclass(frozen=True, slots=True)
class Sheet:
    """A PDF as it came from the press. `missing`: characters the fonts lack, printed as 〓."""

    pdf: bytes
    pages: int
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageRead:
    """What was found on one page of a file: codes of ours, and how many others."""

    ours: tuple[str, ...]
    foreign: int = 0


class _Child:
    def __init__(self, trade: str, fonts: Path, megabytes: int) -> None:
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
        self.runs = 0
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(_CHILD), trade, str(fonts), str(megabytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
            encoding="utf-8",
        )

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        late = threading.Event()

        def kill() -> None:
            late.set()
            self.process.kill()

        assert self.process.stdin is not None
        assert self.process.stdout is not None
        timer = threading.Timer(seconds, kill)
        timer.daemon = True
        timer.start()
        try:
            self.process.stdin.write(json.dumps({**request, "seconds": seconds}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except (BrokenPipeError, OSError):
            line = ""
        finally:
            timer.cancel()
        self.runs += 1
        if not line:
            raise RenderFailed("too_long" if late.is_set() or self._ran_out() else "died")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _ran_out(self) -> bool:
        """Whether the CPU limit killed it (SIGXCPU)."""
        return self.process.wait(5) == -24

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # unflushed input of a killed child
                    pipe.close()


class Press:
    """Up to `size` children of each trade, started when first needed; a caller waits for a free one."""

    def __init__(
        self, fonts: Path, *, size: int = 2, seconds: float = SECONDS, megabytes: int = MEGABYTES
    ) -> None:
        self._fonts = fonts
        self._seconds = seconds
        self._megabytes = megabytes
        self.size = size
        self._places: dict[str, queue.LifoQueue[_Child | None]] = {}
        for trade in (_SETS, _READS):
            self._places[trade] = queue.LifoQueue()
            for _ in range(size):
                self._places[trade].put(None)
        atexit.register(self.close)

    def typeset(self, html: str, base: Path) -> Sheet:
        """Render HTML whose files lie below `base` or the fonts folder. Raises `RenderFailed`."""
        answer = self._ask(_SETS, {"do": "typeset", "html": html, "base": str(base)})
        self._raise(answer)
        return Sheet(base64.b64decode(answer["pdf"]), answer["pages"], tuple(answer["missing"]))

    def stamp(self, pdf: bytes, codes: list[str], title: str) -> bytes:
        """Draw one QR code per page at its reserved place, top right. Raises `RenderFailed`."""
        request = {"do": "stamp", "pdf": _packed(pdf), "codes": codes, "title": title, "place": QR_PLACE}
        answer = self._ask(_SETS, request)
        self._raise(answer)
        return base64.b64decode(answer["pdf"])

    def check(self, pdf: bytes, most_pages: int, seconds: float) -> dict[str, Any]:
        """Look into a foreign PDF: its pages and size, or `error`. Raises `RenderFailed` if it breaks us."""
        return self._ask(_READS, {"do": "check", "content": _packed(pdf), "most_pages": most_pages}, seconds)

    def read(
        self, content: bytes, kind: str, first: int = 1, last: int = 1, seconds: float = 10.0
    ) -> list[PageRead]:
        """The codes on pages `first` to `last` of a picture or PDF. Raises `RenderFailed`."""
        request = {"do": "read", "content": _packed(content), "type": kind, "first": first, "last": last}
        answer = self._ask(_READS, request, seconds)
        self._raise(answer)
        return [PageRead(tuple(page["ours"]), page["foreign"]) for page in answer["pages"]]

    def picture(self, content: bytes, kind: str, page: int, width: int, seconds: float = 10.0) -> bytes:
        """A page (from 1) as a JPEG of at most `width` pixels across. Raises `RenderFailed`."""
        request = {"do": "picture", "content": _packed(content), "type": kind, "page": page, "width": width}
        answer = self._ask(_READS, request, seconds)
        self._raise(answer)
        return base64.b64decode(answer["jpeg"])

    def warm(self) -> None:
        """Start one child and let it load the fonts, so that the first person does not wait for that."""
        face = sorted(self._fonts.glob("*.ttf"))
        rules = "".join(f"@font-face {{font-family: w{n}; src: url('{f}')}}" for n, f in enumerate(face))
        lines = "".join(f"<p style='font-family: w{n}'>预热</p>" for n, _ in enumerate(face))
        self.typeset(f"<style>{rules}</style>{lines}", self._fonts)

    def close(self) -> None:
        """End all children that are idle."""
        for places in self._places.values():
            idle: list[_Child | None] = []
            with contextlib.suppress(queue.Empty):
                while True:
                    idle.append(places.get_nowait())
            for child in idle:
                if child is not None:
                    child.end()
                places.put(None)
        atexit.unregister(self.close)

    def _ask(self, trade: str, request: dict[str, Any], seconds: float | None = None) -> dict[str, Any]:
        places = self._places[trade]
        child = places.get()
        keep = False
        try:
            if child is None or child.process.poll() is not None or child.runs >= RUNS:
                if child is not None:
                    child.end()
                child = _Child(trade, self._fonts, self._megabytes)
            answer = child.ask(request, seconds or self._seconds)
            keep = answer.get("error") != "memory"
            return answer
        finally:
            if not keep and child is not None:
                child.end()
            places.put(child if keep else None)

    @staticmethod
    def _raise(answer: dict[str, Any]) -> None:
        if "error" in answer:
            raise RenderFailed(answer["error"], tuple(answer.get("warnings", ())))


def _packed(content: bytes) -> str:
    return base64.b64encode(content).decode()
