"""Alembic's way in: the application's own engine and metadata, one transaction for all steps."""

from alembic import context
from flask import current_app
from sqlalchemy import TypeDecorator

database = current_app.extensions["migrate"].db


def _without_empty(_context, _revision, directives) -> None:
    """Write no revision that changes nothing."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def _plainly(kind, thing, _context):
    """Write our own column types as what the database knows, so that a revision never imports the house."""
    if kind == "type" and isinstance(thing, TypeDecorator):
        return f"sa.{thing.impl!r}"
    return False


with database.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        render_item=_plainly,
        process_revision_directives=_without_empty,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":  # an index over ten million rows takes its time
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL lock_timeout = '30s'")
        context.run_migrations()
    connection.commit()
