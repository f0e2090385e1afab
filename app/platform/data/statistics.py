"""What PostgreSQL knows of its tables: told anew while one import makes a small table a large one."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.platform.data.base import Base
from app.platform.data.transaction import transaction


def refresh(session: Session, entities: Iterable[type[Base]]) -> None:
    """Have the planner count the rows of these tables again, in a transaction of its own.

    Until the server's own housekeeping comes by, which takes minutes, it plans as if they were as small as before
    and reads them whole for each chunk. SQLite plans by what indexes there are, and is asked nothing.
    """
    bind = session.get_bind()
    names = [bind.dialect.identifier_preparer.quote(entity.__tablename__) for entity in entities]
    if bind.dialect.name == "postgresql" and names:
        with transaction(session):
            session.execute(text("ANALYZE " + ", ".join(names)))
