"""Taking an import back as a whole, as long as nobody it entered has come in and nothing was built on it."""

from __future__ import annotations

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from app.platform import audit
from app.platform.identity.entities import Account, HeldPost, Person, Unit
from app.platform.registry import Refused
from app.platform.sheets import Intake

USED = (
    "其中有{number}人已登录，不能撤销这次导入。",
    "{number} of them have signed in: the import stays as it is.",
)
POSTED = (
    "其中有{number}人后来又被授予了岗位，不能撤销这次导入。",
    "{number} of them were given posts since: the import stays as it is.",
)
BUILT_ON = (
    "导入的数据已被使用（例如已发送初始密码、已有业务记录），不能撤销这次导入。",
    "What was imported is in use (first passwords were sent, or there are records): it stays as it is.",
)
LIVED_IN = (
    "导入的单位下已有其他单位、人员或岗位，不能撤销这次导入。",
    "There are units, people or posts in the imported units: the import stays as it is.",
)


def undo_people(intake: Intake) -> None:
    """Delete the people, accounts and posts that are new; posts of people known before end. Raises `Refused`."""
    session, record = intake.session, intake.record
    own = select(Person.id).where(Person.import_id == record)
    signed = session.scalar(
        select(func.count()).where(Account.import_id == record, Account.first_sign_in_at.is_not(None))
    )
    if signed:
        raise Refused(*(words.format(number=signed) for words in USED))
    posted = session.scalar(
        select(func.count()).where(HeldPost.person_id.in_(own), HeldPost.import_id.is_distinct_from(record))
    )
    if posted:
        raise Refused(*(words.format(number=posted) for words in POSTED))
    quiet = {"synchronize_session": False}
    try:
        with session.begin_nested():
            session.execute(delete(HeldPost).where(HeldPost.person_id.in_(own)), execution_options=quiet)
            session.execute(delete(Account).where(Account.import_id == record), execution_options=quiet)
            session.execute(delete(Person).where(Person.import_id == record), execution_options=quiet)
    except IntegrityError as error:
        raise Refused(*BUILT_ON) from error
    session.execute(
        update(HeldPost)
        .where(HeldPost.import_id == record, HeldPost.ended_at.is_(None))
        .values(ended_at=intake.now, ended_by=intake.by.person),
        execution_options=quiet,
    )
    audit.log(session, "identity", "people.import_undone", intake.by, intake.now, {}, record)


def undo_units(intake: Intake) -> None:
    """Delete the units that are new, unless anything lies in them. Raises `Refused`."""
    session, record = intake.session, intake.record
    child = aliased(Unit)
    lived_in = or_(
        exists().where(child.parent_id == Unit.id, child.import_id.is_distinct_from(record)),
        exists().where(Person.place == Unit.path),
        exists().where(HeldPost.place == Unit.path),
    )
    if session.scalar(select(func.count()).where(Unit.import_id == record, lived_in)):
        raise Refused(*LIVED_IN)
    try:
        with session.begin_nested():
            paths = select(Unit.id).where(Unit.import_id == record).order_by(func.length(Unit.path).desc())
            for unit in session.scalars(paths).all():  # those below first
                session.execute(
                    delete(Unit).where(Unit.id == unit), execution_options={"synchronize_session": False}
                )
    except IntegrityError as error:
        raise Refused(*LIVED_IN) from error
    audit.log(session, "identity", "units.import_undone", intake.by, intake.now, {}, record)


def count_people(session: Session, record: str) -> int:
    """How many people carry this import."""
    return session.scalar(select(func.count()).where(Person.import_id == record)) or 0


def count_units(session: Session, record: str) -> int:
    """How many units carry this import."""
    return session.scalar(select(func.count()).where(Unit.import_id == record)) or 0
