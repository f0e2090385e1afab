"""What posts of delegates are held for: one candidate, called by his congress; who he is, the post's person says."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.registry import Hooks, Words
from app.systems.delegates.entities import Candidate, Congress
from app.systems.delegates.roles import CANDIDATE


def plug(hooks: Hooks) -> None:
    """Enter it into the hooks of delegates; none are offered: recommending somebody gives the post (D-17)."""
    hooks.subject(CANDIDATE, Words("被推荐人", "Candidate"))(names)


def names(session: Session, candidates: Sequence[str]) -> dict[str, Words]:
    """Name the congress of each candidate."""
    found = session.execute(
        select(Candidate.id, Congress.name)
        .join(Congress, Congress.id == Candidate.congress_id)
        .where(Candidate.id.in_(candidates))
    )
    return {row.id: Words(row.name, row.name) for row in found}
