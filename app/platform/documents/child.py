"""A child process of the press: no keys, no database, bounded in all; it sets PDFs or reads foreign files.

Run as a file (`python -I child.py <typesetter|reader> <fonts folder> <megabytes>`), never imported by the house: it
imports nothing of it but the trade named, so a child starts fast and knows no secrets. One JSON object per line in,
one per line out.
"""

import importlib.util
import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def learn(trade: str) -> Callable[[dict[str, Any], Path], dict[str, Any]]:
    """The `answer` of the module of this name beside this file."""
    found = importlib.util.spec_from_file_location(trade, Path(__file__).with_name(f"{trade}.py"))
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    answer: Callable[[dict[str, Any], Path], dict[str, Any]] = module.answer
    return answer


def main(trade: str, fonts: str, megabytes: str) -> None:
    """Answer until the parent closes the pipe, which it also does by dying."""
    limit = int(megabytes) << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    answer = learn(trade)
    for line in sys.stdin:
        request = json.loads(line)
        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        resource.setrlimit(resource.RLIMIT_CPU, (int(used + request["seconds"]) + 1, resource.RLIM_INFINITY))
        try:
            reply = answer(request, Path(fonts))
        except MemoryError:
            reply = {"error": "memory"}
        except Exception as error:
            reply = {"error": "failed", "warnings": [f"{type(error).__name__}: {error}"[:300]]}
        json.dump(reply, replies)
        replies.write("\n")
        replies.flush()


if __name__ == "__main__":
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    main(*sys.argv[1:])
