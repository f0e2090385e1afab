"""What permits forgets of a case whose time is over: what people told of themselves, of a team and its members."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from app.platform.registry import Hooks, Words
from app.platform.runtime.entities import Instance
from app.systems.permits import declarations, summaries, verbs
from app.systems.permits.entities import Application, Declaration, Member, Profile

FOUND = Words("编号、区县、项目、类别和组别", "Number, district, project, category and group")
DATES = Words(
    "申请的区县、项目和时间；办结后又修改过的建档资料",
    "District, project and dates of the application; a profile that was saved after the end",
)
FILED = Words("汇总表的区县、项目和时间", "District, project and dates of the summary")
Other = aliased(Application)


def plug(hooks: Hooks) -> None:
    """Enter it into the hooks of permits."""
    hooks.forget(verbs.PROCESS, DATES)(application)
    hooks.forget(declarations.PROCESS, FOUND)(declaration)
    hooks.forget(summaries.PROCESS, FILED)(summary)


def application(session: Session, instance: str, now: datetime) -> None:
    """Forget the profile as printed; and the profile itself, unless another case of the person's needs it.

    One that was saved after this case had ended is kept for what comes. An empty snapshot is one all the same: the page
    of the case shows nothing, and not what the person has filed since.
    """
    quiet = {"synchronize_session": False}
    person = session.scalar(select(Application.person_id).where(Application.instance_id == instance))
    session.execute(
        update(Application).where(Application.instance_id == instance).values(snapshot={}, scan_id=None),
        execution_options=quiet,
    )
    ended = session.scalar(select(Instance.ended_at).where(Instance.id == instance))
    needed = exists().where(
        Other.person_id == person,
        Other.instance_id != instance,
        Instance.id == Other.instance_id,
        Instance.record_key.is_not(None),
    )
    old = (Profile.person_id == person, Profile.saved_at <= ended, ~needed)
    session.execute(delete(Profile).where(*old), execution_options=quiet)
    session.expire_all()


def declaration(session: Session, instance: str, now: datetime) -> None:
    """Forget the team: its school, coach, members and papers, and what was said of it."""
    quiet = {"synchronize_session": False}
    mine = select(Declaration.id).where(Declaration.instance_id == instance)
    session.execute(delete(Member).where(Member.declaration_id.in_(mine)), execution_options=quiet)
    gone = dict.fromkeys(("team_name", "school", "coach", "coach_phone", "about", "recommendation"))
    session.execute(
        update(Declaration).where(Declaration.instance_id == instance).values(attachments=[], **gone),
        execution_options=quiet,
    )
    session.expire_all()


def summary(session: Session, instance: str, now: datetime) -> None:
    """A summary is made of declarations and keeps nothing of people itself; its file goes with the case."""
