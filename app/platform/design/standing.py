"""Whether a draft stands still: one that is to be published stays as it is until that is taken back."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.design.publication_entities import Publication

OPEN = ("waiting", "planned")


def stands_still(session: Session, draft: str) -> bool:
    """Whether a publication of the draft waits for its moment, or for another pair of eyes."""
    asked = select(Publication.id).where(Publication.draft_id == draft, Publication.state.in_(OPEN))
    return session.scalar(asked) is not None
