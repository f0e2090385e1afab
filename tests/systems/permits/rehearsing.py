"""What the tests beside the diagrams of permits need: a project one can declare for, and two codes that are known."""

from __future__ import annotations

from sqlalchemy import select, update

from app.platform.data import sealing, transaction
from app.systems.permits.entities import Authorisation
from tests.systems.permits.declaring import CLOSES, Contest
from tests.world import World

CODES = ("REHEARSE2222", "REHEARSE3333")


def arrange(world: World) -> None:
    """Open the project's window and issue the codes."""
    contest = Contest(world)
    contest.window(declare_to=CLOSES)
    contest.issue(len(CODES))
    with world.session() as session, transaction(session):
        issued = session.scalars(select(Authorisation.id).order_by(Authorisation.id)).all()
        for code, authorisation in zip(CODES, issued, strict=True):
            known = {"code": code, "code_hash": sealing.digest("permits.code", code)}
            session.execute(update(Authorisation).where(Authorisation.id == authorisation).values(**known))
