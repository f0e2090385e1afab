"""Contents of drafts' files: judged by name and size, and kept once under their hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.platform.design.entities import Content
from app.platform.design.errors import Rejected
from app.platform.engine.front import LARGEST_FILE
from app.platform.registry import Words

FILE: Final = re.compile(r"(?:[\w-]+/){0,4}[\w.-]+\.(?:bpmn|bpmn20\.xml|dmn|json|html|rehearsals)")
MOST_FILES: Final = 100
LARGEST_DRAFT: Final = 8 * 1024 * 1024
LONGEST_NAME: Final = 200


def put(session: Session, files: Mapping[str, bytes], now: datetime) -> dict[str, str]:
    """Keep contents under their hashes; return name -> hash. Raises `Rejected`."""
    judge(files)
    insert_or = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    for name, digest in sorted(hashes.items(), key=lambda pair: pair[1]):
        session.execute(
            insert_or(Content)
            .values(hash=digest, content=files[name], used_at=now)
            .on_conflict_do_update(index_elements=["hash"], set_={"used_at": now})
        )
    return hashes


def judge(files: Mapping[str, bytes]) -> None:
    """Raise `Rejected` where a file cannot be kept: its name, its size, their number, all together."""
    judge_names(files)
    for name, content in files.items():
        if len(content) > LARGEST_FILE:
            words = Words(
                f"文件“{name}”超过 {LARGEST_FILE // 1024} kB",
                f"“{name}” is larger than {LARGEST_FILE // 1024} kB",
            )
            raise Rejected(words, name)
    if sum(map(len, files.values())) > LARGEST_DRAFT:
        raise Rejected(Words("全部文件合计超过 8 MB", "The files together are larger than 8 MB"))


def judge_names(names: Iterable[str]) -> None:
    """Raise `Rejected` for a name that no file may have, or too many of them."""
    given = list(names)
    for name in given:
        if not FILE.fullmatch(name) or len(name) > LONGEST_NAME:
            words = Words(f"文件名“{name[:60]}”不能使用", f"“{name[:60]}” cannot be a file's name")
            raise Rejected(words, name[:60])
    if len(given) > MOST_FILES:
        raise Rejected(Words(f"最多 {MOST_FILES} 个文件", f"At most {MOST_FILES} files"))
