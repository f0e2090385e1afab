"""Places by name in a rehearsal: what a place is called, so that typing it again means the same one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from app.platform.data.ids import LENGTH
from app.platform.design.cast import code_of, path_of
from app.platform.design.moves import BadMove
from app.platform.identity.entities import Region, Unit
from app.platform.identity.messages import Refusal
from app.platform.registry import Words
from app.platform.runtime import places

_WITH_CODE: Final = re.compile(r".*[（(](?P<code>\w+)[）)]", re.ASCII)


def called(session: Session, paths: Iterable[str]) -> dict[str, str]:
    """Places by code, each by its name; by name and code where several are called so. Three statements at most."""
    names = {code_of(path): name for path, name in places.offices_of(session, paths).items()}
    wanted = sorted(set(names.values()))
    same = union_all(
        select(Region.name).where(Region.name.in_(wanted)), select(Unit.name).where(Unit.name.in_(wanted))
    )
    times = Counter(session.scalars(same)) if wanted else Counter[str]()
    return {
        code: f"{name}（{code}）" if times[name] > 1 else name or code
        for code, name in sorted(names.items(), key=lambda one: one[0])
    }


def name_of(session: Session, code: str) -> str:
    """What one place is called; its code where there is none of it."""
    if not code:
        return ""
    try:
        return called(session, [path_of(session, code)]).get(code, code)
    except Refusal:
        return code


def code(session: Session, text: str) -> str:
    """The code of a place named by its name, its code, its id or both. Raises `BadMove`."""
    if not text or text.isdigit() or len(text) == LENGTH:
        return text
    if with_code := _WITH_CODE.fullmatch(text):
        return with_code["code"]
    whole = session.scalars(select(Region.code).where(Region.full_name == text).limit(2)).all()
    found = (
        whole
        or session.scalars(
            union_all(
                select(Region.code).where(Region.name == text), select(Unit.id).where(Unit.name == text)
            )
        ).all()
    )
    if not found:
        raise BadMove(Words(f"没有地区或单位叫“{text[:40]}”", f"No region or unit is called “{text[:40]}”"))
    if len(found) > 1:
        raise BadMove(
            Words(
                f"有 {len(found)} 个地区或单位叫“{text[:40]}”，请从列表中选择，或填写代码",
                f"{len(found)} regions or units are called “{text[:40]}”: choose from the list, or give the code",
            )
        )
    return str(found[0])
