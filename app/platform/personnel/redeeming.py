"""Redeeming a permission code: the post, and with it at once what nobody could answer before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.platform.identity import permission_codes
from app.platform.personnel import taking_over
from app.platform.registry import Acting


def redeem(session: Session, text: str, by: Acting, address: str, now: datetime) -> taking_over.Given:
    """Take the post as `permission_codes.redeem` does, and offer its holder what waits for it; he is told."""
    offered = 0

    def offer(post: str) -> None:
        nonlocal offered
        offered = taking_over.offer(session, post, taking_over.NOBODY, now)

    post = permission_codes.redeem(session, text, by, address, now, offer)
    return taking_over.Given(post, offered)
